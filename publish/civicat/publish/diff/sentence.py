"""The sentence that says what is new in a release, from counts alone: how many of what, in which columns, for when.

It says "corrected" only where cells changed of rows that were there and bear a date: a row without one that changes
may have been brought up to date. A cell that lost its value was emptied, one that got its first was filled in; in
another unit or type, or seen from the younger release, nothing is corrected. "3 of 10" counts rows that both releases
have, within the dates that the sentence names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from civicat.publish.diff.model import DATED, Diff, Kind, Span, TableDiff
from civicat.publish.diff.words import dated, from_to, titled
from civicat.publish.word_changes import counted, named_sentences
from civicat.text import LANGUAGES, Text

LONGEST = 200  # characters, in either language
_NAMED = 2  # columns that are called by name
_FULL, _COUNTED, _BARE = 2, 1, 0  # how much is told


# What a value of a column of dates is called where it alone tells the rows apart: zh (with its measure), en.
_DATES = {
    "date": ("个日期", "date"),
    "datetime": ("个时刻", "time"),
    "year": ("个年份", "year"),
    "yearmonth": ("个月份", "month"),
}


def told(diff: Diff, data: Text | None = None) -> Text:
    """What changed in licence, rows and words; `data` stands for what changed in the rows where it is given."""
    rows = summary(diff) if data is None else data
    said = [text for text in (*named_sentences(diff.descriptions), rows, counted(diff.descriptions)) if text]
    return Text("".join(text.zh for text in said), " ".join(text.en for text in said))


def summary(diff: Diff) -> Text:
    """What changed in the rows, in a sentence or a few; blank where no row differs."""
    tables = [table for table in diff.tables if not table.is_same]
    several = len(diff.tables) > 1
    if not tables:
        return Text()
    for detail in (_FULL, _COUNTED, _BARE):
        each = [_of_table(diff, table, detail, named=several) for table in tables]
        whole = Text("".join(text.zh for text in each), " ".join(text.en for text in each))
        if all(len(whole.within(language)) <= LONGEST for language in LANGUAGES):
            return whole
    return _of_all(tables)


def _of_all(tables: Sequence[TableDiff]) -> Text:
    """All tables in one."""
    changed, added, removed = (sum(getattr(one, kind) for one in tables) for kind in ("changed", "added", "removed"))
    count = len(tables)
    return Text(
        f"{count} 个数据表有变动：更改 {changed:,} 行，新增 {added:,} 行，删去 {removed:,} 行。",
        f"In {count} tables {_rows(changed)} changed, {added:,} were added and {removed:,} removed.",
    )


def _of_table(diff: Diff, table: TableDiff, detail: int, *, named: bool) -> Text:
    clauses = list(_clauses(diff, table, detail))
    zh = "，".join(clause.zh for clause in clauses) + "。"
    en = "; ".join(clause.en for clause in clauses) + "."
    title = table.title or Text(table.resource, table.resource)
    return Text(f"{title.within('zh')}：{zh}", f"{title.within('en')}: {en}") if named else Text(zh, en)


def _clauses(diff: Diff, table: TableDiff, detail: int) -> Iterator[Text]:
    if table.changed:
        yield _changed(diff, table, detail)
    if table.added:
        yield _whole_rows(table, "added", table.added, detail)
    if table.removed:
        yield _whole_rows(table, "removed", table.removed, detail)


def _changed(diff: Diff, table: TableDiff, detail: int) -> Text:
    """How many of what changed, in which columns, for when."""
    if not _is_even(table):
        return _unevenly(table, detail)
    verb, columns = _verb(diff, table), _columns(table, detail)
    if detail > _BARE and _is_one_date(table):
        when = _range(table, "changed")
        return Text(f"{when.zh}{verb.zh}{columns.zh}", f"{columns.en} {verb.en}{_for(when.en)}")
    what, when = _subject(table, detail), _context(table) if detail > _BARE else Text()
    zh = f"{when.zh}：{what.zh}" if when.zh else what.zh
    en = _for(what.en) if verb == _FILLED else what.en  # not "filled in in 3 rows"
    return Text(f"{zh}{verb.zh}{columns.zh}", f"{columns.en} {verb.en} {en.strip()}{when.en}")


_EMPTIED, _FILLED = Text("清空了", "emptied"), Text("补上了", "filled in")
_CORRECTED, _CHANGED = Text("更正了", "corrected"), Text("改变了", "changed")


def _verb(diff: Diff, table: TableDiff) -> Text:
    """What was done to the cells, where it was the same to all of them."""
    verbs = {_done(table, name) for name in table.by_column}
    if verbs != {_CORRECTED}:
        return verbs.pop() if len(verbs) == 1 else _CHANGED
    restated = any(diff.is_restated(table, name) for name in table.by_column)
    dates = any(_is_dated(table, name) for name in table.key)
    return _CORRECTED if dates and diff.is_forwards and not restated else _CHANGED


def _done(table: TableDiff, name: str) -> Text:
    """What was done to the cells of a column: emptied or filled in, all of them; changed, where it was so to some."""
    every = table.by_column[name]
    some = {_EMPTIED: table.emptied.get(name, 0), _FILLED: table.filled.get(name, 0)}
    whole = next((verb for verb, count in some.items() if count == every), _CHANGED)
    return whole if any(some.values()) else _CORRECTED


def _is_one_date(table: TableDiff) -> bool:
    """Whether one row changed that its date alone tells apart: "1 of 1" says nothing of it."""
    return table.changed == 1 and len(table.key) == 1 and table.ranged == table.key[0]


def _for(en: str) -> str:
    """In or on a date, in rows: for it."""
    return en.replace("on ", "for ", 1).replace("in ", "for ", 1) if en.lstrip().startswith(("on ", "in ")) else en


def _is_even(table: TableDiff) -> bool:
    """Whether every row that changed changed in the same columns, so that one count says it all."""
    return all(cells == table.changed for cells in table.by_column.values())


def _unevenly(table: TableDiff, detail: int) -> Text:
    """The same where not every row changed in every column: how many did in each."""
    what, when = _subject(table, detail), _context(table) if detail > _BARE else Text()
    if detail > _BARE and _is_one_date(table):
        what, when = Text(), _range(table, "changed")
    zh = "：".join(filter(None, (when.zh, what.zh)))
    named, more = list(table.by_column.items())[:_NAMED], len(table.by_column) - _NAMED
    if detail < _FULL:
        named, more = [], len(table.by_column)
    rest = Text(
        f"另有 {more} 个字段" if named else f"共 {more} 个字段", _count(more, "more column" if named else "column")
    )
    each = [*(_of_column(table, name, cells) for name, cells in named), *([rest] if more > 0 else [])]
    en_each = ", ".join(text.en for text in each)
    zh_each = "，".join(text.zh for text in each)
    return Text(f"{zh}有改动（{zh_each}）", f"Changes {what.en}{when.en} ({en_each})".replace("  ", " "))


def _of_column(table: TableDiff, name: str, cells: int) -> Text:
    """In how many rows a column changed, and whether it lost or got all these values."""
    title, verb = titled(table.field(name), name), _done(table, name)
    if verb == _FILLED:
        return Text(f"“{title.within('zh')}”补上 {cells:,} 行", f"“{title.within('en')}” filled in for {cells:,}")
    zh, en = ("清空 ", "emptied ") if verb == _EMPTIED else ("", "")
    return Text(f"“{title.within('zh')}”{zh}{cells:,} 行", f"“{title.within('en')}” {en}in {cells:,}")


def _columns(table: TableDiff, detail: int) -> Text:
    names = [titled(table.field(name), name) for name in table.by_column]
    if detail < _FULL and len(names) > 1:
        return Text(f" {len(names)} 个字段", f"{len(names)} columns")
    zh = "、".join(f"“{name.within('zh')}”" for name in names[:_NAMED])
    more = len(names) - _NAMED
    if more > 0:
        en = ", ".join(f"“{name.within('en')}”" for name in names[:_NAMED])
        return Text(f"{zh}等 {len(names)} 个字段", f"{en} and {_count(more, 'other column')}")
    return Text(zh, " and ".join(f"“{name.within('en')}”" for name in names))


def _subject(table: TableDiff, detail: int) -> Text:
    """What changed, of how many: values of the column that tells the rows apart, where it is one."""
    rest = [name for name in table.key if name not in table.shared]
    if detail == _BARE:  # without the dates, of how many says nothing
        return Text(f"{table.changed:,} 行", f"in {_rows(table.changed)}")
    every, some = table.changed == table.peers, f"{table.changed:,} of {table.peers:,}"
    if len(rest) == 1 and _is_dated(table, rest[0]):
        return _dates(table, rest[0])
    if len(rest) == 1:
        title = titled(table.field(rest[0]), rest[0])
        zh, en = f"“{title.within('zh')}”", f"of “{title.within('en')}”"
        if every:
            return Text(f"{_zh_all(table.changed)}个{zh}", f"for {_all(table.changed, 'value')} {en}")
        return Text(f"{table.peers:,} 个{zh}中有 {table.changed:,} 个", f"for {some} values {en}")
    if every:
        return Text(f"{_zh_all(table.changed)}行", f"in {_all(table.changed, 'row')}")
    return Text(f"{table.peers:,} 行中有 {table.changed:,} 行", f"in {some} rows")


def _dates(table: TableDiff, name: str) -> Text:
    """How many of the dates, where they alone tell the rows apart."""
    field = table.field(name)
    zh, en = _DATES[field.type if field else "date"]
    if table.changed == table.peers:
        return Text(f"{_zh_all(table.changed)}{zh}", f"for {_all(table.changed, en)}")
    return Text(f"{table.peers:,} {zh}中有 {table.changed:,} 个", f"for {table.changed:,} of {_count(table.peers, en)}")


def _all(count: int, noun: str) -> str:
    return f"the only {noun}" if count == 1 else f"all {_count(count, noun)}"


def _zh_all(count: int) -> str:
    return "唯一的 1 " if count == 1 else f"全部 {count:,} "


def _context(table: TableDiff) -> Text:
    """For when, and for what else all changed rows share; the range of dates where they share none."""
    spans = {span.column: span for span in table.spans.get("changed", ())}
    shared = [_shared(table, spans[name]) for name in table.shared]
    whole = Text("，".join(text.zh for text in shared), "".join(text.en for text in shared))
    return whole if any(_is_dated(table, name) for name in table.shared) else _joined(whole, _range(table, "changed"))


def _joined(first: Text, second: Text) -> Text:
    return Text("，".join(filter(None, (first.zh, second.zh))), first.en + second.en)


def _shared(table: TableDiff, span: Span) -> Text:
    if _is_dated(table, span.column):
        return _on(span.first)
    title = titled(table.field(span.column), span.column)
    return Text(f"“{title.within('zh')}”{span.first}", f" of “{title.within('en')}” {span.first}")


def _on(value: str) -> Text:
    """On a day, in a month or a year."""
    said = dated(value)
    return Text(said.zh, f" {'on' if value.count('-') > 1 else 'in'} {said.en}")


def _range(table: TableDiff, kind: Kind) -> Text:
    """From when to when; blank where no column of the key is a date, or one is missing."""
    spans = [span for span in table.spans.get(kind, ()) if _is_dated(table, span.column) and span.first]
    if not spans:
        return Text()
    if spans[0].is_one:
        return _on(spans[0].first)
    span = from_to(spans[0].first, spans[0].last)
    return Text(span.zh, f" {span.en}")


def _whole_rows(table: TableDiff, kind: Kind, count: int, detail: int) -> Text:
    when = _range(table, kind) if detail > _BARE else Text()
    zh_verb = {"added": "新增", "removed": "删去"}[kind]
    zh_when = f"（{when.zh}）" if when.zh else ""
    en_when = when.en.replace(" on ", " for ", 1).replace(" in ", " for ", 1)
    return Text(f"{zh_verb} {count:,} 行{zh_when}", f"{_rows(count)}{en_when} {'was' if count == 1 else 'were'} {kind}")


def _is_dated(table: TableDiff, name: str) -> bool:
    field = table.field(name)
    return field is not None and field.type in DATED


def _rows(count: int) -> str:
    return _count(count, "row")


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
