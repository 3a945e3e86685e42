"""How a table is to be read: its header, how its cells are cut, which fields are expected in which column.

A plain table (a plain descriptor, a header that names exactly the declared fields) is opened here; every other one is
opened by frictionless itself, so that what it says of the header is its own.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, TextIO, TypeVar

from civicat.dataset import Resource
from civicat.validators.engine.exact import SEPARATORS, Opened, Tables, is_sniffed, sniffed
from civicat.validators.engine.faults import CrowdedRecordError, LongRecordError
from civicat.validators.engine.kernels.kernel import CellReader
from civicat.validators.engine.pieces import CELL_LIMIT, RECORD_LIMIT
from civicat.validators.engine.problem import Problem
from civicat.validators.formats import DELIMITED, Source

_LINES = 100  # lines that frictionless guesses the dialect from
_RECORDS = 100  # records that it looks at for the header

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Start:
    """A table that can be read now: `labels` is the header as it stands, `head` what is wrong with it.

    `names` are the expected fields, one for each column; `first` is the number of the first record after the header;
    `cut` is how csv.reader takes the records, None where they do not come from delimited text.
    """

    labels: tuple[str, ...]
    head: tuple[Problem, ...]
    names: tuple[str, ...]
    first: int
    cut: csv.Dialect | None
    readers: Callable[[], Sequence[CellReader]]
    tail: Callable[[Mapping[str, str], int, int], tuple[Problem, ...]]
    comment_char: str = ""
    comment_rows: frozenset[int] = frozenset()
    skip_blank_rows: bool = False
    same_case: bool = True
    opened: Opened | None = None  # the table as frictionless has opened it, where it has

    @property
    def leaves_out(self) -> bool:
        """Whether some records are no rows, so that the number of a row does not tell how many there are."""
        return bool(self.comment_char or self.comment_rows or self.skip_blank_rows)


def start(source: Source, tables: Tables, head: Sequence[Sequence[object]] | None, *, plain: bool) -> Start:
    """Opens a table; `head` are its first records where it is no delimited text.

    Raises:
        UnreadableError: frictionless cannot open it; the problems say why.
        LongRecordError: a line among the first has no end.
        CrowdedRecordError: a record among the first has too many cells.
    """
    try:
        begun = _plainly(source, tables, head) if plain else None
    except (UnicodeError, csv.Error):  # frictionless has words for that
        begun = None
    return begun or _by_frictionless(source, tables, head)


def first_records(rows: Iterator[Sequence[object]]) -> tuple[list[Sequence[object]], Iterator[Sequence[object]]]:
    """The records that the header is looked for in, and all of them from the first one on."""
    head = list(islice(rows, _RECORDS))
    return head, chain(head, rows)


def _plainly(source: Source, tables: Tables, head: Sequence[Sequence[object]] | None) -> Start | None:
    """The start of a table whose header is exactly as declared; None where it is not, or is not plain to see."""
    resource = source.resource
    cut = _dialect(source) if head is None else None
    records: Iterator[Sequence[object]] = iter(_records(source, cut) if cut is not None else head or ())
    names = tuple(one.name for one in resource.schema.fields)
    first = next(records, None)
    if first is None or tuple(first) != names or any(name != name.strip() or not name for name in names):
        return None
    if not _header_comes_first(resource, [len(names), *(len(cells) for cells in islice(records, _RECORDS - 1))]):
        return None
    return Start(
        labels=names,
        head=(),
        names=names,
        first=2,
        cut=cut,
        readers=lambda: tables.readers(resource),
        tail=lambda _digests, _size, _rows: (),
    )


def _by_frictionless(source: Source, tables: Tables, head: Sequence[Sequence[object]] | None) -> Start:
    cut = None
    if head is None and (source.packed or not _is_easy(source)):
        cut, head = _cut_for_it(source, tables)
    elif head is None and _goes_on(source):
        _cut_for_it(source, tables)  # refuses what is too long or has too many cells
    opened: Opened = tables.opened(source.resource, head)
    dialect = opened.dialect
    return Start(
        labels=opened.labels,
        head=opened.head,
        names=opened.names,
        first=max(opened.first, 1),
        cut=cut or (opened.csv if source.format in DELIMITED else None),
        readers=opened.readers,
        tail=opened.tail,
        comment_char=dialect.comment_char or "",
        comment_rows=frozenset(one for one in dialect.comment_rows or () if isinstance(one, int)),
        skip_blank_rows=bool(dialect.skip_blank_rows),
        same_case=bool(dialect.header_case),
        opened=opened,
    )


def _is_easy(source: Source) -> bool:
    """Whether frictionless can guess the dialect in a moment; it is the one to say that bytes are no text."""
    try:
        return is_sniffed(_beginning(source))
    except UnicodeError:
        return True


def _goes_on(source: Source) -> bool:
    """Whether a record begins in the short beginning that may be a long one: frictionless makes labels of all of it."""
    if source.path.stat().st_size < CELL_LIMIT:
        return False
    quote = str(source.resource.dialect.get("quoteChar") or '"')
    try:
        return _beginning(source).count(quote) % 2 == 1
    except UnicodeError:
        return False


def _cut_for_it(source: Source, tables: Tables) -> tuple[csv.Dialect | None, list[Sequence[object]] | None]:
    """The first records of a file that frictionless would leave open when packed, or guess at for minutes."""
    try:
        cut = tables.cut(source, _beginning(source))
        taken = while_short(_records(source, cut), _characters)
        return cut, list(islice(taken, _RECORDS))
    except (UnicodeError, csv.Error, TypeError):  # frictionless has words for that; TypeError: a quote of two letters
        return None, None


def _dialect(source: Source) -> csv.Dialect:
    """How frictionless would cut the cells: as declared, and what is not declared as Python's sniffer guesses it."""
    declared = str(source.resource.dialect.get("delimiter") or ("\t" if source.format == "tsv" else ""))
    guess = sniffed(_beginning(source), declared or SEPARATORS)
    cut = csv.excel()
    cut.delimiter = declared or guess.delimiter
    cut.quotechar = guess.quotechar
    cut.quoting = csv.QUOTE_MINIMAL if cut.quotechar else csv.QUOTE_NONE
    cut.skipinitialspace = bool(guess.skipinitialspace)
    return cut


def _beginning(source: Source) -> str:
    with _text(source) as file:
        return "".join(islice(while_short(_lines(file), len), _LINES))


def while_short(items: Iterable[T], size: Callable[[T], int]) -> Iterator[T]:
    """Items, until they have as many characters as one record may have: more are not to be held in memory."""
    total = 0
    for one in items:
        yield one
        total += size(one)
        if total >= RECORD_LIMIT:
            return


def _characters(cells: Sequence[str]) -> int:
    return sum(map(len, cells))


def _lines(file: TextIO) -> Iterator[str]:
    """The lines of a file, unless one has no end: nobody is to hold that in memory."""
    for number in count(1):
        line = file.readline(RECORD_LIMIT)
        if len(line) == RECORD_LIMIT and line[-1] not in "\r\n":
            raise LongRecordError(number, RECORD_LIMIT)
        if not line:
            return
        yield line


def _records(source: Source, cut: csv.Dialect) -> Iterator[list[str]]:
    number = held = 0

    def lines() -> Iterator[str]:
        nonlocal held
        for line in _lines(file):
            held += len(line)
            if held > RECORD_LIMIT:
                raise LongRecordError(number + 1, held)
            yield line

    with _text(source) as file:
        for number, cells in enumerate(csv.reader(lines(), cut), 1):
            if len(cells) > CELL_LIMIT:
                raise CrowdedRecordError(number, len(cells))
            held = 0
            yield cells


def _text(source: Source) -> Any:  # noqa: ANN401 (a text file, which is its own context)
    newline = "" if source.format == "csv" else None  # as frictionless opens them
    return Path(source.path).open(encoding=source.encoding, newline=newline)


def _header_comes_first(resource: Resource, widths: Sequence[int]) -> bool:
    """Whether frictionless takes the first record for the header: declared, or about as wide as the others."""
    if "headerRows" in resource.dialect:
        return True
    width = round(sum(widths) / len(widths))
    return abs(widths[0] - width) <= max(round(width * 0.1), 1)
