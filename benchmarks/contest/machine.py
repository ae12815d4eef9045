"""The environment of the peers, and what machine the figures are of."""

# ruff: noqa: PLC0415 - only the process that needs a library loads it

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-peers"
PEERS = (
    "igraph",
    "networkit",
    "networkx",
    "osmnx",
    "pandana",
    "pyvalhalla-weekly",
    "rustworkx",
    "scikit-learn",
    "scipy",
)
SHOWN = (*PEERS, "geopandas", "numba", "numpy", "osmium", "shapely")


def python_of_peers() -> Path:
    """The interpreter of ``.venv-peers``; the environment is made if it is not there."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / ".installed"
    wanted = " ".join(PEERS)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-e", f"{ROOT}[parquet]", *PEERS], check=True)
    stamp.write_text(wanted, encoding="utf-8")
    return python


def description() -> dict[str, str]:
    """The machine, for whoever reads the figures."""
    from importlib.metadata import version

    cpu = platform.processor()
    caches = []
    for line in _output("lscpu").splitlines():
        name, _, value = line.partition(":")
        if name == "Model name":
            cpu = value.strip()
        if name.strip() in ("L2 cache", "L3 cache"):
            caches.append(f"{name.strip()[:2]} {value.split('(')[0].strip()}")
    memory = Path("/proc/meminfo").read_text(encoding="utf-8").split()[1]
    return {
        "processor": f"{cpu}, {os.cpu_count()} cores ({', '.join(caches)}), a virtual machine"
        if "hypervisor" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
        else f"{cpu}, {os.cpu_count()} cores ({', '.join(caches)})",
        "memory": f"{int(memory) / 2**20:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {version(name)}" for name in sorted(SHOWN)),
        "commit": _output("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
    }


def now() -> dict[str, str]:
    """Date and load of the moment."""
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    return {"date": time.strftime("%Y-%m-%d %H:%M", time.localtime()), "load": load}


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
