"""Rasters, whatever they hold: opened by rasterio, which nothing else needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from quarterhour.errors import InputError, MissingExtraError


def rasterio_for(purpose: str) -> Any:
    """Import rasterio, which only rasters need.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import rasterio  # noqa: PLC0415 - an optional package
        import rasterio.windows  # noqa: PLC0415
    except ImportError as error:
        msg = f"{purpose} needs rasterio: pip install 'quarterhour[elevation]'."
        raise MissingExtraError(msg) from error
    return rasterio


@contextmanager
def opened_raster(path: Path, band: int, purpose: str, what: str) -> Iterator[tuple[Any, Any]]:
    """Open a raster that has a CRS and a band; give rasterio, and the raster.

    Parameters
    ----------
    path, band
        The file, and the number of the band.
    purpose, what
        What is done, and what is taken from it, in the words of a sentence.

    Raises
    ------
    InputError
        If the file cannot be read, then or later, or has no CRS or no such band.
    MissingExtraError
        If rasterio is not installed.
    """
    rasterio = rasterio_for(purpose)
    try:
        with rasterio.open(path) as data:
            if data.crs is None or not 1 <= band <= data.count:
                lack = "no CRS" if data.crs is None else f"{data.count} band(s), not {band}"
                msg = f"{path} has {lack}: {what} cannot be taken from it."
                raise InputError(msg)
            yield rasterio, data
    except rasterio.errors.RasterioError as error:
        msg = f"{path} cannot be read as a raster: {error}."
        raise InputError(msg) from error
