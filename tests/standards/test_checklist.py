from __future__ import annotations

import json
import warnings
from dataclasses import fields, replace
from pathlib import Path

import pytest

from quarterhour.errors import ChecklistError, QuarterhourWarning
from quarterhour.standards import checklist as module
from quarterhour.standards.checklist import Checklist, checklists
from quarterhour.standards.files import shipped
from quarterhour.standards.items import Group, HostRule, Item
from quarterhour.standards.schema import GROUP, HOST, ITEM, parse

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "beijing30.json"

SMALL = """\
key = "small"
zh = "小"
en = "small"
status = "verified"
citation = "none: made for a test"

[defaults]
kind = "public"
checkability = "A"
status = "verified"
citation = "none: made for a test"
limit_minutes = 15

[[groups]]
key = "all"
zh = "全"
en = "all"

[[items]]
key = "toilet"
zh = "公厕"
en = "toilet"
group = "all"
osm = ["amenity=toilets"]
include = '公厕'

[[items]]
key = "station"
zh = "服务站"
en = "station"
group = "all"

[[hosts]]
hosts = ["station"]
implies = ["toilet"]
strength = 0.5
basis = "judgement"
citation = "none: made for a test"
"""


@pytest.fixture(autouse=True)
def untold() -> None:
    module._WARNED.clear()


@pytest.fixture
def beijing() -> Checklist:
    return Checklist.load("beijing-2011")


def written(tmp_path: Path, text: str, name: str = "small.toml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


# --- the annex ----------------------------------------------------------------------------------

ANNEX = """
一校 市民学校(或社区老年学校、社区党校)
二栏 社区综合宣传栏
二栏 事务公开栏
三中心 社区室内多功能活动中心(含文体活动室、党员活动室、会议室)
三中心 室外体育活动中心(含全民健身工程)
三中心 文化中心(广场)
四场 菜市场
四场 公共停车场(含存自行车处和居民汽车场库)
四场 垃圾分类投放场所
四场 公共厕所
五室 社区党组织办公室
五室 居委会办公室
五室 图书阅览室(或社区书屋)
五室 人民调解室
五室 日间照料室(或托老<残>所)
六站 社区服务站
六站 卫生服务站
六站 警务工作室
六站 巡防工作站
六站 来京人员和出租房屋服务站(或新居民互助服务站)
六站 再生资源回收站
九网点 餐饮店(含养老<助残>餐桌)
九网点 便利店(或小超市)
九网点 理发店
九网点 洗(收)衣店
九网点 药店
九网点 金融网点(含自助缴费点)
九网点 邮政网点
九网点 家政服务点
九网点 公用电话亭
"""


def test_beijing_is_the_annex_line_by_line(beijing: Checklist) -> None:
    groups = {group.key: group.zh for group in beijing.groups}
    lines = [f"{groups[item.group]} {item.zh}" for item in beijing]
    assert lines == ANNEX.strip().splitlines()


def test_beijing_counts_1_2_3_4_5_6_9(beijing: Checklist) -> None:
    counts = [sum(item.group == group.key for item in beijing) for group in beijing.groups]
    assert counts == [1, 2, 3, 4, 5, 6, 9]
    assert len(beijing) == sum(counts) == 30
    checks = [item.checkability for item in beijing]
    assert [checks.count(letter) for letter in "ABCD"] == [10, 10, 6, 4]


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference file is not shipped")
def test_beijing_agrees_with_the_reference(beijing: Checklist) -> None:
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))
    for item, line in zip(beijing, reference["items"], strict=True):
        assert (item.key, item.zh, item.en) == (line["id"], line["zh"], line["en"])
        assert (item.group, item.kind, item.form) == (line["group"], line["kind"], line["form"])
        assert item.checkability == line["checkability"]
        assert item.any_of == tuple(line["any_of"])
        assert item.parts == tuple(line["includes"])
        assert [tag.split(" & ")[-1] for tag in item.osm] == line["osm"]


def test_sub_keys_ask_for_their_parent_tag(beijing: Checklist) -> None:
    parents = {
        "community_centre": "amenity=community_centre",
        "social_facility": "amenity=social_facility",
        "recycling_type": "amenity=recycling",
        "information": "tourism=information",
    }
    for item in beijing:
        for tag in item.osm + item.osm_proxy:
            key = tag.split(" & ")[-1].split("=")[0]
            if key in parents:
                assert tag.startswith(f"{parents[key]} & ")


def test_beijing_hosts(beijing: Checklist) -> None:
    implied = {key for rule in beijing.hosts for key in rule.implies}
    assert implied == {
        "residents_committee_office", "party_office", "police_office", "reading_room",
        "indoor_activity_centre", "mediation_room", "publicity_board", "affairs_notice_board",
        "citizen_school",
    }  # fmt: skip
    by_basis = {rule.basis: rule for rule in beijing.hosts}
    assert "完整居住社区建设标准(试行)" in beijing.hosts[0].citation
    assert "publicity_board" in by_basis["judgement"].implies


def test_every_item_has_a_citation_or_says_it_has_none() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", QuarterhourWarning)
        for name in shipped():
            for item in Checklist.load(name):
                assert item.citation.strip(), (name, item.key)


# --- a checklist as a thing ---------------------------------------------------------------------


def test_lookup(beijing: Checklist) -> None:
    assert beijing["pharmacy"].zh == "药店"
    assert "pharmacy" in beijing
    assert "library" not in beijing
    assert beijing.keys()[0] == "citizen_school"
    with pytest.raises(ChecklistError, match="did you mean 'pharmacy'"):
        beijing["pharmcy"]
    with pytest.raises(ChecklistError, match="it has: citizen_school"):
        beijing["zzz"]


def test_to_frame(beijing: Checklist) -> None:
    frame = beijing.to_frame()
    assert frame.index.tolist() == list(beijing.keys())
    assert frame.loc["food_market", "group_zh"] == "四场"
    assert frame.loc["day_care_room", "any_of"] == "日间照料室; 托老所; 托残所"
    assert frame["number"].tolist() == list(range(1, 31))


def test_it_shows_itself_shortly(beijing: Checklist) -> None:
    assert "30 items in 7 groups" in repr(beijing)
    assert len(repr(beijing)) < 120
    assert "菜市场" in beijing._repr_html_()


def test_it_is_frozen_and_digested(beijing: Checklist) -> None:
    with pytest.raises(AttributeError):
        beijing.key = "other"  # type: ignore[misc]
    assert beijing.sha256 == Checklist.load("beijing-2011").sha256
    assert beijing.sha256 != beijing.only(kinds=["public"]).sha256
    assert hash(beijing) == hash(Checklist.load("beijing-2011"))


def test_only(beijing: Checklist) -> None:
    outlets = beijing.only(groups=["wangdian"])
    assert len(outlets) == 9
    assert [group.zh for group in outlets.groups] == ["九网点"]
    assert outlets.hosts == ()
    assert beijing.only(kinds="volunteer").keys() == ("mediation_room", "patrol_station")
    assert beijing.only(groups=["zhan"]).hosts[0].implies == ("police_office",)
    with pytest.raises(ChecklistError, match="no group shops"):
        beijing.only(groups=["shops"])
    with pytest.raises(ChecklistError, match="no kind free"):
        beijing.only(kinds=["free"])


def test_extend(beijing: Checklist) -> None:
    locker = replace(beijing["pharmacy"], key="parcel_locker", zh="快递柜", group="extra")
    longer = beijing.extend([locker], groups=[Group("extra", "自选动作", "free choice")])
    assert len(longer) == 31
    assert longer.groups[-1].key == "extra"
    assert len(beijing) == 30
    with pytest.raises(ChecklistError, match="use override"):
        longer.extend([locker])
    with pytest.raises(ChecklistError, match="in group 'extra', which the checklist does not"):
        beijing.extend([locker])


def test_override(beijing: Checklist) -> None:
    stricter = beijing.override({"food_market": {"limit_minutes": 10, "osm": ["shop=farm"]}})
    assert stricter["food_market"].limit_minutes == 10
    assert stricter["food_market"].osm == ("shop=farm",)
    assert beijing["food_market"].limit_minutes == 15
    with pytest.raises(ChecklistError, match="no 'limit' to override"):
        beijing.override({"food_market": {"limit": 10}})
    with pytest.raises(ChecklistError, match="did you mean 'food_market'"):
        beijing.override({"food_markt": {}})


def test_translated(beijing: Checklist) -> None:
    names = {"pharmacy": "Apotheke", "wangdian": "neun Läden", "beijing-2011": "Peking"}
    german = beijing.translated(names)
    assert german["pharmacy"].en == "Apotheke"
    assert german["pharmacy"].zh == "药店"
    assert german.groups[-1].en == "neun Läden"
    assert german.en == "Peking"
    assert beijing.translated({"pharmacy": "藥局"}, language="zh")["pharmacy"].zh == "藥局"
    with pytest.raises(ChecklistError, match="nothing called pharmcy"):
        beijing.translated({"pharmcy": "Apotheke"})
    with pytest.raises(ChecklistError, match="language must be"):
        beijing.translated({}, language="de")


def test_diff(beijing: Checklist) -> None:
    other = beijing.only(groups=["wangdian"]).override({"pharmacy": {"limit_minutes": 10}})
    diff = beijing.diff(other)
    assert (diff["difference"] == "only here").sum() == 21
    changed = diff[diff["item"] == "pharmacy"].iloc[0]
    assert (changed["difference"], changed["here"], changed["there"]) == ("limit_minutes", 15, 10)
    assert (other.diff(beijing)["difference"] == "only there").sum() == 21
    assert beijing.diff(beijing).empty


def test_the_shipped_ones_are_listed() -> None:
    table = checklists()
    assert table.loc["beijing-2011", "items"] == 30
    assert table.loc["beijing-2011", "status"] == "verified"
    assert table.index.is_unique
    unverified = table[table["status"] == "unverified"]
    assert (unverified["missing"] != "").all()


# --- files --------------------------------------------------------------------------------------


def test_the_schema_has_the_fields_of_the_classes() -> None:
    assert set(ITEM) - {"like"} == {f.name for f in fields(Item)}
    assert set(GROUP) == {f.name for f in fields(Group)}
    assert set(HOST) == {f.name for f in fields(HostRule)}


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    own = Checklist.load(written(tmp_path, SMALL))
    assert own.keys() == ("toilet", "station")
    assert own["toilet"].limit_minutes == 15
    assert own["toilet"].osm == ("amenity=toilets",)
    assert own.hosts[0].implies == ("toilet",)


HEAD = 'status = "verified"\ncitation = "none: made for a test"\n\n[de'
MISTAKES = {
    "unknown key": ("zh = \"公厕\"\n", "zh = \"公厕\"\nexlude = 'x'\n", 22, "exlude", "exclude"),
    "missing key": ('en = "toilet"\n', "", 19, "en", "missing"),
    "wrong type": ('osm = ["amenity=toilets"]', 'osm = "amenity=toilets"', 24, "osm", "list"),
    "bad tag": ('osm = ["amenity=toilets"]', 'osm = ["toilets"]', 24, "osm", "key=value"),
    "bad regex": ("include = '公厕'", "include = '公厕('", 25, "include", "regular expression"),
    "duplicate": ('key = "station"', 'key = "toilet"', 28, "key", "line 20"),
    "unknown group": ('let"\ngroup = "all"', 'let"\ngroup = "al"', 23, "group", "al"),
    "unknown host": ('hosts = ["station"]', 'hosts = ["statoin"]', 34, "hosts", "station"),
    "unknown implied": ('implies = ["toilet"]', 'implies = ["bar"]', 35, "implies", "bar"),
    "strength": ("strength = 0.5", "strength = 5", 36, "strength", "at most 1"),
    "choice": ('kind = "public"', 'kind = "free"', 8, "kind", "volunteer"),
    "number": ("limit_minutes = 15", "limit_minutes = -1", 12, "limit_minutes", "above 0"),
    "status": (HEAD, 'status = "ok"\ncitation = "x"\n\n[de', 4, "status", "unverified"),
    "unverified": (HEAD, HEAD.replace("ver", "unver", 1), None, "missing", "what is missing"),
    "two limits": ("include = '公厕'", "limit_m = 5\nlimit_minutes = 5", 25, "limit_m", "not both"),
    "like nothing": ("include = '公厕'", 'like = "beijing-2011:toilet"', 25, "like", "no item"),
    "like nobody": ("include = '公厕'", 'like = "beijing-1911:toilet"', 25, "like", "neither"),
    "a list of tables": ("[[groups]]", "[groups]", 14, "groups", "[[groups]]"),
    "flag": ("include = '公厕'", "required = 1", 25, "required", "true or false"),
    "whole": ("include = '公厕'", "at_least = 1.5", 25, "at_least", "whole number"),
    "code": ("include = '公厕'", 'amap = ["0601xx"]', 25, "amap", "typecode"),
    "empty text": ("include = '公厕'", 'any_of = [" "]', 25, "any_of", "names something"),
    "pattern type": ("include = '公厕'", "include = 5", 25, "include", "quotes"),
    "removed": ("[[hosts]]", "[[removed]]\nkey='a'\nwhy='b'\n[[hosts]]", 34, "key", "to remove"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_line_and_key(tmp_path: Path, mistake: str) -> None:
    old, new, line, key, said = MISTAKES[mistake]
    assert SMALL.count(old) >= 1
    path = written(tmp_path, SMALL.replace(old, new, 1))
    with pytest.raises(ChecklistError) as caught:
        Checklist.load(path)
    message = str(caught.value)
    assert message.startswith("small.toml")
    assert f"key `{key}`" in message
    assert said in message
    if line is not None:
        assert f"line {line}:" in message


def test_a_syntax_error_is_told_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL.replace('zh = "小"', 'zh = "小'))
    with pytest.raises(ChecklistError, match=r"small.toml: not valid TOML: .*line 2"):
        Checklist.load(path)
    path = written(tmp_path, SMALL.replace('zh = "小"', 'zh = "小"\nzh = "小"'))
    with pytest.raises(ChecklistError, match=r"line 3"):
        Checklist.load(path)


def test_lines_are_right_after_long_values() -> None:
    text = SMALL.replace(
        "[defaults]",
        'note = """\na = 1 # no [key]\n[[items]]\n"""\nosm_veto = [\n "a=b", # c\n]\n[defaults]',
    ).replace("limit_minutes = 15", "limit_minutes = 'x'")
    with pytest.raises(ChecklistError, match="line 19: key `limit_minutes`"):
        parse(text, "small.toml")


def test_unknown_names() -> None:
    with pytest.raises(ChecklistError, match="Did you mean 'beijing-2011'") as caught:
        Checklist.load("bejing-2011")
    assert "Shipped are: " in str(caught.value)
    with pytest.raises(ChecklistError, match=r"no checklist file nowhere/mine.toml"):
        Checklist.load("nowhere/mine.toml")


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "gb.toml"
    path.write_bytes(SMALL.encode("gb18030"))
    with pytest.raises(ChecklistError, match="cannot be read as UTF-8"):
        Checklist.load(path)


def test_extends_and_like(tmp_path: Path) -> None:
    written(tmp_path, SMALL)
    text = """\
key = "local"
zh = "地方"
en = "local"
status = "verified"
citation = "none: made for a test"
extends = "small"

[[removed]]
key = "station"
why = "closed"

[[items]]
key = "toilet"
limit_m = 300

[[items]]
key = "drugstore"
zh = "药房"
en = "drugstore"
group = "all"
kind = "commercial"
checkability = "A"
status = "verified"
citation = "none: made for a test"
like = "beijing-2011:pharmacy"
"""
    local = Checklist.load(written(tmp_path, text, "local.toml"))
    assert local.keys() == ("toilet", "drugstore")
    assert local["toilet"].include == "公厕"
    assert (local["toilet"].limit_m, local["toilet"].limit_minutes) == (300, None)
    assert local["drugstore"].amap == ("090601",)
    assert local["drugstore"].citation == "none: made for a test"
    assert local.hosts == ()
    assert local.removed == (("station", "closed"),)
    broken = text.replace('zh = "药房"\n', "")
    with pytest.raises(ChecklistError, match="line 16: key `zh` of item `drugstore`: missing"):
        Checklist.load(written(tmp_path, broken, "local.toml"))


def test_a_circle_of_files_is_refused(tmp_path: Path) -> None:
    written(tmp_path, SMALL.replace("[defaults]", 'extends = "b"\n[defaults]'), "a.toml")
    written(tmp_path, SMALL.replace("[defaults]", 'extends = "a"\n[defaults]'), "b.toml")
    with pytest.raises(ChecklistError, match="built upon itself: a -> b -> a"):
        Checklist.load(tmp_path / "a.toml")


def test_an_unverified_checklist_warns_once(tmp_path: Path) -> None:
    text = SMALL.replace(
        'status = "verified"\ncitation',
        'status = "unverified"\nmissing = "half of it."\ncitation',
        1,
    )
    path = written(tmp_path, text)
    with pytest.warns(QuarterhourWarning, match="small is unverified: half of it"):
        Checklist.load(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Checklist.load(path).status == "unverified"
