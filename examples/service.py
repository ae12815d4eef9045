"""A web service that answers what residents reach from a place: a prepared question and FastAPI.

Prepare a town once, then serve it::

    python examples/service.py prepare TOWN.osm.pbf town.reach
    QUARTERHOUR_REACH=town.reach uvicorn --app-dir examples service:app --workers 4

Each worker opens the folder by memory map, so that they share what they look up. A request that
cannot be answered comes back with status 422 and the sentence in which the library says why.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated, Any

from fastapi import Body, FastAPI, Query, Request
from fastapi.responses import JSONResponse

import quarterhour as qh

MOST_POINTS, MOST_AREAS = 1_000, 200
Minutes = Annotated[list[float], Query(min_length=1, max_length=6)]


def service(reach: qh.Reach) -> FastAPI:
    """Make the service of one prepared question."""
    app = FastAPI(title="What is within a quarter-hour's walk?")

    @app.exception_handler(qh.QuarterhourError)
    async def refused(_: Request, error: qh.QuarterhourError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=422)

    @app.get("/health")
    async def health() -> dict[str, Any]:
        steps = reach.doorsteps
        return {"items": len(steps.keys), "facilities": len(steps.labels)}

    @app.get("/reach")
    async def doorstep(lon: float, lat: float, datum: str | None = None) -> dict[str, Any]:
        # A fraction of a millisecond: a thread would take longer to begin.
        return reach.from_point(lon, lat, datum=datum).to_dict()

    @app.post("/reach")
    def doorsteps(points: Annotated[list[tuple[float, float]], Body()]) -> list[dict[str, Any]]:
        if not 0 < len(points) <= MOST_POINTS:
            msg = f"{len(points)} points were sent: send 1 to {MOST_POINTS:,} at a time."
            raise qh.QuarterhourError(msg)
        return [reach.from_point(lon, lat).to_dict() for lon, lat in points]

    @app.get("/isochrone")
    def isochrone(lon: float, lat: float, minutes: Minutes = (5, 10, 15)) -> Any:  # type: ignore[assignment]
        return json.loads(reach.isochrone(lon, lat, minutes=list(minutes)).to_json())

    @app.post("/score")
    def score(areas: Annotated[dict[str, Any], Body()]) -> Any:
        import geopandas as gpd

        features = areas.get("features") if isinstance(areas, dict) else None
        if not isinstance(features, list) or not 0 < len(features) <= MOST_AREAS:
            msg = f"Send a GeoJSON FeatureCollection of 1 to {MOST_AREAS} areas in WGS 84."
            raise qh.QuarterhourError(msg)
        try:
            table = gpd.GeoDataFrame.from_features(features, crs=4326)
        except Exception as error:
            msg = f"The features are no GeoJSON that could be read ({error})."
            raise qh.QuarterhourError(msg) from error
        card = reach.score(qh.declare_datum(table, "wgs84"))
        return json.loads(card.to_frame().to_json(orient="records"))

    return app


def prepare(extract: str, folder: str, checklist: str = "beijing-2011") -> None:
    """Read a town, make its question ready, and save it."""
    town = qh.read_osm(extract)
    print(qh.prepare(town.streets, town.facilities, checklist).save(folder))


def __getattr__(name: str) -> FastAPI:
    """Make ``app`` when a server asks for it: of the folder that QUARTERHOUR_REACH names."""
    if name != "app":
        raise AttributeError(name)
    return service(qh.open_reach(os.environ["QUARTERHOUR_REACH"]))


if __name__ == "__main__":
    if sys.argv[1:2] != ["prepare"] or len(sys.argv) < 4:
        sys.exit(__doc__)
    prepare(*sys.argv[2:])
