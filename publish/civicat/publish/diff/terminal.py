"""A diff as plain text for a terminal: the structure first, then each table's cells, old beside new."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from civicat.publish.diff.changes import Change, first_changes
from civicat.publish.diff.model import Diff, Kind, TableDiff
from civicat.publish.diff.sentence import summary
from civicat.publish.diff.words import LEVELS, word
from civicat.text import Language

LIMIT = 20  # changes of a kind in a table that are listed
_WIDEST = 40  # columns of the screen that a value takes
_ARROW = "->"


def text(diff: Diff, language: Language, limit: int = LIMIT) -> list[str]:
    """The diff as lines; at most `limit` changes of each kind of each table.

    Raises:
        StoreError: the file of the changes cannot be read.
    """
    return list(_lines(diff, language, limit))


def _lines(diff: Diff, language: Language, limit: int) -> Iterator[str]:
    yield f"{diff.dataset}  {diff.old.version} {_ARROW} {diff.new.version}"
    yield lead(diff, language)
    if diff.schema:
        yield from ("", word("schema", language))
        yield from _aligned([(LEVELS[one.level].within(language), one.text.within(language)) for one in diff.schema])
    for table in diff.tables:
        yield from ("", *_table(diff, table, language, limit))


def lead(diff: Diff, language: Language) -> str:
    """The sentence at the top."""
    if diff.is_same:
        return word("same", language)
    return summary(diff).within(language) or word("same-rows", language)


def _table(diff: Diff, table: TableDiff, language: Language, limit: int) -> Iterator[str]:
    yield f"{table.table}  ({word('before-after', language, before=table.before, after=table.after)})"
    if table.is_same:
        yield f"  {word('same-table', language)}"
        return
    facts = {"changed": table.changed, "cells": table.cells, "added": table.added, "removed": table.removed}
    yield f"  {word('counts', language, **facts)}"
    comma = "、" if language == "zh" else ", "
    yield f"  {word('key', language, names=comma.join(table.key)) if table.key else word('no-key', language)}"
    yield from _listed("changed", table.cells, diff, table, language, limit)
    yield from _listed("added", table.added, diff, table, language, limit)
    yield from _listed("removed", table.removed, diff, table, language, limit)


def _listed(  # noqa: PLR0913, PLR0917 - what a list is of
    kind: Kind, total: int, diff: Diff, table: TableDiff, language: Language, limit: int
) -> Iterator[str]:
    changes = list(first_changes(diff, table.resource, kind, limit))
    if not total:
        return
    yield from ("", f"  {word('cells' if kind == 'changed' else kind, language)}")
    rows = [_cell(one, language) if kind == "changed" else _row(one, language) for one in changes]
    yield from (f"  {line}" for line in _aligned(rows))
    left = total - sum(one.rows for one in changes)
    if left:
        yield f"    {word('more', language, count=left)}"


def _cell(change: Change, language: Language) -> tuple[str, ...]:
    key = [_shown(value, language) for value in change.key]
    return (*key, _plain(change.column), _shown(change.old, language), _ARROW, _shown(change.new, language))


def _row(change: Change, language: Language) -> tuple[str, ...]:
    many = (word("times", language, rows=change.rows),) if change.rows > 1 else ()
    return (*many, *(f"{_plain(name)}={_shown(value, language)}" for name, value in change.cells.items()))


def _shown(value: str | None, language: Language) -> str:
    return word("missing", language) if value is None else _plain(value)


def _plain(value: str) -> str:
    """A value on one line, cut where it is long; signs that would steer the terminal are spelled out."""
    safe = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in value)
    return safe if _width(safe) <= _WIDEST else _cut(safe)


def _cut(value: str) -> str:
    value = value[:_WIDEST]
    while _width(value) > _WIDEST - len("..."):
        value = value[:-1]
    return f"{value}..."


def _width(value: str) -> int:
    """Columns of the screen: a Chinese sign takes two."""
    return sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in value)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The cells of rows below each other, two blanks apart."""
    places = max(map(len, rows), default=0)
    widths = [max(_width(row[at]) for row in rows if at < len(row)) for at in range(places)]
    for row in rows:
        cells = (cell + " " * (widths[at] - _width(cell)) for at, cell in enumerate(row))
        yield f"  {'  '.join(cells)}".rstrip()
