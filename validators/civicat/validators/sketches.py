"""A data file that nobody has described: how it is written, and what its columns are, from all of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from civicat.dataset import read_dataset
from civicat.errors import SourceError
from civicat.text import Text
from civicat.validators import encodings
from civicat.validators.archives import unpacked
from civicat.validators.dialects import csv_dialect, dialect_of, head_of
from civicat.validators.encodings import Damage
from civicat.validators.engine.block import Block
from civicat.validators.engine.pieces import CELL_LIMIT, RECORD_LIMIT
from civicat.validators.formats import BINARY, DELIMITED, KNOWN, SUFFIXES, WORKBOOKS, Cells, find_source
from civicat.validators.headers import LOOKED_AT, find_headers, joined, names_of
from civicat.validators.inference import Inferred, infer

_FIRST_WORDS = 1000  # bytes of a JSON file that tell what it is
_A_TABLE = 2  # columns and rows that a sheet must have at least to be taken for a table
_SHEETS = 20  # sheets that are looked at

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sketch:
    """A data file as its resource describes it. `other_sheets` are those of a workbook that hold something, too.

    `damage` are the first bytes of a text that its encoding cannot read.
    """

    path: Path
    resource: Mapping[str, Any]
    names: tuple[str, ...]
    other_sheets: tuple[str, ...] = ()
    damage: Damage | None = None

    @property
    def headers(self) -> list[int]:
        """The rows of the header, from 1."""
        return _headers(self.resource)

    def columns(self) -> list[Inferred]:
        """What the columns are, from all rows; of a damaged file from those before the damage."""
        narrow = max(len(self.names), 1)  # bytes of the shortest row: one mark for each cell
        most = self.path.stat().st_size / narrow if self.resource["format"] in DELIMITED else np.inf
        return infer(self.names, self.blocks, most)

    def blocks(self, then: Callable[[Block], T]) -> Iterator[T]:
        """What a function makes of each block of rows, in their order; of delimited text it runs in several threads."""
        first = max(self.headers) + 1
        if not self.names:
            return iter(())
        if self.resource["format"] in DELIMITED:
            return self._cut(first, then)
        if self.resource["format"] == "parquet":
            from civicat.validators.stored import blocks_of_parquet, is_plain  # noqa: PLC0415 (pyarrow.parquet takes a while)

            if is_plain(self.path):
                return map(then, blocks_of_parquet(self.path))
        from civicat.validators.engine.cells import blocks_of_cells  # noqa: PLC0415 (only where there are cells)

        return map(then, blocks_of_cells(cells_of(self.path, self.resource), first, len(self.names)))

    def _cut(self, first: int, then: Callable[[Block], T]) -> Iterator[T]:
        from civicat.validators.engine.cutting import Cut, worked  # noqa: PLC0415 (as above)
        from civicat.validators.engine.faults import RecordError  # noqa: PLC0415 (as above)

        newline = None if self.resource["format"] == "tsv" else ""  # as frictionless opens them
        cut = Cut(
            str(self.resource["encoding"]), csv_dialect(self.resource["dialect"]), first, len(self.names), newline
        )
        try:
            yield from worked(self.path, cut, then)
        except RecordError:
            return  # the check says where the table breaks off


@contextmanager
def sketch(path: Path, *, pick_sheet: bool = False, widest: float = np.inf) -> Iterator[Sketch]:
    """A data file looked at; what is packed is unpacked as long as the context is open.

    `pick_sheet` looks for the first sheet of a workbook that holds a table; without it the first sheet is taken.
    A table of more than `widest` columns is refused before anything is made of its labels.

    Raises:
        SourceError: the file is no format that is known, too wide, or cannot be read.
    """
    with unpacked(path) as inner:
        resource, rows, others, bad = _drafted(inner, pick_sheet=pick_sheet, widest=widest)
        if inner != path:
            resource |= {"name": slug(Path(path.stem).stem), "path": path.name}
        _refuse_wide(
            inner, max((len(rows[one - 1]) for one in _headers(resource) if one <= len(rows)), default=0), widest
        )
        yield replace(_with_names(inner, resource, rows, others), damage=bad)


def sketched(path: Path, resource: Mapping[str, Any]) -> Sketch:
    """The sketch of a file whose dialect is known."""
    return _with_names(path, resource, _head(path, resource, max(_headers(resource))), ())


def _with_names(
    path: Path, resource: Mapping[str, Any], rows: Sequence[Sequence[object]], others: Sequence[str]
) -> Sketch:
    headers = _headers(resource)
    if len(headers) > 1:
        return Sketch(path, resource, tuple(joined(rows, headers)), tuple(others))
    labels = rows[headers[0] - 1] if len(rows) >= headers[0] else []
    return Sketch(path, resource, tuple(names_of(labels)), tuple(others))


def _headers(resource: Mapping[str, Any]) -> list[int]:
    return list(resource.get("dialect", {}).get("headerRows", [1]))


def slug(text: str) -> str:
    """A name of lower-case letters, digits and hyphens; `data` where nothing is left."""
    kept = "".join(one if one.isascii() and one.isalnum() else "-" for one in text.lower())
    return "-".join(part for part in kept.split("-") if part) or "data"


def cells_of(path: Path, resource: Mapping[str, Any]) -> Cells:
    """The rows of a file that is no delimited text, by our own readers."""
    alone = {**resource, "path": path.name}
    dataset = read_dataset({"name": "", "resources": [alone]}, str(path), "", path.parent)
    source = find_source(dataset, dataset.resources[0])
    return source.cells() if source.cells is not None else iter(())


def _refuse_wide(path: Path, count: int, widest: float) -> None:
    if count > widest:
        raise SourceError(
            Text(
                f"{path.name} 有 {count:,} 列，一张表最多 {widest:,} 列。请把多出的列改成行，或分成几张表。",
                f"{path.name} has {count:,} columns, and a table {widest:,} at most. "
                "Turn columns into rows, or make several tables.",
            )
        )


def _refuse_endless(path: Path, resource: Mapping[str, Any], widest: float) -> None:
    """Refuses a first line that is no header by its length alone: as cells it would take many times its bytes.

    No later line: it may stand within a quoted cell, where a polygon has as many commas as it needs.
    """
    try:
        with path.open(encoding=resource["encoding"], newline="", errors="replace") as file:
            line = file.readline(RECORD_LIMIT)
    except UnicodeError:  # UTF-16 without its mark: the check says so
        return
    if len(line) == RECORD_LIMIT and not line.endswith(("\n", "\r")):
        raise SourceError(
            Text(
                f"{path.name} 的第一行超过 {RECORD_LIMIT:,} 个字符还没有换行，不是表头。请检查换行符。",
                f"The first line of {path.name} goes on beyond {RECORD_LIMIT:,} characters, which is no header. "
                "Look at its line breaks.",
            )
        )
    if len(line) > CELL_LIMIT:
        outside = line.split(str(resource["dialect"]["quoteChar"]))[::2]
        count = 1 + sum(part.count(resource["dialect"]["delimiter"]) for part in outside)
        _refuse_wide(path, count if count > CELL_LIMIT else 0, widest)


def _drafted(
    path: Path, *, pick_sheet: bool, widest: float
) -> tuple[dict[str, Any], list[Any], list[str], Damage | None]:
    """How a file is written, its first rows, the other sheets of a workbook, and where its text is damaged."""
    suffix = path.suffix.lstrip(".").lower()
    if suffix not in SUFFIXES:
        raise unknown_format(path)
    kind = "geojson" if SUFFIXES[suffix] == "json" and _is_geojson(path) else SUFFIXES[suffix]
    resource: dict[str, Any] = {"name": slug(path.stem), "path": path.name, "format": kind}
    others: list[str] = []
    bad: Damage | None = None
    if kind not in BINARY:
        examined = encodings.examine(path)
        resource["encoding"], bad = examined.encoding, examined.damage
    if kind in DELIMITED:
        resource["dialect"] = dialect_of(path, resource["encoding"], kind)
        _refuse_endless(path, resource, widest)
    if kind in WORKBOOKS and pick_sheet:
        sheet, rows, others = _sheets(path, resource)
        resource["dialect"] = {"ods" if kind == "ods" else "excel": {"sheet": sheet}}
    else:
        rows = _head(path, resource, LOOKED_AT)
    headers = find_headers(rows)
    if kind in DELIMITED or headers != [1]:
        resource.setdefault("dialect", {})["headerRows"] = headers
    return resource, rows, others, bad


def unknown_format(path: Path) -> SourceError:
    """What to say of a file whose suffix means nothing to us."""
    suffix = path.suffix.lstrip(".").lower()
    return SourceError(
        Text(f"{path}：civicat 不认识这种格式。", f"{path}: civicat does not know this format."),
        Text(f"可用：{'、'.join(KNOWN)}。", f"It reads {', '.join(KNOWN)}."),
        kind="format-error",
        note=f'format "{suffix}" is not supported',
    )


def _head(path: Path, resource: Mapping[str, Any], count: int) -> list[Any]:
    if resource["format"] in DELIMITED:
        return head_of(path, str(resource["encoding"]), resource.get("dialect", {}), count)
    try:
        return list(islice(cells_of(path, resource), count))
    except UnicodeDecodeError:
        return []  # damaged: the check says where


def _sheets(path: Path, resource: Mapping[str, Any]) -> tuple[str, list[Any], list[str]]:
    """The first sheet that people see and that holds a table, its first rows, and the others that hold something."""
    first = _head(path, resource, LOOKED_AT)  # refuses what is damaged, locked or a bomb
    from python_calamine import CalamineWorkbook, SheetVisibleEnum  # noqa: PLC0415 (only for a workbook)

    with CalamineWorkbook.from_path(path) as book:
        names = book.sheet_names
        seen = [one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible] or names
    heads = {
        name: first if name == names[0] else _head(path, {**resource, "dialect": {"sheet": name}}, LOOKED_AT)
        for name in seen[:_SHEETS]
    }
    chosen = next((name for name, rows in heads.items() if _is_table(rows)), seen[0])
    return chosen, heads[chosen], [name for name, rows in heads.items() if rows and name != chosen]


def _is_table(rows: Sequence[Sequence[object]]) -> bool:
    wide = [row for row in rows if sum(not (cell is None or cell == "") for cell in row) >= _A_TABLE]
    return len(wide) >= _A_TABLE


def _is_geojson(path: Path) -> bool:
    """Many GeoJSON files bear the suffix of JSON; their first words say what they are."""
    with path.open("rb") as file:
        return b'"FeatureCollection"' in file.read(_FIRST_WORDS)
