"""The rows of a resource and what is wrong with each, from frictionless; no other module knows frictionless.

A faster engine takes over behind `Reading`: rows with their number, their cells, their typed values, their problems.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeAlias

from frictionless import Checklist, Error, FrictionlessException, Package
from frictionless import Field as Rules
from frictionless.formats import CsvControl
from frictionless.resources import TableResource

from civicat.dataset import Dataset, Resource
from civicat.errors import CivicatError
from civicat.text import Text
from civicat.validators.formats import Source

Tables: TypeAlias = Package  # a dataset as frictionless sees it; other modules hand it on and know no more of it

# What a faulty rule makes frictionless raise: a pattern with flags (re.error), a limit without a time zone on times
# that have one (TypeError), a limit that is a signalling NaN (ArithmeticError). The data is not at fault.
_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    re.error,
)
_STANDARD = "https://datapackage.org/profiles/"
_OURS = frozenset({"sheet", "sheetName", "sheetNumber", "excel", "ods"})  # the workbook reader has taken these up
_AS_WRITTEN = frozenset({"duration", "geopoint"})  # kept as the text that stands in the cell
_APPLYING = frozenset({"create_cell_reader", "cell_reader"})  # where frictionless prepares and applies the rules
_CONSTRAINT = re.compile(r'constraint "(\w+)" is')
_OTHER_ROW = re.compile(r"the same as in the row at position (\d+)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `rule` narrows its code, messages quote its `facts`, `shape` is frictionless' error."""

    code: str
    shape: Callable[[], Mapping[str, object]]
    facts: Mapping[str, str] = field(default_factory=dict)  # ahead of `field`, which hides the function
    rule: str = ""
    note: str = ""
    row: int | None = None
    field: str = ""
    column: int | None = None
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its number (the header counted), its cells as they stand, and the values of the declared fields."""

    number: int
    cells: Sequence[object]
    values: Sequence[object]
    problems: Sequence[Problem]


class UnreadableError(Exception):
    """frictionless could not go on; `problems` say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = problems


class RuleBrokenError(Exception):
    """A rule of the descriptor cannot be applied at all: why, and where known the column and the constraint."""

    def __init__(self, reason: Text, field: str = "", constraint: str = "") -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.field = field
        self.constraint = constraint


def open_package(dataset: Dataset, sources: Sequence[Source]) -> Package:
    """The tables of a dataset as frictionless sees them.

    Raises:
        UnreadableError: the descriptor is not what the standard asks for.
        RuleBrokenError: frictionless cannot make sense of it.
    """
    descriptor = {key: value for key, value in dataset.descriptor.items() if _standard(key, value)}
    descriptor["resources"] = [_descriptor(source) for source in sources]
    with _engine():
        package = Package.from_descriptor(descriptor, basepath=str(dataset.folder))
        for source in sources:
            if source.cells is not None:
                _set_cells(package, source)
    return package


class Reading:
    """One pass over one resource; a context manager. Iterate over it for the rows, then ask for `tail`.

    `labels` is the header as it stands, `head` what is wrong with it; `expected` maps each declared field to its place
    among the columns of the file.
    """

    def __init__(self, package: Package, resource: Resource) -> None:
        self._table = package.get_table_resource(resource.name)
        self._fields = resource.schema.fields
        self._checks = Checklist().connect(self._table)
        self.labels: tuple[str, ...] = ()
        self.head: tuple[Problem, ...] = ()

    def __enter__(self) -> Self:
        with _engine():
            self._table.open()  # type: ignore[no-untyped-call] # frictionless types this one not at all
            self.labels = tuple(str(label) for label in self._table.labels)
            self.head = _problems(self._checks, "validate_start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._table.close()

    def __iter__(self) -> Iterator[Row]:
        with _engine():
            values = _values(self._fields, [one.name for one in self._table.header.get_expected_fields()])
            for row in self._table.row_stream:
                problems = _problems(self._checks, "validate_row", row)
                yield Row(row.row_number, row.cells, values(row), problems)

    @property
    def dialect(self) -> csv.Dialect:
        """How the cells of a delimited file were cut, once its rows have been read."""
        dialect: csv.Dialect = CsvControl.from_dialect(self._table.dialect).to_python()
        return dialect

    def tail(self, sha256: str, size: int) -> tuple[Problem, ...]:
        """What shows only at the end: a checksum, a size or a count that is not as declared."""
        self._table.stats.sha256 = self._table.stats.sha256 or sha256
        self._table.stats.bytes = size
        with _engine():
            return _problems(self._checks, "validate_end")


@contextmanager
def _engine() -> Iterator[None]:
    """Around every call into frictionless: its exceptions become ours."""
    try:
        yield
    except FrictionlessException as error:
        if isinstance(error.__cause__, CivicatError):  # from a reader of ours, whose rows frictionless was reading
            raise error.__cause__ from None
        raise UnreadableError([_problem(one) for one in error.to_errors()]) from error
    except _FAULTS as error:
        raise _broken(error) from error


def _broken(error: Exception) -> RuleBrokenError:
    """Which rule it was shows only in the frames of frictionless' own field, where it applied the rule."""
    column = constraint = ""
    trace = error.__traceback__
    while trace is not None:
        names = trace.tb_frame.f_locals
        if trace.tb_frame.f_code.co_name in _APPLYING and isinstance(names.get("self"), Rules):
            column, constraint = names["self"].name, str(names.get("name") or "")
        trace = trace.tb_next
    return RuleBrokenError(_reason(error, constraint), column, constraint)


def _reason(error: Exception, constraint: str) -> Text:
    if isinstance(error, re.error):
        return Text(f"不是有效的正则表达式（{error}）。", f"it is no regular expression ({error}).")
    if constraint:
        return Text(
            "它与这一列的值无法比较（例如一个带时区，一个不带）。",
            "it cannot be compared with the values of the column (one may have a time zone, and the other none).",
        )
    return Text(str(error), str(error))


def _standard(key: str, value: object) -> bool:
    """Leaves out profiles of others: frictionless would fetch them from the network."""
    return key not in {"profile", "$schema"} or "://" not in str(value) or str(value).startswith(_STANDARD)


def _descriptor(source: Source) -> dict[str, object]:
    resource = source.resource
    dialect = {key: value for key, value in resource.dialect.items() if key not in _OURS}
    kept = {key: value for key, value in resource.descriptor.items() if _standard(key, value)}
    ours: dict[str, object] = {"name": resource.name, "path": resource.path, "type": "table", "scheme": "file"}
    ours["format"] = source.format if source.cells is None else "csv"
    ours["dialect"] = dialect
    if source.encoding:
        ours["encoding"] = source.encoding
    return {**kept, **ours}


def _set_cells(package: Package, source: Source) -> None:
    """Has frictionless read the rows from our reader instead of the file."""
    read = package.get_resource(source.resource.name)
    package.set_resource(
        TableResource(
            name=read.name,
            data=source.cells,
            format="inline",
            schema=read.schema,
            dialect=read.dialect,
            hash=read.hash,
            bytes=read.bytes,
            rows=read.rows,
            datapackage_version="v2",  # else a copy, as foreign keys make them, knows nothing of v2's constraints
        )
    )


def _values(fields: Sequence[Any], expected: Sequence[str]) -> Callable[[Any], list[object]]:
    """How to take the declared fields out of a row: parsed, or as written for the types that have no plain value."""
    names = [one.name for one in fields]
    written = [
        (number, expected.index(one.name))
        for number, one in enumerate(fields)
        if one.type in _AS_WRITTEN and one.name in expected
    ]

    def values(row: Any) -> list[object]:  # noqa: ANN401 (frictionless' Row has no types)
        taken = [row.get(name) for name in names]
        for number, place in written:
            if taken[number] is not None:
                taken[number] = row.cells[place]
        return taken

    return values


def _problems(checks: Sequence[Any], moment: str, *subject: object) -> tuple[Problem, ...]:
    return tuple(_problem(error) for check in checks for error in getattr(check, moment)(*subject))


def _problem(error: Error) -> Problem:
    code = error.type
    names = getattr(error, "field_names", None) or []
    rows = getattr(error, "row_numbers", None)
    return Problem(
        code=code,
        shape=error.to_descriptor,
        rule=_rule(code, error.note),
        note=error.note,
        row=rows[-1] if rows else getattr(error, "row_number", None),
        field=getattr(error, "field_name", "") or ", ".join(names),
        column=getattr(error, "field_number", None),
        cell=getattr(error, "cell", "") or ", ".join(getattr(error, "field_cells", None) or []),
        facts=_facts(error),
    )


def _rule(code: str, note: str) -> str:
    if code == "source-error":
        return "empty" if note == "the source is empty" else ""
    if code == "primary-key":
        return "empty" if "all" in note.split() else ""
    match = _CONSTRAINT.search(note)
    return match[1] if match else ""


def _facts(error: Error) -> Mapping[str, str]:
    other = _OTHER_ROW.search(error.note)
    reference = getattr(error, "reference_field_names", None) or []
    return {
        "label": getattr(error, "label", "") or "",
        "other": other[1] if other else "",
        "reference": " ".join((getattr(error, "reference_name", "") or "", ", ".join(reference))).strip(),
    }
