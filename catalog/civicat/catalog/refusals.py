"""What is asked of a table, checked before anything is computed: an unknown word is refused, never ignored.

Datasette passes over what it does not know (`?_search=` without an index, an unknown operator) and answers with all
rows. That would be a wrong answer; here it is a refusal that says which word, and what to write instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl

from civicat.catalog.kinds import Kind, UnreadableError, read
from civicat.catalog.translate import Shape
from civicat.text import Text

BY_VALUE = ("exact", "not", "gt", "gte", "lt", "lte")
BY_PATTERN = ("contains", "startswith", "endswith", "like", "notlike", "glob")
BY_LIST = ("in", "notin")
BY_EMPTINESS = ("isnull", "notnull", "isblank", "notblank")
BY_DAY = ("date",)
OPERATORS = (*BY_VALUE, *BY_PATTERN, *BY_LIST, *BY_EMPTINESS, *BY_DAY)

_PLAIN = ("_nocount", "_nofacet", "_nosuggest", "_shape", "_nl", "_labels", "_json_infinity", "_header")
_OF_COLUMNS = ("_sort", "_sort_desc", "_facet", "_facet_date", "_col", "_nocol", "_label", "_json")
_SQL = ("sql", "_where", "_through")
_BAD, _DENIED = 400, 403


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


def check_question(pairs: Sequence[tuple[str, str]], shape: Shape, most_rows: int) -> None:
    """Refuses parameters of a table's page that are unknown, or whose value cannot be read.

    Raises:
        RefusalError: 400 with the reason, 403 for anything that would be SQL.
    """
    for name, value in pairs:
        if name in _SQL and name not in shape.columns:
            raise _no_sql(name)
        if name.startswith("_") and "__" not in name:
            _check_special(name, value, shape, most_rows)
    if {"_sort", "_sort_desc"} <= dict(pairs).keys():
        raise bad_request(Text("_sort 与 _sort_desc 只能用一个。", "Use _sort or _sort_desc, not both."))
    for column, operator, value in filters_of(pairs):
        _check_filter(column, operator, value, shape)
    _check_next(dict(pairs), shape)


def check_row_question(pairs: Sequence[tuple[str, str]]) -> None:
    """Refuses parameters of a row's page other than the shape of its JSON.

    Raises:
        RefusalError: 400, or 403 for anything that would be SQL.
    """
    for name, _ in pairs:
        if name in _SQL:
            raise _no_sql(name)
        if name not in _PLAIN:
            raise bad_request(_unknown(name, _PLAIN))


def _no_sql(name: str) -> RefusalError:
    heading = Text("此处不接受 SQL", "No SQL is taken here")
    reason = Text(
        f"地址中的“{name}”会执行 SQL。请用筛选条件，或下载整个文件自行查询。",
        f"“{name}” in the address would run SQL. Use the filters, or download the whole file and query it yourself.",
    )
    return RefusalError(_DENIED, heading, reason)


def _check_special(name: str, value: str, shape: Shape, most_rows: int) -> None:
    if name.startswith("_search"):
        raise bad_request(
            Text(
                "数据表内没有全文检索。请筛选某一列，如 ?列名__contains=词。",
                "There is no full-text search inside a table. Filter a column instead: ?column__contains=word.",
            )
        )
    if name in _OF_COLUMNS:
        _check_column(value, shape)
    elif name in _CHECKS:
        _CHECKS[name](value, most_rows)
    elif name not in (*_PLAIN, "_next"):
        raise bad_request(_unknown(name, (*_PLAIN, *_OF_COLUMNS, *_CHECKS, "_next")))


def _unknown(name: str, known: Sequence[str]) -> Text:
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


def _check_size(value: str, most_rows: int) -> None:
    if value == "max" or (value.isascii() and value.isdecimal() and int(value[:9]) <= most_rows):
        return
    raise bad_request(
        Text(f"_size 应为 0 到 {most_rows} 的整数。", f"_size must be a whole number from 0 to {most_rows}.")
    )


_CHECKS: Mapping[str, Callable[[str, int], None]] = {"_size": _check_size, "_facet_size": _check_size}


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
