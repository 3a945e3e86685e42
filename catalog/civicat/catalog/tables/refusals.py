"""What is asked of a table, checked before anything is computed: an unknown word is refused, never ignored.

Datasette passes over what it does not know (`?_search=` without an index, an unknown operator) and answers with all
rows. That would be a wrong answer; here it is a refusal that says which word, and what to write instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl

from civicat.catalog.tables.kinds import Kind, UnreadableError, read
from civicat.catalog.tables.translate import Shape
from civicat.text import Text

BY_VALUE = ("exact", "not", "gt", "gte", "lt", "lte")
BY_PATTERN = ("contains", "startswith", "endswith", "like", "notlike", "glob")
BY_LIST = ("in", "notin")
BY_EMPTINESS = ("isnull", "notnull", "isblank", "notblank")
BY_DAY = ("date",)
OPERATORS = (*BY_VALUE, *BY_PATTERN, *BY_LIST, *BY_EMPTINESS, *BY_DAY)

MOST_FACETS = 6  # that one question may ask for: each is a count over all rows
MOST_VALUES = 200  # of a facet

# What each format of a table has besides its filters, by the end of its address; "" is the page.
_ORDER = ("_sort", "_sort_desc", "_col", "_nocol", "_next")
_PAGED = (*_ORDER, "_size", "_facet")
_OF_JSON = ("_shape", "_nl", "_json", "_json_infinity")
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "": _PAGED,
    "json": (*_PAGED, *_OF_JSON, "_facet_date", "_facet_size", "_nocount", "_nofacet", "_nosuggest"),
    "csv": _ORDER,
}
_KNOWN_OF_ROW: Mapping[str, tuple[str, ...]] = {"": (), "json": _OF_JSON}
_OF_COLUMNS = ("_sort", "_sort_desc", "_facet", "_facet_date", "_col", "_nocol", "_json")
_FACETS = ("_facet", "_facet_date")
_SHAPES = ("arrays", "objects", "array", "object", "arrayfirst")
_SWITCHES = ("on", "off", "true", "false", "1", "0")
_DAYS = (Kind.DATE, Kind.DATETIME, Kind.INSTANT)
_SQL = ("sql", "_where", "_through")
_BAD, _DENIED = 400, 403

# What others append to an address when it is shared: it asks nothing of a page.
_TRACKING_PREFIX = "utm_"
_TRACKING = frozenset(
    (
        *("fbclid", "gclid", "gbraid", "wbraid", "dclid", "msclkid", "yclid", "twclid", "ttclid", "igshid", "igsh"),
        *("mc_cid", "mc_eid", "_ga", "_gl", "_hsenc", "_hsmi", "isappinstalled", "spm", "scm", "share_token"),
    )
)
_SHARED_FROM = frozenset(
    {"timeline", "groupmessage", "singlemessage"}
)  # WeChat's `from`; any other value is a question


class RefusalError(Exception):
    """A request that is not answered: the HTTP status, and in both languages what is wrong and what to do."""

    def __init__(self, status: int, heading: Text, reason: Text) -> None:
        super().__init__(reason.en)
        self.status = status
        self.heading = heading
        self.reason = reason


def bad_request(reason: Text) -> RefusalError:
    """A refusal with status 400."""
    return RefusalError(_BAD, Text("这样的查询无法回答", "This question cannot be answered"), reason)


def pairs_of(request: Any) -> list[tuple[str, str]]:  # noqa: ANN401 (Datasette ships no types)
    """The parameters of a request in their order."""
    return parse_qsl(request.query_string, keep_blank_values=True)


def filters_of(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """The filters among parameters as (column, operator, value), told from the others as Datasette does."""
    for name, value in pairs:
        if not name.startswith("_") or "__" in name:
            column, found, operator = name.rpartition("__")
            yield (column, operator, value) if found else (name, "exact", value)


def asked_of(request: Any, columns: Iterable[str]) -> list[tuple[str, str]]:  # noqa: ANN401 (as above)
    """What a request asks: each facet once; on a page without what others appended, unless a column is called so."""
    pairs, names = pairs_of(request), frozenset(columns)
    if not request.url_vars["format"]:
        pairs = [(name, value) for name, value in pairs if name in names or not _is_tracking(name, value)]
    facets = dict.fromkeys(pair for pair in pairs if pair[0] in _FACETS)
    return [*(pair for pair in pairs if pair[0] not in _FACETS), *facets]


def _is_tracking(name: str, value: str) -> bool:
    return name.startswith(_TRACKING_PREFIX) or name in _TRACKING or (name == "from" and value in _SHARED_FROM)


def check_question(pairs: Sequence[tuple[str, str]], shape: Shape, most_rows: int, extension: str = "") -> None:
    """Refuses parameters of a table that its format does not know, or whose value cannot be read.

    Raises:
        RefusalError: 400 with the reason, 403 for anything that would be SQL.
    """
    for name, value in pairs:
        if name in _SQL and name not in shape.columns:
            raise _no_sql(name)
        if name.startswith("_") and "__" not in name:
            _check_special(name, value, shape, _KNOWN[extension])
            _check_value_of(name, value, most_rows, extension)
    if sum(name in _FACETS for name, _ in pairs) > MOST_FACETS:
        raise bad_request(
            Text(
                f"一次最多统计 {MOST_FACETS} 列（_facet）。",
                f"One question counts the values of {MOST_FACETS} columns at most (_facet).",
            )
        )
    if {"_sort", "_sort_desc"} <= dict(pairs).keys():
        raise bad_request(Text("_sort 与 _sort_desc 只能用一个。", "Use _sort or _sort_desc, not both."))
    for column, operator, value in filters_of(pairs):
        _check_filter(column, operator, value, shape)
    _check_next(dict(pairs), shape)


def check_row_question(pairs: Sequence[tuple[str, str]], shape: Shape, extension: str = "") -> None:
    """Refuses parameters of a row other than the shape of its JSON.

    Raises:
        RefusalError: 400, or 403 for anything that would be SQL.
    """
    known = _KNOWN_OF_ROW[extension]
    for name, value in pairs:
        if name in _SQL:
            raise _no_sql(name)
        if name not in known:
            raise bad_request(_unknown(name, known))
        _check_special(name, value, shape, known)
        _check_value_of(name, value, 0, extension)


def _no_sql(name: str) -> RefusalError:
    heading = Text("此处不接受 SQL", "No SQL is taken here")
    reason = Text(
        f"地址中的“{name}”会执行 SQL。请用筛选条件，或下载整个文件自行查询。",
        f"“{name}” in the address would run SQL. Use the filters, or download the whole file and query it yourself.",
    )
    return RefusalError(_DENIED, heading, reason)


def _check_special(name: str, value: str, shape: Shape, known: Sequence[str]) -> None:
    if name.startswith("_search"):
        raise bad_request(
            Text(
                "数据表内没有全文检索。请筛选某一列，如 ?列名__contains=词。",
                "There is no full-text search inside a table. Filter a column instead: ?column__contains=word.",
            )
        )
    if name not in known:
        raise bad_request(_unknown(name, known))
    if name in _OF_COLUMNS:
        _check_column(value, shape)
    if name == "_facet_date":
        _check_day(value, shape)


def _unknown(name: str, known: Sequence[str]) -> Text:
    elsewhere = [f".{end}" for end, names in _KNOWN.items() if end and name in names]
    if elsewhere:
        return Text(
            f"“{name}”只用于{'、'.join(elsewhere)} 地址。",
            f"“{name}” is for addresses in {' and '.join(elsewhere)} only.",
        )
    near = get_close_matches(name, known, n=1)
    return Text(
        f"地址中的“{name}”不是这里的参数。{f'您是指“{near[0]}”吗？' if near else ''}",
        f"“{name}” in the address is not known here. {f'Did you mean “{near[0]}”?' if near else ''}".strip(),
    )


def _check_column(name: str, shape: Shape) -> None:
    if name in shape.columns:
        return
    near = get_close_matches(name, list(shape.columns), n=1)
    zh = f"您是指“{near[0]}”吗？" if near else f"可用：{'、'.join(shape.columns)}。"
    en = f"Did you mean “{near[0]}”?" if near else f"It has: {', '.join(shape.columns)}."
    raise bad_request(Text(f"此表没有“{name}”列。{zh}", f"This table has no column “{name}”. {en}"))


def _check_day(column: str, shape: Shape) -> None:
    """Whether a column has days. Datasette would answer nothing for one of texts or numbers."""
    if shape.columns[column] not in _DAYS:
        raise bad_request(
            Text(
                f"“{column}”列不是日期，不能按日筛选或统计。",
                f"The column “{column}” has no dates: its rows cannot be filtered or counted by day.",
            )
        )


def _check_value_of(name: str, value: str, most_rows: int, extension: str) -> None:
    """Whether a parameter of Datasette's own has a value that it can have."""
    if name == "_size" and value != "max":
        _check_number(name, value, 0 if extension else 1, most_rows)  # a page of no rows would say that there are none
    elif name == "_facet_size":
        _check_number(name, value, 1, MOST_VALUES)
    elif name in _LISTED and value not in _LISTED[name]:
        listed = ", ".join(_LISTED[name])
        raise bad_request(Text(f"{name} 只能取：{listed}。", f"{name} must be one of: {listed}."))


_LISTED: Mapping[str, tuple[str, ...]] = {"_shape": _SHAPES, "_json_infinity": _SWITCHES}


def _check_number(name: str, value: str, least: int, most: int) -> None:
    if value.isascii() and value.isdecimal() and least <= int(value[:9]) <= most:
        return
    raise bad_request(
        Text(f"{name} 应为 {least} 到 {most} 的整数。", f"{name} must be a whole number from {least} to {most}.")
    )


def _check_filter(column: str, operator: str, value: str, shape: Shape) -> None:
    _check_column(column, shape)
    if operator not in OPERATORS:
        near = get_close_matches(operator, OPERATORS, n=1)
        zh, en = (f"您是指“{near[0]}”吗？", f"Did you mean “{near[0]}”?") if near else ("", "")
        raise bad_request(
            Text(
                f"没有“{operator}”这种筛选。{zh}",
                f"There is no filter “{operator}”. {en or 'It has: ' + ', '.join(OPERATORS)}",
            )
        )
    if operator in BY_DAY:
        _check_day(column, shape)
    kind = Kind.DATE if operator in BY_DAY else shape.columns[column]
    for written in _values(operator, value):
        _check_value(column, written, kind)


def _values(operator: str, value: str) -> list[object]:
    """The written values of a filter that are compared with those of its column."""
    if operator in BY_LIST:
        return _listed(value)
    return [value] if operator in (*BY_VALUE, *BY_DAY) else []


def _listed(value: str) -> list[object]:
    """The values of an `in` filter: a JSON list, or parted by commas."""
    if not value.startswith("["):
        return [one.strip() for one in value.split(",")]
    try:
        return list(json.loads(value))
    except ValueError as error:
        raise bad_request(
            Text(f"“{value}”不是 JSON 列表。", f"“{value}” is not a JSON list; values can also be parted by commas.")
        ) from error


def _check_value(column: str, written: object, kind: Kind) -> None:
    try:
        read(written, kind)
    except UnreadableError as error:
        raise bad_request(
            Text(
                f"“{error.written}”无法与“{column}”列比较：应为{error.expected.zh}。",
                f"“{error.written}” cannot be compared with the column “{column}”: it must be {error.expected.en}.",
            )
        ) from error


def _check_next(asked: Mapping[str, str], shape: Shape) -> None:
    """Where a page goes on: a value for each column of the key, and the sorted one's before them.

    Datasette would begin again at the first row where their number is wrong.
    """
    following = asked.get("_next")
    if not following:
        return
    by = asked.get("_sort") or asked.get("_sort_desc")
    if following.count(",") + 1 != len(shape.key) + bool(by):
        raise bad_request(
            Text(
                f"_next=“{following}”不是本站给出的。请从第一页开始。",
                f"“_next={following}” is not one of ours. Begin at the first page.",
            )
        )
