"""Who has a school and a health post within 15 and 30 minutes, by hexagon and in total.

    python benchmarks/populations.py ../shared/data

Needs porto-alegre.osm.pbf and porto-alegre-hexgrid.csv (H3 cells with population, schools and
health posts). Prints Markdown: the population by three ways of counting it, coverage of adults and
older people in total, by squares, hexagons and points, and how unevenly the minutes are spread.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import quarterhour as qh
from quarterhour.places.cells import h3_cells

KINDS = {"schools": "school", "healthcare": "health"}
MINUTES = (15, 30)
GROUPS = {"adult": "adult", "elderly": "elderly"}


def hexagons(folder: Path) -> gpd.GeoDataFrame:
    """The cells of the grid as areas, without residents."""
    table = pd.read_csv(folder / "porto-alegre-hexgrid.csv")
    numbers = ["population", *KINDS]
    table[numbers] = table[numbers].fillna(0.0)
    cells = gpd.GeoDataFrame(table, geometry=np.asarray(h3_cells(table["id"])), crs=4326)
    return cells.set_index("id", drop=False).rename_axis(None)


def populations(cells: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """The same residents from a table of H3 cells, of points, and of a fine grid of squares."""
    bare = cells[["id", "geometry"]]
    counted = cells.drop(columns="geometry")
    metric = cells.to_crs(cells.estimate_utm_crs())
    middle = metric.set_geometry(metric.centroid)
    squares = qh.residents_from(square_grid(metric, 50.0), metric[["population", "geometry"]])
    there = squares[squares["residents"] > 0]
    points = there.set_geometry(there.centroid)
    return {
        "H3 cells": qh.residents_from(bare, counted[["id", "population"]]),
        "points": qh.residents_from(bare, middle[["population", "geometry"]]),
        "squares of 50 m": qh.residents_from(bare, points[["residents", "geometry"]], cell_m=50),
    }


def square_grid(metric: gpd.GeoDataFrame, size: float) -> gpd.GeoDataFrame:
    """Squares that cover all cells, with a ring of them to spare."""
    left, low, right, high = metric.total_bounds
    x = np.arange(np.floor(left / size) - 1, np.ceil(right / size) + 1) * size
    y = np.arange(np.floor(low / size) - 1, np.ceil(high / size) + 1) * size
    east, north = (grid.ravel() for grid in np.meshgrid(x, y))
    shapes = gpd.GeoSeries(shapely.box(east, north, east + size, north + size), crs=metric.crs)
    return gpd.GeoDataFrame(geometry=shapes)


def places(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A place in the middle of each cell that has schools or health posts."""
    tables = []
    for column, kind in KINDS.items():
        mine = cells[cells[column] > 0]
        items = "|".join(f"{kind}_{minutes}" for minutes in MINUTES)
        middle = mine.to_crs(cells.estimate_utm_crs()).centroid.to_crs(4326)
        table = gpd.GeoDataFrame({"item": items, "capacity": mine[column]}, geometry=middle)
        tables.append(table.set_axis([f"{kind} {label}" for label in mine.index]))
    return gpd.GeoDataFrame(pd.concat(tables))


def checklist() -> qh.Checklist:
    """Schools and health posts within 15 and within 30 minutes."""
    items = tuple(
        qh.Item(
            f"{kind}_{minutes}",
            f"{kind} {minutes}",
            f"{kind.title()}, {minutes} minutes",
            "all",
            "public",
            "A",
            limit_minutes=float(minutes),
        )
        for kind in KINDS.values()
        for minutes in MINUTES
    )
    return qh.Checklist("two", "two", "Two", items, (qh.Group("all", "全部", "All"),))


def assessed(folder: Path) -> tuple[qh.Groups, dict[str, gpd.GeoDataFrame]]:
    """Assess the hexagons, from a grid of homes 50 m apart in each, for adults and older people."""
    city = qh.read_osm(folder / "porto-alegre.osm.pbf")
    cells = hexagons(folder)
    counted = populations(cells)
    areas = counted["H3 cells"]
    homes = qh.origins(areas)
    groups = qh.assess_groups(
        areas, places(cells), city.streets, checklist(), GROUPS, origins=homes
    )
    return groups, counted


def placed(areas: gpd.GeoDataFrame) -> tuple[float, float]:
    """Residents in the areas, and those of the source who live elsewhere."""
    (note,) = [n for n in areas.attrs["notes"] if n.code == "residents_placed"]
    return float(areas["residents"].sum()), float(note.parts()[-1])


def told_populations(counted: dict[str, gpd.GeoDataFrame], total: float) -> list[str]:
    """Say what each way of counting makes of the residents."""
    rows = ["| residents from | in the hexagons | elsewhere | both, off by |", "|---|---|---|---|"]
    for name, areas in counted.items():
        here, elsewhere = placed(areas)
        off = abs((here + elsewhere) / total - 1)
        rows.append(f"| {name} | {here:,.3f} | {elsewhere:,.3f} | {off:.0e} |")
    return [*rows, f"| the table's own sum | {total:,.0f} | | |"]


def told_coverage(groups: qh.Groups) -> list[str]:
    """Say the coverage of each group, and what its parts add up to."""
    rows = [
        "| item | group | share | within | known | unknown | by H3 | by squares | by label |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    ways = [groups.coverage("population", by) for by in ("h3:9", 500, "id")]
    for row in groups.coverage("population").to_dict("records"):
        sums = [
            t[(t["group"] == row["group"]) & (t["item"] == row["item"])]["numerator"].sum()
            for t in ways
        ]
        told = " | ".join(f"{one:,.3f}" for one in sums)
        rows.append(
            f"| {row['item']} | {row['group']} | {row['share']:.1%} | {row['numerator']:,.3f} | "
            f"{row['denominator']:,.0f} | {row['unknown']:,.0f} | {told} |"
        )
    return rows


def told_side_by_side(groups: qh.Groups) -> list[str]:
    """Say the gap between the groups, where all of them have an answer."""
    names = list(groups.cards)
    rows = [f"| item | {' | '.join(names)} | gap | areas |", "|---" * (len(names) + 3) + "|"]
    for item, row in groups.to_frame().iterrows():
        shares = " | ".join(f"{row[name]:.1%}" for name in names)
        rows.append(f"| {item} | {shares} | {row['gap']:.1%} | {row['areas']:,} |")
    return rows


def told_equity(groups: qh.Groups) -> list[str]:
    """Say how unevenly minutes and items are spread."""
    rows = [
        "| of | group | mean | Gini | Palma | Theil | counted | beyond | unknown |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for group, card in groups.cards.items():
        rows += [
            f"| {row['of']} {row['item']} | {group} | {row['mean']:.3f} | {row['gini']:.3f} | "
            f"{row['palma']:.2f} | {row['theil']:.3f} | {row['counted']:,.0f} | "
            f"{row['beyond']:,.0f} | {row['unknown']:,.0f} |"
            for row in qh.equity(card).to_dict("records")
        ]
    return rows


def told_hexagons(groups: qh.Groups, item: str = "health_15", n: int = 5) -> list[str]:
    """Name the hexagons in which most residents are without an item, for each group."""
    rows = ["| group | hexagon | residents | within | share |", "|---|---|---|---|---|"]
    table = groups.coverage("population", "h3:9")
    mine = table[table["item"] == item]
    mine = mine.assign(without=mine["denominator"] - mine["numerator"])
    for group in groups.cards:
        worst = mine[mine["group"] == group].nlargest(n, "without")
        rows += [
            f"| {group} | {row['part']} | {row['denominator']:,.0f} | {row['numerator']:,.0f} | "
            f"{row['share']:.1%} |"
            for row in worst.to_dict("records")
        ]
    return rows


def told_redundancy(groups: qh.Groups) -> list[str]:
    """Say who has one, two, three and more places in reach."""
    rows = [
        "| item | group | places | none | one | two | three or more | unknown |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for group, card in groups.cards.items():
        for row in qh.redundancy(card).to_dict("records"):
            names = ("none", "one", "two", "three_or_more", "unknown")
            told = " | ".join(f"{row[name]:,.0f}" for name in names)
            rows.append(f"| {row['item']} | {group} | {row['places']} | {told} |")
    return rows


def main() -> None:
    """Print it."""
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    groups, counted = assessed(folder)
    total = float(hexagons(folder)["population"].sum())
    for part in (
        told_populations(counted, total),
        told_coverage(groups),
        told_side_by_side(groups),
        told_equity(groups),
        told_redundancy(groups),
        told_hexagons(groups),
    ):
        print("\n".join(part) + "\n")


if __name__ == "__main__":
    main()
