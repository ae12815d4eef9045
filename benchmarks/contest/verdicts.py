"""What was to be shown, and whether the figures show it."""

from __future__ import annotations

import math
from typing import Any

Figures = dict[str, Any]

TOLERANCE_S = 0.5
"""pandana counts in whole milliseconds, edge by edge."""


def agrees(answer: Figures) -> bool:
    return answer["worst_s"] <= TOLERANCE_S and answer["lone"] == 0


def slope(x: list[float], y: list[float]) -> float:
    """Least squares on logarithms."""
    a, b = [math.log(v) for v in x], [math.log(v) for v in y]
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    up = sum((p - mean_a) * (q - mean_b) for p, q in zip(a, b, strict=True))
    return up / sum((p - mean_a) ** 2 for p in a)


def chapter(figures: Figures) -> str:
    """What was asked, what was measured, yes or no; one row for each claim."""
    rows: list[tuple[str, str, bool]] = []
    for part in (_exact, _nearest, _polygons, _whole, _independent):
        rows += part(figures)
    if not rows:
        return ""
    lines = ["## What was asked, and what came out\n", "| asked | measured | met |", "|--|--|--|"]
    lines += [
        f"| {asked} | {measured} | {'yes' if met else 'no'} |" for asked, measured, met in rows
    ]
    return "\n".join(lines) + "\n"


def _exact(figures: Figures) -> list[tuple[str, str, bool]]:
    if "exactness" not in figures:
        return []
    rows = []
    for method, limit in (("exact", 0.5), ("fast", 5.0)):
        ones = [city[method] for city in figures["exactness"].values()]
        worst = max(one["error_m"] for one in ones)
        rows.append(
            (
                f"{method} method: error at most {limit:g} m",
                f"{worst:g} m, {sum(one['origins'] for one in ones)} isochrones",
                worst <= limit,
            )
        )
    missed = {
        method: sum(city[method]["street_false_out"] for city in figures["exactness"].values())
        for method in ("exact", "fast")
    }
    measured = f"{missed['exact']} samples (fast method, within its error: {missed['fast']:,})"
    rows.append(("exact method: no street left out", measured, missed["exact"] == 0))
    return rows


def _nearest(figures: Figures) -> list[tuple[str, str, bool]]:
    rows = []
    for city, one in figures.get("W1", {}).items():
        if city == "bandwidth":
            continue
        times, answers = one["times"], one["answers"]
        for peer, least in (("pandana", 20), ("scipy", 2)):
            ratio = times[peer]["wall_s"] / times["quarterhour"]["wall_s"]
            alone = times[peer]["cpu_s"] / times["quarterhour, 1 thread"]["cpu_s"]
            right = agrees(answers[peer]) and agrees(answers["quarterhour"])
            rows.append(
                (
                    f"W1, {city}: {least} × faster than {peer}",
                    f"{ratio:.1f} × (one thread, processor time: {alone:.1f} ×)"
                    + ("" if right else "; answers disagree"),
                    ratio >= least and right,
                )
            )
        limit = times["quarterhour, 1 thread"]["cpu_s"] / times["stream"]["wall_s"]
        far = 30 * one["sizes"]["graph_bytes"] / figures["W1"]["bandwidth"]["bytes_per_s"]
        away = times["quarterhour, 1 thread"]["cpu_s"] / far
        rows.append(
            (
                f"W1, {city}: within 10 × of the physical limit (aim)",
                f"{away:.0f} × of main memory's speed, {limit:.0f} × of the caches'",
                away <= 10,
            )
        )
    return rows


def _polygons(figures: Figures) -> list[tuple[str, str, bool]]:
    rows = []
    for city, one in figures.get("W2", {}).items():
        times, answers = one["times"], one["answers"]
        fast, used, single, exact, valhalla, recipe = (
            times[name]["wall_s"] * 1000 / times[name]["isochrones"]
            for name in (
                "quarterhour fast",
                "quarterhour fast, network used before",
                "quarterhour fast, one by one",
                "quarterhour exact",
                "Valhalla",
                "OSMnx recipe",
            )
        )
        alone = times["quarterhour fast, network used before, 1 thread"]
        alone_ms = alone["wall_s"] * 1000 / alone["isochrones"]
        for asked, took, more in (
            (
                "both prepared (our network used before, their tiles built)",
                used,
                f"; on one thread {alone_ms:.1f} ms",
            ),
            ("our network never used before", fast, f"; one by one {single:.1f} ms"),
        ):
            rows.append(
                (
                    f"W2, {city}: fast method at most Valhalla's time, {asked}",
                    f"{took:.1f} ms against {valhalla:.1f} ms{more}",
                    took <= valhalla,
                )
            )
        errors = [
            [answers[name][key] for name in ("quarterhour fast", "Valhalla")]
            for key in ("error_m", "mean_m")
        ]
        (worst, their_worst), (mean, their_mean) = errors
        rows.append(
            (
                f"W2, {city}: at a tenth of its error",
                (
                    f"worst {worst:g} m against {their_worst:g} m, "
                    f"mean {mean:.2f} m against {their_mean:.1f} m"
                ),
                worst * 10 <= their_worst,
            )
        )
        rows.append(
            (
                f"W2, {city}: exact method no slower than the OSMnx recipe (aim: 5 × faster)",
                f"{exact:.0f} ms against {recipe:.0f} ms: {recipe / exact:.1f} ×",
                exact <= recipe,
            )
        )
    return rows


def _whole(figures: Figures) -> list[tuple[str, str, bool]]:
    rows = []
    for name, one in figures.get("W4", {}).get("scorecards", {}).items():
        if not name.startswith("quarterhour") or "cold" in name:
            continue
        most_s = 10 if "PBF" in name else 4
        took, peak = one["wall_s"], one["peak_mb"]
        asked = f"W4, {name.removeprefix('quarterhour, ')}: under {most_s} s"
        asked += " and 600 MB" if "PBF" in name else ""
        met = took < most_s and (peak < 600 or "PBF" not in name)
        rows.append((asked, f"{took:.1f} s, {peak:.0f} MB", met))
    return rows


def _independent(figures: Figures) -> list[tuple[str, str, bool]]:
    rows = []
    for name, cities in figures.get("growth", {}).get("W2", {}).items():
        by_clock, by_cpu = (
            cities["porto-x4"][key] / cities["porto"][key] for key in ("wall_s", "cpu_s")
        )
        way = name.split(" ", 1)[1]
        rows.append(
            (
                f"Time per isochrone, Porto × 4 against Porto, {way}: within 1.3 ×",
                f"{by_clock:.2f} × (processor time {by_cpu:.2f} ×)",
                by_clock <= 1.3,
            )
        )
    return rows
