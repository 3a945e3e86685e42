"""A diff as plain text for a terminal: the structure first, then each table's cells, old beside new."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from civicat.publish.diff.changes import Change, first_changes
from civicat.publish.diff.model import Diff, Kind, TableDiff
from civicat.publish.diff.sentence import summary, told
from civicat.publish.diff.words import LEVELS, word
from civicat.text import Language, Text

LIMIT = 20  # changes of a kind in a table that are listed
_WIDEST = 40  # columns of the screen that a value takes
_LEAST = 8  # that it is cut to where a line has many
_UNKNOWN = 120  # columns where the text goes to a file
_ARROW = "->"
_DOTS = "..."


@dataclass(frozen=True, slots=True)
class _Screen:
    """For whom the lines are: the language, how many changes of a kind, how many columns a line may have."""

    language: Language
    limit: int
    width: int


def text(diff: Diff, language: Language, limit: int = LIMIT, width: int | None = None) -> list[str]:
    """The diff as lines; at most `limit` changes of each kind of each table.

    Lines of data are at most `width` columns wide, as many as the terminal has unless it is said.

    Raises:
        StoreError: the file of the changes cannot be read.
    """
    columns = width or shutil.get_terminal_size((_UNKNOWN, 0)).columns
    return list(_lines(diff, _Screen(language, limit, columns)))


def _lines(diff: Diff, screen: _Screen) -> Iterator[str]:
    language = screen.language
    yield f"{diff.dataset}  {diff.old.version} {_ARROW} {diff.new.version}"
    yield lead(diff, language)
    if diff.schema:
        yield from ("", word("schema", language))
        yield from _aligned([(LEVELS[one.level].within(language), one.text.within(language)) for one in diff.schema])
    if diff.descriptions:
        yield from ("", word("descriptions", language))
        words = [(LEVELS[one.level].within(language), _safe(one.text.within(language))) for one in diff.descriptions]
        yield from _aligned(words)
    for table in diff.tables:
        yield from ("", *_table(diff, table, screen))


def lead(diff: Diff, language: Language) -> str:
    """The sentence at the top."""
    rows = summary(diff)
    if not rows:
        key = "same" if diff.is_same else "same-rows"
        rows = Text(word(key, "zh"), word(key, "en"))
    return told(diff, rows).within(language)


def _table(diff: Diff, table: TableDiff, screen: _Screen) -> Iterator[str]:
    language = screen.language
    yield f"{table.table}  ({word('before-after', language, before=table.before, after=table.after)})"
    if table.is_same:
        yield f"  {word('same-table', language)}"
        return
    facts = {"changed": table.changed, "cells": table.cells, "added": table.added, "removed": table.removed}
    yield f"  {word('counts', language, **facts)}"
    comma = "、" if language == "zh" else ", "
    yield f"  {word('key', language, names=comma.join(table.key)) if table.key else word('no-key', language)}"
    yield from _listed("changed", table.cells, diff, table, screen)
    yield from _listed("added", table.added, diff, table, screen)
    yield from _listed("removed", table.removed, diff, table, screen)


def _listed(kind: Kind, total: int, diff: Diff, table: TableDiff, screen: _Screen) -> Iterator[str]:
    language = screen.language
    changes = list(first_changes(diff, table.resource, kind, screen.limit))
    if not total:
        return
    yield from ("", f"  {word('cells' if kind == 'changed' else kind, language)}")
    if kind == "changed":
        rows = _fitting([_cell(one, language) for one in changes], screen.width)
    else:
        counted = any(one.rows > 1 for one in changes)
        rows = [_row(one, language, counted=counted) for one in changes]
    yield from (_cut(f"  {line}", screen.width) for line in _aligned(rows))
    left = total - sum(one.rows for one in changes)
    if left:
        yield f"    {word('more', language, count=left)}"


def _cell(change: Change, language: Language) -> tuple[str, ...]:
    key = [_shown(value, language) for value in change.key]
    return (*key, _plain(change.column), _shown(change.old, language), _ARROW, _shown(change.new, language))


def _fitting(rows: list[tuple[str, ...]], width: int) -> list[tuple[str, ...]]:
    """The rows with their values cut until the longest line fits, so that the new value is never beyond the edge."""
    most = _WIDEST
    while most > _LEAST and any(_width(line) + len("  ") > width for line in _aligned(rows)):
        most -= 4
        rows = [tuple(_cut(cell, most) for cell in row) for row in rows]
    return rows


def _row(change: Change, language: Language, *, counted: bool) -> tuple[str, ...]:
    """A whole row; where some are there several times, each says how often, so that they stand below each other."""
    often = word("times" if change.rows > 1 else "once", language, rows=change.rows)
    many = (often,) if counted else ()
    return (*many, *(f"{_plain(name)}={_shown(value, language)}" for name, value in change.cells.items()))


def _shown(value: str | None, language: Language) -> str:
    return word("missing", language) if value is None else _plain(value)


def _plain(value: str) -> str:
    """A value on one line, cut where it is long."""
    return _cut(_safe(value), _WIDEST)


def _safe(value: str) -> str:
    """Signs that would steer the terminal are spelled out."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in value)


def _cut(value: str, most: int) -> str:
    """The text in at most so many columns of the screen."""
    if _width(value) <= most:
        return value
    value = value[:most]
    while _width(value) > most - len(_DOTS):
        value = value[:-1]
    return f"{value}{_DOTS}"


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
