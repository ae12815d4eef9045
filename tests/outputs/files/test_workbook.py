"""The workbook is a plan that people go on working in: read, typed in, and written again."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import quarterhour as qh
import worlds
from quarterhour.errors import InputError
from quarterhour.outputs.files import card_sheets
from quarterhour.outputs.files.sheet import SIGNS
from quarterhour.outputs.files.workbook import write_workbook
from quarterhour.outputs.looks import LOOKS
from quarterhour.outputs.words import LANGS, Lang, full_width, name_of
from quarterhour.scoring.directory import service_directory
from quarterhour.scoring.gaps import gaps

TYPED = {"整改措施": "改扩建", "责任单位": "云河街道", "完成时限": "2027年底前", "进展": "进行中"}


@cache
def card() -> qh.Scorecard:
    return worlds.new_town()


@cache
def part() -> qh.Scorecard:
    """A part of the town, with gaps: what is written again and again need not be large."""
    town = card()
    lines = town.checklist.only(groups=["zhongxin", "chang"])
    areas, places = town.areas.iloc[:4], town.facilities.iloc[::8]
    homes = town.origins[town.origins["area"].isin(areas.index)]
    return qh.assess(areas, places, town.network, lines, origins=homes)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(card(), tmp_path_factory.mktemp("xlsx") / "town.xlsx")


def column(sheet: Any, name: str) -> int:
    heads = [cell.value for cell in sheet[1]]
    return heads.index(name) + 1


def row_of(sheet: Any, area: str, item: str, head: str = "设施项目") -> int | None:
    at = column(sheet, head)
    for row in range(2, sheet.max_row + 1):
        if (sheet.cell(row, 1).value, sheet.cell(row, at).value) == (area, item):
            return row
    return None


def first_gap() -> tuple[str, str]:
    found = gaps(part()).iloc[0]
    return str(found["area"]), full_width(str(found["zh"]))


def type_into(path: Path, cells: dict[str, Any], area: str, item: str) -> None:
    made = openpyxl.load_workbook(path)
    sheet = made["缺什么补什么"]
    row = row_of(sheet, area, item)
    assert row is not None
    for name, value in cells.items():
        heads = [cell.value for cell in sheet[1]]
        place = heads.index(name) + 1 if name in heads else len(heads) + 1
        sheet.cell(1, place).value = name
        sheet.cell(row, place).value = value
    made.save(path)


# What it holds


def test_the_plan_says_what_is_in_the_way(book: Path) -> None:
    plan = pd.read_excel(book, sheet_name="缺什么补什么", keep_default_na=False)
    why = qh.why_not(card())
    assert [*zip(plan["id"], plan["设施项目"], strict=True)] == [
        *zip(why["area"], why["zh"].map(full_width), strict=True)
    ]
    over = plan["超出（分钟）"].astype(float)
    assert ((over >= why["minutes_short"] - 1e-6) & (over < why["minutes_short"] + 0.1)).all()
    assert plan["绕行系数"].astype(float).tolist() == pytest.approx(why["detour"], abs=0.051)
    far = gaps(card())["facility"].isna() & why["minutes"].notna()
    assert far.any()  # beyond the search of an assessment, and looked for farther on
    assert plan.loc[far, "最近一处"].tolist() == why.loc[far, "place_name"].tolist()
    walled = why["in_the_way"] == "wall"
    assert plan.loc[walled, "路上的障碍"].str.startswith("围墙在这一侧没有出入口").all()
    decides = plan["路上的障碍"].str.endswith("即可达标")
    assert decides.tolist() == why["enough"].tolist()
    assert walled.any()
    assert 0 < decides.sum() < len(plan)


def test_without_inputs_at_hand_the_plan_leaves_obstacles_out(tmp_path: Path) -> None:
    bare = replace(part(), missing=("network",))
    heads = pd.read_excel(
        write_workbook(bare, tmp_path / "x.xlsx"), sheet_name="缺什么补什么", nrows=1
    )
    assert "路上的障碍" not in heads
    assert "最近一处" in heads


def test_it_has_a_sheet_for_each_question(book: Path) -> None:
    sheets = pd.read_excel(book, sheet_name=None, keep_default_na=False)
    names = ["总览", "缺什么补什么", "社区一览", "社区—设施项", "设施台账", "服务目录", "项目口径"]
    assert list(sheets) == names
    assert len(sheets["社区一览"]) == len(card().areas)
    assert len(sheets["缺什么补什么"]) == len(gaps(card()))
    assert len(sheets["服务目录"]) == len(service_directory(card()))
    assert set(sheets["设施台账"]["id"]) == set(card().matches["facility"].map(str))
    text = " ".join(map(str, sheets["项目口径"].to_numpy().ravel()))
    assert str(card().manifest["inputs"]["facilities"]["sha256"]) in text
    items = [name_of(item, "zh") for item in card().checklist]
    assert all(name in text for name in items)


def test_every_item_of_the_overview_has_its_numbers(book: Path) -> None:
    rows = list(openpyxl.load_workbook(book)["总览"].iter_rows(values_only=True))
    at = next(n for n, row in enumerate(rows) if "设施项目" in row)
    heads = rows[at]
    told = pd.DataFrame(rows[at + 1 : at + 1 + len(card().checklist)], columns=heads)
    assert told["设施项目"].tolist() == [name_of(item, "zh") for item in card().checklist]
    rates = qh.coverage(card()).query("measure == 'population'")
    assert told["步行限值内居民"].astype(float).tolist() == rates["numerator"].round().tolist()
    low, high = (told[head].astype(float) for head in ("至少", "至多"))
    assert (low <= rates["share_at_least"].to_numpy()).all()
    unknown = (rates["unknown"] > 0).to_numpy()
    assert unknown.any()
    assert (high[unknown] >= rates["share_at_most"][unknown].to_numpy()).all()
    assert (high == low)[~unknown].all()  # one number is rounded in one way


def test_signs_of_the_sheet_are_the_results(book: Path) -> None:
    grid = pd.read_excel(book, sheet_name="社区—设施项", keep_default_na=False)
    signs = grid.drop(columns=["id", "社区"]).to_numpy().ravel()
    results = card().to_frame()
    status = results["status"].where(results["reason"] != "implied_by_host", "implied")
    assert signs.tolist() == status.map(SIGNS).tolist()
    assert len(set(SIGNS.values())) == 4


def test_every_sign_has_the_colour_of_its_status(book: Path) -> None:
    of_sign = {SIGNS[status]: look.tint.strip("#").upper() for status, look in LOOKS.items()}
    rows = openpyxl.load_workbook(book)["社区—设施项"].iter_rows(min_row=2, min_col=3)
    told = {(cell.value, cell.fill.fgColor.rgb[-6:]) for row in rows for cell in row}
    assert told == set(of_sign.items())


def test_sheets_are_fit_to_read_and_to_print(book: Path) -> None:
    made = openpyxl.load_workbook(book)
    for sheet in made.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToWidth == 1
        assert sheet.print_area
    for name in ("缺什么补什么", "社区一览", "社区—设施项", "设施台账", "服务目录"):
        assert made[name].freeze_panes is not None
        assert made[name].auto_filter.ref
        assert made[name].print_title_rows == "$1:$1"
    plan = made["缺什么补什么"]
    assert plan.cell(2, column(plan, "超出步行限值的\n比例")).number_format == "0.0%"
    offered = {str(one.sqref): one.formula1 for one in plan.data_validations.dataValidation}
    assert len(offered) == 4
    assert any("改扩建" in words for words in offered.values())


@pytest.mark.parametrize("lang", LANGS)
def test_no_cell_shows_a_raw_key_or_too_little_room(lang: Lang, book: Path, tmp_path: Path) -> None:
    written = book if lang == "zh" else write_workbook(card(), tmp_path / "x.xlsx", lang=lang)
    made = openpyxl.load_workbook(written)
    keys = {item.key for item in card().checklist if "_" in item.key}
    keys |= {"beyond_limit", "no_facility", "implied_by_host"}
    for sheet in made.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                value = cell.value
                if isinstance(value, str):
                    assert value not in keys, f"{sheet.title} {cell.coordinate}"
                    assert not re.match(r"\{'|\['", value), f"{sheet.title} {cell.coordinate}"
                elif isinstance(value, float) and cell.number_format != "General":
                    width = sheet.column_dimensions[cell.column_letter].width
                    assert width >= len(f"{value:,.0f}"), f"{sheet.title} {cell.coordinate}"


def test_headings_are_whole_and_what_people_fill_in_is_printed(book: Path) -> None:
    made = openpyxl.load_workbook(book)
    plan = made["缺什么补什么"]
    assert plan.print_area.endswith(f"${plan.max_row}")
    assert f"${plan.cell(1, plan.max_column).column_letter}$" in plan.print_area
    for sheet in (one for one in made if one.freeze_panes and one.title != "社区—设施项"):
        for head in sheet[1]:
            room = sheet.column_dimensions[head.column_letter].width
            for line in str(head.value).split("\n"):
                wide = sum(2 if ord(letter) >= 0x2E80 else 1.1 for letter in line)
                assert wide <= 2 * room - 2, (sheet.title, head.value)
                assert wide <= 15 or "（" not in line[1:], (sheet.title, head.value)


def test_a_row_has_no_empty_line_and_the_plan_can_be_read_on_paper(book: Path) -> None:
    plan = openpyxl.load_workbook(book)["缺什么补什么"]
    rooms = [one.width for one in plan.column_dimensions.values()]
    assert sum(rooms) < 280  # letters across A4: printed at half their size or more
    high = 0
    for row in plan.iter_rows(min_row=2):
        if plan.row_dimensions[row[0].row].height is None:
            continue
        high += 1
        texts = [(cell, str(cell.value or "")) for cell in row]
        wide = [
            sum(2.05 if ord(letter) >= 0x2E80 else 1 for letter in text)
            > plan.column_dimensions[cell.column_letter].width - 2
            for cell, text in texts
        ]
        assert any(wide), row[0].row
    assert high


def test_a_long_ledger_prints_its_first_rows_and_says_how_to_print_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_sheets, "LEDGER", 300)
    made = openpyxl.load_workbook(write_workbook(card(), tmp_path / "town.xlsx"))
    ledger, plan = made["服务目录"], made["缺什么补什么"]
    rows = ledger.max_row
    assert rows > 300
    assert ledger.print_area.endswith("$61")
    assert ledger.auto_filter.ref.endswith(str(rows))
    assert f"共 {rows - 1} 行" in ledger.oddHeader.center.text
    assert plan.print_area.endswith(f"${plan.max_row}")
    assert not plan.oddHeader.center.text
    texts = [cell for row in made["项目口径"].iter_rows(values_only=True) for cell in row]
    assert any(f"服务目录：共 {rows - 1} 行" in str(text) for text in texts)


@pytest.mark.parametrize(("lang", "sheet"), [("zh", "缺什么补什么"), ("en", "work plan")])
def test_written_over_itself_it_has_the_same_columns(
    lang: Lang, sheet: str, tmp_path: Path
) -> None:
    path = tmp_path / "book.xlsx"
    heads = [
        [
            cell.value
            for cell in openpyxl.load_workbook(write_workbook(card(), path, lang=lang))[sheet][1]
        ]
        for _ in range(2)
    ]
    assert heads[0] == heads[1]
    assert any("\n" in str(head) for head in heads[0])


def test_kinds_of_areas_are_words(book: Path) -> None:
    told = pd.read_excel(book, sheet_name="社区一览")
    assert set(told["社区类型"]) <= {"封闭小区", "社区"}
    assert set(told["封闭小区"]) <= {"是", "否"}


def test_ids_keep_their_leading_zeros(tmp_path: Path) -> None:
    areas = part().areas.set_axis([f"{n:03d}" for n in range(len(part().areas))])
    made = qh.assess(areas, part().facilities, part().network, part().checklist)
    plan = openpyxl.load_workbook(write_workbook(made, tmp_path / "x.xlsx"))["社区一览"]
    assert [plan.cell(row, 1).value for row in (2, 3)] == ["000", "001"]
    assert plan.cell(2, 1).number_format == "@"


def test_a_name_is_never_a_formula(tmp_path: Path) -> None:
    areas = part().areas.copy()
    areas["name"] = "=1+1"
    made = replace(part(), areas=areas)
    path = write_workbook(made, tmp_path / "x.xlsx", lang="zh")
    sheet = openpyxl.load_workbook(path)["社区一览"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert len(cells) == len(areas)
    assert {cell.data_type for cell in cells} == {"s"}


# Written again


def test_what_was_typed_stays_with_its_area_and_item(tmp_path: Path) -> None:
    path = write_workbook(part(), tmp_path / "plan.xlsx")
    area, item = first_gap()
    due = datetime(2027, 6, 30)
    type_into(path, TYPED | {"完成时限": due, "经费（万元）": 12.5}, area, item)
    write_workbook(part(), path)
    sheet = openpyxl.load_workbook(path)["缺什么补什么"]
    row = row_of(sheet, area, item)
    told = {name: sheet.cell(row, column(sheet, name)).value for name in TYPED}
    assert told == TYPED | {"完成时限": due}
    assert sheet.cell(row, column(sheet, "经费（万元）")).value == 12.5
    others = [sheet.cell(n, column(sheet, "整改措施")).value for n in range(2, sheet.max_row + 1)]
    assert sum(value is not None for value in others) == 1


def test_it_stays_where_rows_were_sorted_and_in_another_language(tmp_path: Path) -> None:
    path = write_workbook(part(), tmp_path / "plan.xlsx")
    area, item = first_gap()
    type_into(path, TYPED, area, item)
    made = openpyxl.load_workbook(path)
    sheet = made["缺什么补什么"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for at, values in enumerate(reversed(rows), start=2):
        for place, value in enumerate(values, start=1):
            sheet.cell(at, place).value = value
    made.save(path)
    write_workbook(part(), path, lang="en")
    english = openpyxl.load_workbook(path)
    assert "缺什么补什么" not in english.sheetnames
    sheet = english["work plan"]
    key = next(i for i in part().checklist if name_of(i, "zh") == item)
    row = row_of(sheet, area, name_of(key, "en"), "item")
    heads = ("measure", "responsible unit", "deadline", "progress")
    assert [sheet.cell(row, column(sheet, name)).value for name in heads] == [*TYPED.values()]


def test_what_is_no_gap_any_more_is_kept_with_what_became_of_it(tmp_path: Path) -> None:
    path = write_workbook(part(), tmp_path / "plan.xlsx")
    area, item = first_gap()
    type_into(path, TYPED, area, item)
    key = next(i.key for i in part().checklist if name_of(i, "zh") == item)
    where = part().areas.to_crs(4326)
    where = where[where.index.map(str) == area].geometry.iloc[0].representative_point()
    new = qh.AddFacility(item=key, at=(where.x, where.y))
    built = qh.scenario(part(), [new])
    write_workbook(built, path)
    made = openpyxl.load_workbook(path)
    assert row_of(made["缺什么补什么"], area, item) is None
    kept = made["已不在清单"]
    row = row_of(kept, area, item)
    assert row is not None
    assert kept.cell(row, column(kept, "现状")).value == "达标"
    assert kept.cell(row, column(kept, "责任单位")).value == TYPED["责任单位"]
    write_workbook(built, path)  # once more: it is still there
    assert row_of(openpyxl.load_workbook(path)["已不在清单"], area, item) is not None
    write_workbook(part(), path)  # the gap is back, and so is what was typed
    back = openpyxl.load_workbook(path)
    assert "已不在清单" not in back.sheetnames
    sheet = back["缺什么补什么"]
    assert sheet.cell(row_of(sheet, area, item), column(sheet, "进展")).value == TYPED["进展"]


def test_sheets_of_other_people_stay(tmp_path: Path) -> None:
    path = write_workbook(part(), tmp_path / "plan.xlsx")
    made = openpyxl.load_workbook(path)
    made.create_sheet("会议记录", 0)["A1"] = "六月例会"
    made.save(path)
    write_workbook(part(), path)
    again = openpyxl.load_workbook(path)
    assert again.sheetnames[-1] == "会议记录"
    assert again["会议记录"]["A1"].value == "六月例会"
    assert again.sheetnames[0] == "总览"


def test_typed_cells_come_from_another_file_if_asked(tmp_path: Path) -> None:
    old = write_workbook(part(), tmp_path / "old.xlsx")
    area, item = first_gap()
    type_into(old, TYPED, area, item)
    new = write_workbook(part(), tmp_path / "new.xlsx", edited=old)
    sheet = openpyxl.load_workbook(new)["缺什么补什么"]
    assert sheet.cell(row_of(sheet, area, item), column(sheet, "整改措施")).value == "改扩建"


def test_what_cannot_be_kept_stops_the_writing(tmp_path: Path) -> None:
    path = write_workbook(part(), tmp_path / "plan.xlsx")
    made = openpyxl.load_workbook(path)
    made["缺什么补什么"]["A1"] = "编号"
    made.save(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match="no column id in its first row"):
        write_workbook(part(), path)
    assert path.read_bytes() == before
    with pytest.raises(InputError, match="no such workbook"):
        write_workbook(part(), path, edited=tmp_path / "nowhere.xlsx")
    foreign = tmp_path / "foreign.xlsx"
    openpyxl.Workbook().save(foreign)
    with pytest.raises(InputError, match="no workbook of ours"):
        write_workbook(part(), tmp_path / "new.xlsx", edited=foreign)
    path.write_bytes(before[: len(before) // 2])
    assert write_workbook(part(), path) == path  # no workbook is lost: what is there is none


NEEDS_OFFICE = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="needs LibreOffice (soffice)"
)


def converted(book: Path, form: str, folder: Path) -> Path:
    """The workbook as LibreOffice saves it, without a word of repairs."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [shutil.which("soffice") or "", profile, "--headless", "--convert-to", form]
    done = subprocess.run(  # noqa: S603 - the program that was found
        [*command, "--outdir", folder, book],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "repair" not in (done.stdout + done.stderr).lower()
    return folder / f"{book.stem}.{form}"


@pytest.mark.long
@NEEDS_OFFICE
def test_libreoffice_opens_it_whole(book: Path, tmp_path: Path) -> None:
    assert converted(book, "ods", tmp_path).stat().st_size > 10_000


@pytest.mark.long
@NEEDS_OFFICE
def test_what_was_typed_stays_when_another_program_saved_it(tmp_path: Path) -> None:
    town = part()
    known = [f"{n:04d}" for n in range(len(town.areas))]
    areas = town.areas.assign(id=known).set_index("id", drop=False)
    given = areas, town.facilities, town.network, town.checklist
    path = write_workbook(qh.assess(*given), tmp_path / "town.xlsx")
    plan = openpyxl.load_workbook(path)["缺什么补什么"]
    area, item = plan.cell(2, 1).value, plan.cell(2, column(plan, "设施项目")).value
    assert area in known
    type_into(path, {"整改措施": "新建", "备注": "已与物业沟通"}, area, item)
    (folder := tmp_path / "saved").mkdir()
    saved = converted(path, "xlsx", folder)
    plan = openpyxl.load_workbook(saved)["缺什么补什么"]
    assert plan.cell(2, 1).value == area
    assert len(plan.data_validations.dataValidation) == 4
    assert plan.auto_filter.ref
    write_workbook(qh.assess(*given), saved)
    plan = openpyxl.load_workbook(saved)["缺什么补什么"]
    row = row_of(plan, area, item)
    assert row is not None
    assert plan.cell(row, column(plan, "整改措施")).value == "新建"
    assert plan.cell(row, column(plan, "备注")).value == "已与物业沟通"
    assert plan.freeze_panes == "D2"
