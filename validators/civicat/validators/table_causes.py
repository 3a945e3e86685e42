"""Why a whole file reads badly: its encoding, its delimiter, where its header is, and rows that are not data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from civicat.finding import Cause
from civicat.text import Text
from civicat.validators.cause import LABELS, SAMPLES, Evidence, because, rows_named
from civicat.validators.cell_causes import JUDGED, LONGEST_CELL, Column, columns_of
from civicat.validators.messages import quoted
from civicat.validators.tails import TAIL, closing

AGREEING_LINES = 2  # lines with the same number of marks; a title may hold one, a table has it in every line
LINES_LOOKED_AT = 20  # a table shows its form in these
NAMES_FOUND = 0.5  # of the declared names, in one row: a row of data holds none, and half allows for new names
GARBLED = 2  # characters that come out right when bytes are read anew; one alone may be chance
CHINESE_RUN = 4  # garbled characters in a row that make two of GB 18030: accents do not stand so close
EVERYDAY = 0.8  # of the characters so gained that must be everyday ones (the first level of GB 2312)
BLOCK = 3  # rows that repeat rows at one distance; two may be chance
EMPTY_CELLS = 2  # surplus cells, all empty: a delimiter at the end of each line

_MARKS: Mapping[str, tuple[Text, str]] = {
    ";": (Text("分号（;）", "a semicolon (;)"), ";"),
    "\t": (Text("制表符（Tab）", "a tab"), "\\t"),
    "|": (Text("竖线（|）", "a bar (|)"), "|"),
    ",": (Text("逗号（,）", "a comma (,)"), ","),
    "，": (Text("全角逗号（，）", "a full-width comma (，)"), "，"),
    "；": (Text("全角分号（；）", "a full-width semicolon (；)"), "；"),
}
_LOST = re.compile("锟斤拷|\ufffd")  # what is left of characters that an earlier conversion could not read
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_LEVEL_ONE = range(0xB0, 0xD8)  # first bytes of GB 2312's everyday characters
_LONGEST_TEXT = 20_000  # characters that are searched for garbled ones
_SAME_AS = re.compile(r'the same as (?:in the )?row at position "?(\d+)')
_DUPLICATES = ("primary-key", "unique-error", "duplicate-row")


def header_causes(evidence: Evidence) -> Iterator[Cause]:
    """Causes that explain the whole file at once: beside them nothing else is worth saying."""
    yield from _encoding(evidence)
    yield from _delimiter(evidence)
    yield from _title_above(evidence)


def table_causes(evidence: Evidence) -> Iterator[Cause]:
    """Causes that explain a header or some rows."""
    for cause in (_garbled, _lost, _labels, _reordered, _header_again, _tail, _surplus, _shifted, _pasted, _swallowed):
        yield from cause(evidence)


# --------------------------------------------------------------------------------------------------------- the encoding


def _encoding(evidence: Evidence) -> Iterator[Cause]:
    seen = evidence.glimpse
    if any(evidence.of("encoding-error")) and seen.detected and _name(seen.detected) != _name(seen.encoding):
        yield because("wrong-encoding", encoding=seen.encoding, detected=_name(seen.detected))


def _name(encoding: str) -> str:
    return encoding.removesuffix("-sig").replace("_", "-").lower()


def _garbled(evidence: Evidence) -> Iterator[Cause]:
    """Text of one encoding that was read in another: read in its own it makes sense."""
    used = _name(evidence.glimpse.encoding)
    text = _text(evidence)
    for wrong, right in (("cp1252", "utf-8"), ("latin-1", "utf-8"), ("cp1252", "gb18030"), ("latin-1", "gb18030"),
                         ("gb18030", "utf-8")):  # fmt: skip
        pairs = [(run, mended) for run in _BEYOND_ASCII.findall(text) if (mended := _read_anew(run, wrong, right))]
        if sum(len(mended) for _, mended in pairs) >= GARBLED:
            cell, mended = max(pairs, key=lambda pair: len(pair[0]))
            code = "garbled-text" if used and _is_same(used, wrong) else "garbled-earlier"
            yield because(code, cell=cell, mended=mended, encoding=used, wrong=wrong, detected=right)
            return


def _is_same(used: str, wrong: str) -> bool:
    western = {"cp1252", "latin-1", "iso8859-1", "iso-8859-1", "windows-1252"}
    return used == wrong or (used in western and wrong in western) or (wrong == "gb18030" and used.startswith("gb"))


def _read_anew(run: str, wrong: str, right: str) -> str:
    """A run of characters as its bytes read in another encoding; empty where they make no sense in it."""
    try:
        data = run.encode(wrong)
        text = data.decode(right)
    except UnicodeError:
        return ""
    sensible = len(text) < len(run) and all(unicodedata.category(one)[0] in "LPNS" for one in text)
    if right == "gb18030":
        everyday = sum(first in _LEVEL_ONE for first in data[::2])
        sensible = sensible and len(run) >= CHINESE_RUN and everyday >= EVERYDAY * len(text)
    return text if sensible and "\ufffd" not in text else ""


def _lost(evidence: Evidence) -> Iterator[Cause]:
    if found := _LOST.search(_text(evidence)):
        yield because("lost-text", cell=found[0])


def _text(evidence: Evidence) -> str:
    """What of the file is at hand: its first lines, its header, and the cells of findings."""
    parts = (*evidence.labels, *evidence.glimpse.lines, *(one.found for one in evidence.findings))
    return "\n".join(part[:_LONGEST_TEXT] for part in parts)[:_LONGEST_TEXT]


# ------------------------------------------------------------------------------------------- the delimiter, the header


def _delimiter(evidence: Evidence) -> Iterator[Cause]:
    """Every row is one cell, and every line holds another mark equally often."""
    lines = [line for line in evidence.glimpse.lines if line.strip()][:LINES_LOOKED_AT]
    if len(evidence.labels) != 1 or len(evidence.names) < AGREEING_LINES or len(lines) < AGREEING_LINES:
        return
    for mark, (name, written) in _MARKS.items():
        counts = {line.count(mark) for line in lines}
        if mark != evidence.glimpse.delimiter and len(counts) == 1 and counts != {0} and mark in evidence.labels[0]:
            code = "full-width-delimiter" if ord(mark) > 0x7F else "wrong-delimiter"  # noqa: PLR2004 (beyond ASCII)
            yield because(code, mark=name, written=Text(written, written), label=evidence.labels[0])
            return


def _title_above(evidence: Evidence) -> Iterator[Cause]:
    """The row that is taken for the header holds none of the names, and a later one does."""
    wanted = [_plain(name) for name in evidence.names]
    if not wanted or not evidence.labels or _share(evidence.labels, wanted) >= NAMES_FOUND:
        return  # without labels the header was never looked at: the reading ended before it
    for number, row in enumerate(evidence.glimpse.head[:LINES_LOOKED_AT], 1):
        if _share(row, wanted) >= NAMES_FOUND:
            if number == 1:
                return
            shown = quoted(next((cell for cell in evidence.labels if cell.strip()), ""))
            yield because("title-above-header", codes=LABELS, header=str(number), above=str(number - 1), label=shown)
            return


def _share(row: Sequence[str], wanted: Sequence[str]) -> float:
    held = {_plain(cell) for cell in row}
    return sum(name in held for name in wanted) / len(wanted)


def _plain(label: str) -> str:
    """A label without what people do not see or mean: width, case, blanks."""
    text = unicodedata.normalize("NFKC", label).casefold()
    return "".join(one for one in text if not one.isspace() and unicodedata.category(one) != "Cf")


def _labels(evidence: Evidence) -> Iterator[Cause]:
    """Labels that are the names but for width, case and blanks, or that are the columns' titles."""
    names, labels = frozenset(evidence.names), frozenset(evidence.labels)
    free = names - labels
    same = {_plain(name): name for name in evidence.names if name in free}
    titles = {
        title: one.name
        for one in evidence.glimpse.resource.schema.fields
        if one.name in free
        for title in (one.title.zh, one.title.en)
        if title
    }
    strange = [label for label in evidence.labels if label not in names and label.strip()]
    yield from _named("label-spelling", {one: same[_plain(one)] for one in strange if _plain(one) in same})
    told = {one: titles[one] for one in strange if one in titles and _plain(one) not in same}
    yield from _named("label-titles", told)


def _named(code: str, pairs: Mapping[str, str]) -> Iterator[Cause]:
    if not pairs:
        return
    shown, more = list(pairs.items())[:SAMPLES], len(pairs) - SAMPLES
    zh = "、".join(f"“{quoted(label)}”应为“{name}”" for label, name in shown)
    en = ", ".join(f"“{quoted(label)}” for {name}" for label, name in shown)
    rest = Text(f" 等 {len(pairs)} 列", f" and {more} more") if more > 0 else Text()
    yield because(code, pairs=Text(zh + rest.zh, en + rest.en))


def _reordered(evidence: Evidence) -> Iterator[Cause]:
    if sorted(evidence.labels) == sorted(evidence.names) and evidence.labels != evidence.names:
        yield because("columns-reordered", names=", ".join(evidence.names))


# ------------------------------------------------------------------------------------------------------------- the rows


def _header_again(evidence: Evidence) -> Iterator[Cause]:
    header = [label.strip() for label in evidence.labels]
    if not any(header):
        return
    again = [row for row, cells in evidence.rows.items() if row > 1 and [cell.strip() for cell in cells] == header]
    if again:
        yield because("header-repeated", rows=rows_named(again))


def _tail(evidence: Evidence) -> Iterator[Cause]:
    """Totals, remarks and empty rows at the end of a file."""
    last = {row: cells for row, cells in sorted(evidence.rows.items()) if row > evidence.last - TAIL}
    for row, cells in last.items():
        if (found := closing(row, cells)) is not None:
            yield because(found.code, row=str(row), cell=found.cell)
    yield from _empty_end(evidence)


def _empty_end(evidence: Evidence) -> Iterator[Cause]:
    blank = {one.place.row for one in evidence.of("blank-row")}
    first = evidence.last + 1
    while first - 1 in blank:
        first -= 1
    if evidence.last - first + 1 >= EMPTY_CELLS:
        rows = Text(f"第 {first:,} 行到第 {evidence.last:,} 行", f"Rows {first:,} to {evidence.last:,}")
        if evidence.report.stopped is not None:  # where the empty rows end nobody has seen
            rows = Text(f"从第 {first:,} 行起，读到的行", f"From row {first:,} on, all rows that were read")
        yield because("empty-rows-at-end", rows=rows)


def _surplus(evidence: Evidence) -> Iterator[Cause]:
    """A delimiter at the end of each line makes a cell more, and it is empty."""
    extra = list(evidence.of("extra-cell"))
    if len(extra) >= EMPTY_CELLS and not any(one.found for one in extra):
        rows = sorted({one.place.row for one in extra if one.place.row is not None})
        yield because("trailing-delimiter", rows=rows_named(rows))


def _shifted(evidence: Evidence) -> Iterator[Cause]:
    """A row has a cell too many, and its columns read their cells once a text that was cut is put together again."""
    if not evidence.glimpse.delimiter:
        return
    longer = dict.fromkeys(one.place.row for one in evidence.of("extra-cell") if one.found)
    columns = _columns(evidence)
    moved = {
        row: column.rules.name
        for row in longer
        if row is not None and (column := _moved(evidence, evidence.rows.get(row, ()), columns)) is not None
    }
    if moved:
        row, name = next(iter(moved.items()))
        mark = _MARKS.get(evidence.glimpse.delimiter, (Text("分隔符", "the delimiter"), ""))[0]
        yield because("shifted-row", rows=rows_named(list(moved)), row=str(row), at=name, mark=mark)


def _columns(evidence: Evidence) -> list[Column | None]:
    """The column of each label; None for a label that the schema does not have."""
    known = {one.rules.name: one for one in columns_of(evidence)}
    return [known.get(label) for label in evidence.labels]


def _moved(evidence: Evidence, row: Sequence[str], columns: Sequence[Column | None]) -> Column | None:
    """The first column that does not read its cell, where every column reads its own once cells are joined again."""
    extra = len(row) - len(columns)
    if extra <= 0:
        return None
    cells, mark = [cell[:LONGEST_CELL] for cell in row], evidence.glimpse.delimiter
    missing = evidence.glimpse.resource.schema.descriptor.get("missingValues", [""])
    in_place = [_fits(cell, one, missing) for cell, one in zip(cells, columns, strict=False)]
    put_back = [_fits(cell, one, missing) for cell, one in zip(cells[extra:], columns, strict=True)]
    if all(in_place):
        return None
    wrong = in_place.index(False)  # the cut is there or before, and every cell behind the cut must fit once put back
    if not all(put_back[wrong + 1 :]):
        return None
    for cut in range(wrong, -1, -1):
        joined, column = mark.join(cells[cut : cut + extra + 1]), columns[cut]
        if column is not None and column.reads(joined):
            return columns[wrong]
        if not put_back[cut]:
            return None
    return None


def _fits(cell: str, column: Column | None, missing: object) -> bool:
    """Whether a cell is in its place, as far as that can be told: types that are not judged here hold any cell."""
    if column is None or column.type not in JUDGED or (isinstance(missing, list) and cell in missing):
        return True
    return column.reads(cell)


def _pasted(evidence: Evidence) -> Iterator[Cause]:
    """Rows that repeat the one above, or a block that stands twice."""
    pairs = dict(_repeats(evidence))
    next_to = [row for row, other in pairs.items() if row - other == 1]
    if next_to:
        yield because("row-copied", rows=rows_named(next_to))
    for first, last in _blocks([row for row in sorted(pairs) if row - pairs[row] > 1], pairs):
        if last - first + 1 >= BLOCK:
            yield because(
                "block-pasted", first=str(first), last=str(last), above=str(pairs[first]), below=str(pairs[last])
            )


def _repeats(evidence: Evidence) -> Iterator[tuple[int, int]]:
    for one in evidence.of(*_DUPLICATES):
        same = _SAME_AS.search(str(one.descriptor.get("note", "")))
        if same and one.place.row is not None:
            yield one.place.row, int(same[1])


def _blocks(rows: Sequence[int], pairs: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of rows that follow each other and repeat rows at the same distance."""
    if not rows:
        return
    first = rows[0]
    for row, after in pairwise((*rows, -1)):
        if after != row + 1 or after - pairs[after] != row - pairs[row]:
            yield first, row
            first = after


def _swallowed(evidence: Evidence) -> Iterator[Cause]:
    """A cell that holds whole rows: a quote opens and is closed some lines further down."""
    mark, width = evidence.glimpse.delimiter, len(evidence.labels)
    if not mark or width < 2:  # noqa: PLR2004 (a table of one column has no delimiter to look for)
        return
    for row, cells in evidence.rows.items():
        whole = [line for cell in cells for line in cell.splitlines()[1:-1] if line.count(mark) == width - 1]
        if whole:
            yield because("rows-inside-quotes", row=str(row), cell=whole[0], count=str(len(whole)))
            return
