"""Frictionless: descriptors, headers and single cells by its own code. Only checks/ know it too.

It takes half a second to load, and a clean table has no need of it: it is loaded when something is asked of it.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from civicat.dataset import Dataset, Resource
from civicat.errors import CivicatError
from civicat.text import Text
from civicat.validators.engine.backtracking import runs_away
from civicat.validators.engine.kernels.kernel import CellReader
from civicat.validators.engine.patterns import matcher
from civicat.validators.engine.problem import Problem, RuleBrokenError, UnreadableError
from civicat.validators.formats import Source

if TYPE_CHECKING:
    from frictionless import Error, Package
    from frictionless.resources import TableResource

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
_APPLYING = frozenset({"create_cell_reader", "cell_reader"})  # where frictionless prepares and applies the rules
SEPARATORS = ",\t;|"  # what frictionless tries where no delimiter is declared
_SNIFFED = 100_000  # characters; Python's sniffer takes minutes over a quoted cell of a million
_REMEMBERED = 100_000  # cells of a column whose verdict is kept; a column of more different ones is not worth it


class Tables:
    """The tables of a dataset as frictionless sees them, once it is asked."""

    def __init__(self, dataset: Dataset, sources: Sequence[Source]) -> None:
        self._dataset = dataset
        self._sources = sources

    @cached_property
    def package(self) -> Package:
        """The dataset as frictionless' package.

        Raises:
            UnreadableError: the descriptor is not what the standard asks for.
            RuleBrokenError: frictionless cannot make sense of it.
        """
        from frictionless import Package  # noqa: PLC0415 (slow to load: see above)

        descriptor = {key: value for key, value in self._dataset.descriptor.items() if _standard(key, value)}
        descriptor["resources"] = [_descriptor(source) for source in self._sources]
        with frictionless_errors():
            return Package.from_descriptor(descriptor, basepath=str(self._dataset.folder))

    def load(self) -> None:
        """Has frictionless look at the descriptor. Raises as `package` does."""
        _ = self.package

    def source(self, name: str) -> Source | None:
        """The file of a resource."""
        return next((one for one in self._sources if one.resource.name == name), None)

    def readers(self, resource: Resource) -> list[CellReader]:
        """Frictionless' own reader of each declared field, in their order."""
        table = self.package.get_table_resource(resource.name)
        return [cell_reader(one, heights=self._has_heights(resource)) for one in table.schema.fields]

    def _has_heights(self, resource: Resource) -> bool:
        """Whether positions may have a height: in a GeoJSON file, of which frictionless makes no table."""
        source = self.source(resource.name)
        return source is not None and source.format == "geojson"

    def cut(self, source: Source, sample: str) -> Any:  # noqa: ANN401 (csv.Dialect's attributes are typed nowhere)
        """How frictionless cuts the cells of a delimited file that begins with `sample`, as csv.reader takes it.

        Source: frictionless 5.21, `CsvParser`, whose steps these are; it cannot be asked without reading the file.
        """
        from frictionless.formats import CsvControl  # noqa: PLC0415 (slow to load: see above)

        control = CsvControl.from_dialect(self.package.get_table_resource(source.resource.name).dialect)
        if source.format == "tsv":
            control.set_not_defined("delimiter", "\t")
        guess = sniffed(sample, control.get_defined("delimiter", default=SEPARATORS))
        control.set_not_defined("delimiter", guess.delimiter, distinct=True)
        control.set_not_defined("line_terminator", guess.lineterminator, distinct=True)
        control.set_not_defined("escape_char", guess.escapechar, distinct=True)
        control.set_not_defined("quote_char", guess.quotechar, distinct=True)
        control.set_not_defined("skip_initial_space", guess.skipinitialspace, distinct=True)
        return control.to_python()

    def opened(self, resource: Resource, head: Sequence[Sequence[object]] | None) -> Opened:
        """A table with its header read and compared; `head` are its first rows where it is no delimited file.

        Raises:
            UnreadableError: it cannot be opened; the problems say why.
        """
        with frictionless_errors():
            table = _without_lookups(self.package, resource.name, head)
        try:
            with frictionless_errors():
                return Opened(table, heights=self._has_heights(resource))
        except UnreadableError as error:
            raise UnreadableError(error.problems, _counted(table)) from None


def _counted(table: TableResource) -> dict[str, int | str]:
    """What frictionless has counted of a table so far; what is nothing is left out."""
    stats = {"md5": table.stats.md5, "sha256": table.stats.sha256, "bytes": table.stats.bytes}
    counted = {**stats, "fields": table.stats.fields}
    return {name: value for name, value in counted.items() if value}


def sniffed(sample: str, separators: str) -> Any:  # noqa: ANN401 (csv.Dialect's attributes are typed nowhere)
    """What Python's sniffer makes of the beginning of a delimited file, as frictionless takes it.

    A beginning that is too long for it is taken for plain, with whichever separator occurs most often.
    """
    guess: Any
    try:
        if len(sample) > _SNIFFED:
            guess = csv.excel()
            guess.delimiter = max(separators, key=sample.count)
        else:
            guess = csv.Sniffer().sniff(sample, separators)
    except csv.Error:
        guess = csv.excel()
    if guess.quotechar == "'":
        guess.quotechar = '"'
    return guess


def is_sniffed(sample: str) -> bool:
    """Whether the beginning of a file is short enough for Python's sniffer."""
    return len(sample) <= _SNIFFED


class Opened:
    """A table that frictionless has opened: its header, its dialect, and the fields that it expects in the rows."""

    def __init__(self, table: TableResource, *, heights: bool = False) -> None:
        self._table, self._heights = table, heights
        self._checks = _checklist().connect(table)
        with _open(table):
            self.labels = tuple(str(label) for label in table.labels)
            self.head = tuple(problem(error) for check in self._checks for error in check.validate_start())
            self.fields: list[Any] = list(table.header.get_expected_fields())
            self.dialect = table.dialect
            self.first: int = table.dialect.create_first_content_row()  # type: ignore[no-untyped-call] # typed nowhere
            self.fragment_rows: int = len(table.sample)

    @property
    def table(self) -> TableResource:
        """The table itself: what frictionless' checks are connected to."""
        return self._table

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the expected fields, in the order of the columns."""
        return tuple(one.name for one in self.fields)

    def readers(self) -> list[CellReader]:
        """Frictionless' own reader of each expected field."""
        with frictionless_errors():
            return [cell_reader(one, heights=self._heights) for one in self.fields]

    @property
    def csv(self) -> Any:  # noqa: ANN401 (csv.Dialect's attributes are typed nowhere)
        """How the cells of a delimited file are cut, as csv.reader takes it."""
        from frictionless.formats import CsvControl  # noqa: PLC0415 (slow to load: see above)

        return CsvControl.from_dialect(self.dialect).to_python()

    def tail(self, digests: Mapping[str, str], size: int, rows: int) -> tuple[Problem, ...]:
        """What shows only at the end: a checksum, a size or a count that is not as declared."""
        stats = self._table.stats
        stats.md5, stats.sha256, stats.bytes, stats.rows = digests["md5"], digests["sha256"], size, rows
        with frictionless_errors():
            return tuple(problem(error) for check in self._checks for error in check.validate_end())


@contextmanager
def frictionless_errors() -> Iterator[None]:
    """Around every call into frictionless: its exceptions become ours."""
    from frictionless import FrictionlessException  # noqa: PLC0415 (slow to load: see above)

    try:
        yield
    except FrictionlessException as error:
        if isinstance(error.__cause__, CivicatError):  # from a reader of ours, whose rows frictionless was reading
            raise error.__cause__ from None
        raise UnreadableError([problem(one) for one in error.to_errors()]) from error
    except _FAULTS as error:
        raise _broken(error) from error


def cell_reader(field: Any, *, heights: bool = False) -> CellReader:  # noqa: ANN401 (frictionless' Field is loaded late)
    """Frictionless' reader of one field's cells, which remembers what it said.

    Raises:
        RuleBrokenError: a rule of the field cannot be applied.
    """
    with frictionless_errors():
        read: CellReader = _in_time(field)
    if heights and field.type == "geojson":
        read = _with_heights(read)
    said: dict[tuple[type, object], tuple[object, Mapping[str, str] | None]] = {}

    def reader(cell: object) -> tuple[object, Mapping[str, str] | None]:
        key = (type(cell), cell)
        try:
            return said[key]
        except (KeyError, TypeError):  # TypeError: a list or an object, which no dictionary takes as a key
            pass
        try:
            answer = read(cell)
        except _FAULTS as error:
            raise _broken(error) from error
        if isinstance(cell, str) and len(said) < _REMEMBERED:
            said[key] = answer
        return answer

    return reader


def _in_time(field: Any) -> CellReader:  # noqa: ANN401 (frictionless' Field is loaded late)
    """Frictionless' reader; a pattern that runs away in Python is judged by one that cannot, where that is exact."""
    pattern = field.constraints.get("pattern")
    found = matcher(pattern) if isinstance(pattern, str) and runs_away(pattern) else None
    if found is None or not found.exact:
        whole: CellReader = field.create_cell_reader()
        return whole
    told = field.constraints
    field.constraints = {name: value for name, value in told.items() if name != "pattern"}
    try:
        read: CellReader = field.create_cell_reader()
    finally:
        field.constraints = told
    note = {"pattern": f'constraint "pattern" is "{pattern}"'}

    def reader(cell: object) -> tuple[object, Mapping[str, str] | None]:
        value, notes = read(cell)
        said = notes or {}
        if value is None or "type" in said or found.matches(str(value)):
            return value, notes
        before = {name: text for name, text in said.items() if name != "enum"}
        return value, {**before, **note, **{name: text for name, text in said.items() if name == "enum"}}

    return reader


def _with_heights(read: CellReader) -> CellReader:
    """Takes positions with a height too, which GeoJSON allows (RFC 7946, 3.1.1) and frictionless' profile does not."""
    from civicat.validators.records import flat  # noqa: PLC0415 (few files are GeoJSON)

    def reader(cell: object) -> tuple[object, Mapping[str, str] | None]:
        value, notes = read(cell)
        if not notes:
            return value, notes
        try:
            shape = json.loads(cell) if isinstance(cell, str) else cell
        except ValueError:
            return value, notes
        flattened, still = read(flat(shape))
        return (shape if flattened is not None else value), still

    return reader


def problem(error: Error) -> Problem:
    """A frictionless error as a problem."""
    code: str = error.type
    names = getattr(error, "field_names", None) or []
    rows = getattr(error, "row_numbers", None)
    return Problem(
        code=code,
        shape=error.to_descriptor,
        rule="empty" if code == "source-error" and error.note == "the source is empty" else "",
        note=error.note,
        row=rows[-1] if rows else getattr(error, "row_number", None),
        field=getattr(error, "field_name", "") or ", ".join(names),
        column=getattr(error, "field_number", None),
        cell=getattr(error, "cell", "") or ", ".join(getattr(error, "field_cells", None) or []),
        facts={"label": getattr(error, "label", "") or "", "other": "", "reference": ""},
    )


def error_shape(code: str, note: str, **parts: object) -> dict[str, object]:
    """An error in frictionless' own shape, with its own words; `parts` are the keys that its kind has beyond `note`."""
    kind = _kinds()[code]
    values = _Blanks({"type": code, "note": note, **parts})
    return {
        "type": code,
        "title": kind.title,
        "description": kind.description,
        "message": kind.template.format_map(values),
        "tags": list(kind.tags),
        "note": note,
        **parts,
    }


@contextmanager
def _open(table: TableResource) -> Iterator[None]:
    with frictionless_errors():
        try:
            table.open()  # type: ignore[no-untyped-call] # typed nowhere
            yield
        finally:
            table.close()


def _without_lookups(package: Package, name: str, head: Sequence[Sequence[object]] | None) -> TableResource:
    """A table that can be opened without reading all the tables that it refers to: we look those up ourselves."""
    table = package.get_table_resource(name)
    known = {"", name, *package.resource_names}
    keys = table.schema.foreign_keys
    if keys and all(key["reference"]["resource"] in known for key in keys):
        table.schema.foreign_keys = []  # else frictionless says on opening which one is not there
    return table if head is None else _inline(table, head)


def _inline(read: TableResource, head: Sequence[Sequence[object]]) -> TableResource:
    """The same table, whose rows come from our reader instead of the file."""
    from frictionless.resources import TableResource  # noqa: PLC0415 (slow to load: see above)

    return TableResource(
        name=read.name,
        data=lambda: iter(head),
        format="inline",
        schema=read.schema,
        dialect=read.dialect,
        hash=read.hash,
        bytes=read.bytes,
        rows=read.rows,
        fields=read.fields,
        datapackage_version="v2",  # else a copy, as foreign keys make them, knows nothing of v2's constraints
    )


def _checklist() -> Any:  # noqa: ANN401 (frictionless is loaded late)
    from frictionless import Checklist  # noqa: PLC0415 (slow to load: see above)

    return Checklist()


def _broken(error: Exception) -> RuleBrokenError:
    """Which rule it was shows only in the frames of frictionless' own field, where it applied the rule."""
    from frictionless import Field as Rules  # noqa: PLC0415 (slow to load: see above)

    column = constraint = kind = ""
    trace = error.__traceback__
    while trace is not None:
        names = trace.tb_frame.f_locals
        if trace.tb_frame.f_code.co_name in _APPLYING and isinstance(names.get("self"), Rules):
            column, constraint = names["self"].name, str(names.get("name") or "")
            unread = getattr(names.get("check"), "args", ()) == (None,)  # what frictionless made of the limit
            kind = names["self"].type if unread else ""
        trace = trace.tb_next
    return RuleBrokenError(_reason(error, constraint, kind), column, constraint)


def _reason(error: Exception, constraint: str, kind: str) -> Text:
    """Why a rule cannot be applied; `kind` is the column's type where the rule's limit is not of it."""
    if isinstance(error, re.error) and error.msg.startswith("global flags"):  # frictionless puts ^ before them
        return Text(
            "Table Schema 的 pattern 里不能写 (?i) 这样的标志。要不分大小写，请写成 [Aa] 这样。",
            "a pattern of Table Schema cannot hold flags such as (?i). For either case of a letter, write [Aa].",
        )
    if isinstance(error, re.error):
        return Text(f"不是有效的正则表达式（{error}）。", f"it is no regular expression ({error}).")
    if kind:
        return Text(
            f"这个值本身不是这一列的类型（{kind}）。",
            f"the limit itself cannot be read as the column's type ({kind}).",
        )
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


@cache
def _kinds() -> Mapping[str, type[Error]]:
    """Frictionless' errors by their type."""
    from frictionless import Error, errors  # noqa: PLC0415 (slow to load: see above)

    return {one.type: one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Error)}


class _Blanks(dict[str, object]):
    """Values of a template; what a template asks for and is not there is left blank."""

    def __missing__(self, key: str) -> str:
        return ""
