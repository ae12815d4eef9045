"""Column names as planners write them, in Chinese and English, and what they mean here."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from quarterhour.errors import InputError
from quarterhour.places.contracts import listed
from quarterhour.places.notes import Listing, Note
from quarterhour.sources.tables.numbers import without_unit
from quarterhour.sources.tables.positions import Position

# Where a row is: one of these roles, or a pair of them; see headers.py. "latlon" is a text
# "lat,lon", which no file can be told to have by itself: "location" is read as "lon,lat".
_PLACE = ("lon", "lat", "location", "latlon", "wkt")
_COMMON = {
    "id": "",  # any of several columns, whichever names the rows; see own_labels.py
    "name": "name 名称 名字 中文名称 中文名 poi名称 poiname poi_name title",
    "name:zh": "name:zh name_zh",
    "name:en": "name:en name_en 英文名称 英文名",
    "address": "address addr 地址 详细地址 位置",
    "source": "source 来源 数据来源",
}
_FACILITIES = {
    "name": "店名 商户名称 商家名称 设施名称 机构名称 网点名称 单位名称 门店名称 场所名称 学校名称",
    "typecode": "typecode type_code poi_typecode 类型编码 类型代码 分类编码 分类代码 类别编码 "
    "类别代码 高德编码 poi编码 poi类型编码 poi分类编码",
    "type": "type 类型 类别 分类 poi类型 poi分类",
    "item": "item items 清单项 清单项目 项目编码 要素",
    "phone": "phone tel telephone 电话 联系电话 电话号码",
    "opening_hours": "opening_hours 营业时间 开放时间 服务时间 opentime open_time opentime_week "
    "shop_hours",
    "service_mode": "service_mode 服务方式 服务模式",
    "contracted": "contracted 签约 是否签约 签约服务商",
    "shared": "shared 共享 是否共享 单位共享",
    "services": "services 服务项目 服务清单 服务内容 提供服务",
    "owner": "owner 权属 权属单位 产权 产权单位 所属单位 业主单位 管理单位",
    "consent": "consent 同意 是否同意 单位同意 征得同意 是否征得同意 权属单位同意",
    "counted": "counted 计入 是否计入 纳入 是否纳入",
    "recurrence": "recurrence rrule 服务周期 周期 服务频次 频次 服务日 服务日期 上门日期 "
    "定期时间 流动时间",
    "satisfaction": "satisfaction 满意度 满意率 居民满意度 总体满意度 满意度评分",
    "satisfaction_attitude": "satisfaction_attitude 服务态度 态度评分 服务态度评分 服务态度满意度",
    "satisfaction_ability": "satisfaction_ability 服务能力 能力评分 服务能力评分 服务能力满意度",
    "satisfaction_n": "satisfaction_n 评价人数 评价数 评价人次 测评人数 样本数 样本量",
    "satisfaction_date": "satisfaction_date 评价日期 测评日期 评价时间 测评时间",
    "status": "status 状态 营业状态 运营状态 business_status",
    "capacity": "capacity 容量 床位 床位数 学位 学位数 座位数 规模 车位 车位数 停车位 停车位数 "
    "泊位 泊位数",
    "capacity_day": "capacity_day 白天车位 白天车位数 日间车位 日间车位数 日间泊位 白天泊位",
    "capacity_night": "capacity_night 夜间车位 夜间车位数 夜间泊位 夜间共享车位 晚间车位",
    "capacity_hours": "capacity_hours 分时车位 分时段车位 分时泊位 分时容量",
    "valid_from": "valid_from 启用日期 开业日期 开业时间 开始日期 起始日期 生效日期",
    "valid_to": "valid_to 停用日期 停业日期 结束日期 终止日期 失效日期",
}
_AREAS = {
    "name": "小区名称 小区 小区名 社区名称 社区 社区名 居委会 居委会名称 楼盘名称 区域名称",
    "residents": "residents population pop people inhabitants 人口 人口数 总人口 常住人口 "
    "常住人口数 居民 居民数 居民人数 居住人口 人数",
    "residents_elderly": "residents_elderly 老年人 老年人口 老年人数 老年人口数 老人数 老龄人口 "
    "60岁以上人口 60岁及以上人口 65岁以上人口 65岁及以上人口",
    "residents_child": "residents_child 未成年人 未成年人数 未成年人口 儿童 儿童数 儿童人数",
    "residents_disabled": "residents_disabled 残疾人 残疾人数 残疾人口 残疾人口数",
    "residents_low_income": "residents_low_income 低保对象 低保人数 低保人口 低保对象人数",
    "residents_entitled": "residents_entitled 优抚对象 优抚对象人数 优抚人数",
    "households": "households 户数 家庭户数 住户数 总户数",
    "cars": "cars 汽车数 车辆数 机动车数 私家车数 小汽车数 机动车保有量 汽车保有量",
    "cars_day": "cars_day 白天车辆数 日间车辆数 白天机动车数",
    "spaces": "spaces parking_spaces 车位 车位数 自有车位 自有车位数 停车位 停车位数 泊位数",
    "area_kind": "area_kind 区域类型 区域类别",
    "walled": "walled gated 围墙 有围墙 是否围合 封闭 是否封闭 封闭式 封闭小区",
}
_BUILDINGS = {
    "name": "楼名 楼栋 楼栋名称 楼号",
    "building": "building 建筑类型 建筑用途 用途",
    "levels": "levels building:levels building_levels floors floor stories storeys "
    "num_floors 层数 楼层 楼层数 地上层数 总层数",
    "residential": "residential 住宅 是否住宅 居住",
}
_GATES = {
    "kind": "kind gate_kind barrier entrance 类型 门类型",
    "access": "access 通行 通行权限",
    "foot": "foot 步行",
}
_NETWORK = {
    "osmid": "osmid osm_id",
    "name": "路名 道路名称",
    "highway": "highway fclass 道路等级 道路类型",
}

ROLES: dict[str, dict[str, tuple[str, ...]]] = {}
for _what, _own in (
    ("facilities", _FACILITIES),
    ("areas", _AREAS),
    ("buildings", _BUILDINGS),
    ("gates", _GATES),
    ("streets", _NETWORK),
):
    _merged = {**dict.fromkeys(_PLACE, ""), **_COMMON}
    for _role, _names in _own.items():
        _merged[_role] = f"{_merged[_role]} {_names}" if _role in _merged else _names
    ROLES[_what] = {_role: tuple(_names.split()) for _role, _names in _merged.items()}

PLACE_ROLES = frozenset(_PLACE)
_SHAPEFILE_LENGTH = 10  # bytes of a field name in a DBF file; what is longer was cut off


@dataclass(frozen=True)
class Recognised:
    """Which column of a table plays which role, and what there is to tell about it."""

    column: dict[str, str]
    notes: tuple[str, ...]

    def has_place(self) -> bool:
        """Tell whether a position can be read from the columns."""
        return {"lon", "lat"} <= set(self.column) or bool(
            {"location", "latlon", "wkt"} & set(self.column)
        )


def recognise(
    names: list[str],
    what: str,
    columns: Mapping[str, str] | None,
    place: Position | None = None,
) -> Recognised:
    """
    Find the role of each column.

    Parameters
    ----------
    names
        The column names of a table.
    what
        "facilities", "areas", "buildings", "gates" or "streets".
    columns
        What the caller says, role to column name; it goes before everything else.
    place
        The columns that the position is read from, if it is not a geometry.

    Returns
    -------
    recognised
        Role to column name, and notes on what was renamed or left alone.
    """
    roles = ROLES[what]
    found = dict(columns or {}) | (place.column if place is not None else {})
    taken = set(found.values())
    keys = {key(without_unit(name)): name for name in reversed(names)}
    keys |= {key(name): name for name in reversed(names)}
    short = {name.lower(): name for name in names if len(name.encode()) == _SHAPEFILE_LENGTH}
    notes: list[str] = []
    for role, aliases in roles.items():
        if role in found or role in PLACE_ROLES:
            continue
        hits = [keys[alias] for alias in map(key, aliases) if alias in keys]
        cut = [alias[:_SHAPEFILE_LENGTH] for alias in aliases]
        hits += [short[alias] for alias in cut if alias in short]
        hits = [name for name in dict.fromkeys(hits) if name not in taken]
        if hits:
            found[role] = hits[0]
            taken.add(hits[0])
            rest = hits[1:]
            if rest and role not in ("name", "type"):
                notes.append(
                    Note(
                        "column_chosen",
                        "{0} is read from column {1!r}, not from {2}.",
                        role,
                        hits[0],
                        listed(rest),
                    )
                )
    told = [f"{name} = {role}" for role, name in found.items() if name != role]
    if told:
        notes.insert(0, Note("columns", "Columns recognised: {0}.", Listing(told)))
    return Recognised(found, tuple(notes))


def rename(table: pd.DataFrame, recognised: Recognised) -> pd.DataFrame:
    """
    Return a table whose columns are called by their roles.

    A column that bears the name of a role that another one plays keeps its content under a new
    name, ending in "_original".

    Parameters
    ----------
    table
        The table as read.
    recognised
        What `recognise` found.

    Returns
    -------
    table
        The renamed table.
    """
    new = {name: role for role, name in recognised.column.items()}
    for name in table.columns:
        if name in recognised.column and name not in new:
            new[name] = f"{name}_original"
    return table.rename(columns=new)


def key(name: str) -> str:
    """
    Return a column name as it is compared: half-width, lower case, without spaces, "_" and "-".

    Parameters
    ----------
    name
        Any column name.

    Returns
    -------
    key
        Its comparable form.
    """
    text = unicodedata.normalize("NFKC", str(name)).lower()
    text = text.split("(")[0] if not text.startswith("(") else text
    return "".join(text.replace("-", "").replace("_", "").split())


def columns_place(columns: Mapping[str, str]) -> bool:
    """
    Tell whether columns named by the caller say where a row is.

    Parameters
    ----------
    columns
        Role to column name.

    Returns
    -------
    says
        True if so.
    """
    return bool({"location", "latlon", "wkt"} & set(columns)) or {"lon", "lat"} <= set(columns)


def check_said(said: Mapping[str, str], names: list[str], what: str) -> None:
    """
    Refuse roles and columns that do not exist.

    Parameters
    ----------
    said
        Role to column name, as the caller says.
    names
        The columns of the table.
    what
        "facilities", "areas", "buildings", "gates" or "streets".
    """
    roles = ROLES[what]
    unknown = [role for role in said if role not in roles]
    if unknown:
        raise InputError(
            f"columns= names {listed(unknown)}, which is no column known here. "
            f"Known are: {', '.join(roles)}."
        )
    absent = [name for name in said.values() if name not in names]
    if absent:
        raise InputError(
            f"columns= asks for {listed(map(repr, absent))}, but the table has no such column. "
            f"It has: {', '.join(map(str, names))}."
        )
