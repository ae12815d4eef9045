"""What one tile answers: a scorecard of the areas on its own ground, as that of the whole."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from quarterhour.arrays import Floats, Mask
from quarterhour.places.origins import origins
from quarterhour.scoring.asked import Asked
from quarterhour.scoring.country.reaching import require_halo
from quarterhour.scoring.judge import WORDS, Walks, walks_of
from quarterhour.scoring.kept import Kept
from quarterhour.scoring.later import complete
from quarterhour.scoring.left_out import left_out_of
from quarterhour.scoring.question import Question
from quarterhour.scoring.score import Homes, Terms, verdict
from quarterhour.scoring.scorecard import Scorecard, answered
from quarterhour.scoring.searched import spliced
from quarterhour.sources.country.tiles import Tiles
from quarterhour.sources.osm.read import City
from quarterhour.streets.border import border_m
from quarterhour.streets.snap import in_crs_of, start_positions
from quarterhour.streets.traits import GOES_ON
from quarterhour.walking.pace import off_street_speed_m_s


def card_of(
    tiles: Tiles, name: str, question: Question, elsewhere: Collection[str]
) -> Scorecard | None:
    """Answer for the areas on a tile's own ground; none where nobody lives there.

    Parameters
    ----------
    tiles
        The tiles.
    name
        Which of them.
    question
        What is asked.
    elsewhere
        Items of which the country has something: a tile that has nothing of them says what the
        whole would say.

    Raises
    ------
    QuarterhourError
        If the tile cannot be read, or its halo is too narrow for the question.
    """
    city = tiles.read(name)
    require_halo(tiles, question, city.streets)
    own = own_areas(tiles, name, city)
    if not own.any():
        return None
    data = gpd.GeoSeries([city.streets.extent], crs=city.streets.crs)
    homes = origins(city.areas, city.buildings, city.gates, data=data)
    nothing = city.facilities.empty
    facilities = _one_of_no_use(city) if nothing else city.facilities
    asked = Asked(city.areas, facilities, city.streets, homes)
    card = complete(answered(question, asked))
    card = _of(replace(card, facilities=city.facilities) if nothing else card, city.areas[own])
    more = set(elsewhere) - _items_here(card)
    absent = [item.key for item in question.checklist if item.key in more]
    return _as_elsewhere(card, question, absent) if absent else card


def _one_of_no_use(city: City) -> gpd.GeoDataFrame:
    """Give a place that serves nothing, to ask of where a part of a country has no place at all."""
    at = shapely.Point(city.streets.node_xy[0])
    table = city.facilities.reindex(["nothing"])
    return table.set_geometry(gpd.GeoSeries([at], index=table.index, crs=city.streets.crs))


def own_areas(tiles: Tiles, name: str, city: City) -> Mask:
    """Tell which areas lie on a tile's own ground, by a point inside each."""
    areas = city.areas
    if areas.empty:
        return np.zeros(0, dtype=bool)
    points = shapely.point_on_surface(np.asarray(areas.geometry.array, dtype=object))
    lonlat = gpd.GeoSeries(points, crs=areas.crs).to_crs(4326)
    number = tiles.names().index(name)
    return np.asarray(tiles.owner(np.asarray(lonlat.array, dtype=object)) == number)


def _of(card: Scorecard, areas: gpd.GeoDataFrame) -> Scorecard:
    """Give the scorecard of some of its areas, of which it is asked again.

    Its facilities know by which gates they are entered, whosever these are.
    """
    labels = areas.index
    homes = card.origins[card.origins["area"].isin(labels)]
    homes.attrs = dict(card.origins.attrs)
    mine = card.results["area"].isin(labels)
    times = card.times[card.times["origin"].isin(homes.index)]
    left_out = left_out_of(areas, homes, card.facilities, card.matches, card.network)
    return replace(
        card,
        areas=areas,
        origins=homes,
        results=card.results[mine].reset_index(drop=True),
        times=times.reset_index(drop=True),
        manifest={**card.manifest, "left_out": left_out.to_dict("records")},
        asked=Asked(areas, card.facilities, card.network, homes),
        kept=Kept(),
    )


def _items_here(card: Scorecard) -> frozenset[str]:
    """Items that the data at hand have something of, whether or not anybody gets there."""
    times = card.times
    return frozenset(map(str, times.loc[~times["host"].astype(bool), "item"].unique()))


def _as_elsewhere(card: Scorecard, question: Question, absent: list[str]) -> Scorecard:
    """Judge items of which this tile has nothing as what is too far away, which it is."""
    mine = replace(
        question.checklist,
        items=tuple(item for item in question.checklist if item.key in absent),
        hosts=(),
    )
    nobody = np.full(len(card.origins), None)
    far = Walks(np.full(len(card.origins), np.inf), nobody, _why_far(card, question))
    walks = {(key, False): far for key in absent}
    walks |= {(key, True): _by_hosts(card, key) for key in absent}
    shown = frozenset(card.manifest["parameters"]["shown"])
    speed = off_street_speed_m_s(question.pace)
    terms = Terms(question.quota, frozenset(question.surveyed), shown, speed)
    people = Homes.of(card.origins, card.areas, _edge_m(card))
    part = verdict(walks, people, mine, terms)
    return replace(card, results=spliced(card.results, part, absent))


def _why_far(card: Scorecard, question: Question) -> np.ndarray:
    """Say of each home why it does not get to what is nowhere near."""
    network = card.network
    at = start_positions(card.origins, network, question.snap_limit_m)
    out = network.component[network.edge_nodes[network.traits[GOES_ON].astype(bool)]]
    leads_on = np.isin(network.component, out)
    status = np.full(len(card.origins), WORDS.index("not_snapped"), dtype=np.int8)
    status[at.row] = WORDS.index("unreachable")
    on = leads_on[network.edge_nodes[at.edge, 0]]
    status[at.row[on]] = WORDS.index("beyond_limit")
    return status


def _by_hosts(card: Scorecard, key: str) -> Walks:
    """Give the walks to what implies an item."""
    times = card.times
    mine = times[(times["item"] == key) & times["host"].astype(bool)]
    return walks_of(mine, card.origins.index, card.checklist[key].limit)


def _edge_m(card: Scorecard) -> Floats:
    return border_m(card.network.extent, in_crs_of(card.origins, card.network, "origins"))
