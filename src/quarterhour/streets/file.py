"""A street network in one file: numpy arrays in a zip, no pickles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quarterhour.atomic import whole_file
from quarterhour.errors import InputError
from quarterhour.places.attribution import OSM
from quarterhour.streets.street_arrays import StreetArrays
from quarterhour.streets.traits import said_in, traits_of

_FORMAT = 1


def write(network: StreetArrays, path: Path) -> Path:
    """Write a network whole, or not at all; see :meth:`quarterhour.WalkNetwork.save`."""
    path = path if path.suffix == ".npz" else path.with_name(path.name + ".npz")
    header = {
        "format": _FORMAT,
        "crs": network.crs.to_wkt(),
        "extent": shapely.to_wkb(network.extent, hex=True),
        "metadata": dict(network.metadata),
        "says_attribution": True,
    }
    arrays: dict[str, npt.NDArray[Any]] = {
        name: getattr(network, name)
        for name in ("node_xy", "node_osmid", "edge_nodes", "edge_length_m", "edge_osmid")
    }
    arrays |= {"coords": network.coords, "coord_offset": network.coord_offset}
    for name, values in network.traits.items():
        if values.dtype == object:
            words, codes = np.unique(values.astype(str), return_inverse=True)
            arrays[f"words:{name}"] = np.array("\n".join(w.replace("\n", " ") for w in words))
            arrays[f"codes:{name}"] = codes.astype(np.int32)
        else:
            arrays[f"trait:{name}"] = values
    arrays["header"] = np.array(json.dumps(header))
    with whole_file(path) as part:
        np.savez(part, allow_pickle=False, **arrays)
    return path


def read(path: Path) -> StreetArrays:
    """Read a network that :func:`write` wrote; see :meth:`quarterhour.WalkNetwork.load`."""
    try:
        with np.load(path, allow_pickle=False) as file:
            data = {name: file[name] for name in file.files}
        header = json.loads(str(data.pop("header")))
        return _network(header, data, path)
    except InputError:
        raise
    except FileNotFoundError as error:
        msg = f"There is no file {path}."
        raise InputError(msg) from error
    except Exception as error:  # numpy and zipfile raise many kinds on a damaged file
        msg = f"{path} is not a network saved by quarterhour, or it is damaged ({error})."
        raise InputError(msg) from error


def _network(header: dict[str, Any], data: dict[str, npt.NDArray[Any]], path: Path) -> StreetArrays:
    if header["format"] != _FORMAT:
        msg = f"{path} was saved by another version of quarterhour: make it anew."
        raise InputError(msg)
    traits = {k.removeprefix("trait:"): v for k, v in data.items() if k.startswith("trait:")}
    for name in [k.removeprefix("codes:") for k in data if k.startswith("codes:")]:
        words = np.array(str(data[f"words:{name}"]).split("\n"), dtype=object)
        traits[name] = words[data[f"codes:{name}"]]
    if "off_ground" not in traits:  # saved by 0.1.0, which did not know
        traits |= {"off_ground": traits_of(said_in(traits))["off_ground"]}
    plain = {name: value for name, value in data.items() if ":" not in name}
    metadata = dict(header["metadata"])
    if "says_attribution" not in header and np.any(plain["edge_osmid"]):  # saved by 0.1.0
        metadata.setdefault("attribution", OSM)
    return StreetArrays.build(
        crs=header["crs"],
        extent=shapely.from_wkb(header["extent"]),
        metadata=metadata,
        traits=traits,
        **plain,
    )
