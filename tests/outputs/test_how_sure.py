"""How sure, in sentences of both languages."""

from __future__ import annotations

import pytest

import quarterhour as qh
from quarterhour.outputs.how_sure import interval_text
from quarterhour.outputs.words import LANGS, has, percent
from quarterhour.planning.error_source import Effect, ErrorSource
from quarterhour.scoring.assess import assess
from worlds import checklist, item, network_of, points, squares


def card(residents=100.0):
    streets = network_of([(-100, 0), (3000, 0)])
    areas = squares((0, 0), (400, 0), (1400, 0), residents=residents, name="a")
    shops = points((500, 0), item="shop", name=None)
    items = item("shop", zh="商店", en="shop", kind="commercial")
    return assess(areas, shops, streets, checklist(items), surveyed="all")


def test_a_sentence_says_between_what_and_because_of_what():
    found = qh.uncertainty(card(), 200, sources=[qh.ClosedPlaces(0.3, 0.0)])
    first, *_, last = qh.uncertainty_text(found, lang="en")
    assert first == (
        "every item within its limit: between 0 and 1,000 of 1,000 residents; mostly because we do "
        "not know which places are still there."
    )
    assert last.startswith("3 of 3 answers are close calls")
    assert any(one.startswith("shop: between") for one in qh.uncertainty_text(found, lang="en"))
    assert any("不知道哪些设施还在" in one for one in qh.uncertainty_text(found))


def test_an_interval_is_told_as_finely_as_the_share_beside_it_and_never_narrower():
    for low, high in [(0.0, 1.0), (0.7543, 0.7543), (0.29, 0.3), (0.90009, 0.99991), (1.0, 1.0)]:
        told = interval_text(low, high)
        least, most = (float(told.split("–")[end].removesuffix("%")) for end in (0, -1))
        assert low * 100 - 0.1 < least <= low * 100 + 1e-6, told
        if high > low:  # what does not move is told as the share that it is
            assert high * 100 - 1e-6 <= most < high * 100 + 0.1, told
        assert least <= float(percent(low).removesuffix("%")) <= most


def test_what_does_not_move_is_said_to_stand():
    told = qh.uncertainty_text(qh.uncertainty(card(), 5, sources=()), lang="en")
    assert told[0].endswith("about 1,000 of 1,000 residents, whatever the errors.")
    assert told[-1].startswith("0 of 3")


def test_homes_where_nobody_is_counted():
    told = qh.uncertainty_text(qh.uncertainty(card(float("nan")), 5), lang="en")
    assert all("residents" not in one for one in told)
    assert any("residences" in one for one in told)


def test_every_source_has_its_words():
    for source in qh.error_sources():
        assert all(has(lang, f"sure_source_{source.name}") for lang in LANGS)


def test_a_source_of_ones_own_is_told_by_its_name():
    class Strike(ErrorSource):
        def draw(self, random, world):  # noqa: ARG002 - as sources are called
            return Effect(factor=float(random.choice([0.5, 3.0])))

    told = qh.uncertainty_text(qh.uncertainty(card(), 50, sources=[Strike()]), lang="en")
    assert any("strike" in one for one in told)


def test_another_language_is_refused():
    with pytest.raises(qh.QuarterhourError, match="no language"):
        qh.uncertainty_text(qh.uncertainty(card(), 2), lang="fr")
