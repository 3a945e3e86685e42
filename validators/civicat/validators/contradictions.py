"""A schema that contradicts itself: rules of a column that no value can obey, keys of columns that are not there.

Of limits, lengths, enums and keys only what is certain: a rule that some value might obey is left to the reading of the
table, whatever it looks like. How values are written is another matter: a word that is both true and false, a mark that
parts the decimals and the thousands, a format or a pattern that is none are a slip of their author's, and are told as
one though some values could still be read. The data is not at fault: frictionless would blame each cell for it.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property, partial
from re import _parser  # type: ignore[attr-defined] # Python's own reading of a pattern; there is no public one
from typing import Any, TypeAlias

from civicat.dataset import Field, Resource, Schema
from civicat.text import Text
from civicat.validators.engine.problem import RuleBrokenError, UnreadableError
from civicat.validators.messages import quoted

Read: TypeAlias = Callable[[object], Any]  # a value in a rule as a cell of the column; None where it is none

_LISTED = 5  # values that a message lists
_BELOW = ("minimum", "exclusiveMinimum")
_ABOVE = ("maximum", "exclusiveMaximum")
_KEEPS: Mapping[str, Callable[[Any, Any], bool]] = {  # a value against a limit, as frictionless compares them
    "minimum": operator.ge,
    "exclusiveMinimum": operator.gt,
    "maximum": operator.le,
    "exclusiveMaximum": operator.lt,
}
_LENGTHS: Mapping[str, Callable[[Any, Any], bool]] = {"minLength": operator.ge, "maxLength": operator.le}
_STEPS: Mapping[str, Any] = {"integer": 1, "year": 1, "date": dt.timedelta(days=1)}  # types with nothing in between
_WITHOUT_DIRECTIVES = frozenset({"default", "any"})
_OPEN = frozenset({"subset", "partial"})  # of `fieldsMatch`: the file may have columns that the schema does not know


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What cannot hold. `rule` names its words, which quote the `facts`; `key` is its place within the schema."""

    rule: str
    key: str
    facts: Mapping[str, str | Text]
    field: str = ""
    column: int | None = None


@dataclass(frozen=True)
class _Column:
    """A field with its rules: as we have them, and as they are written.

    `typed` says that the file's cells may be dates and numbers by themselves, whatever the field says of text.
    """

    field: Field
    written: Mapping[str, Any]
    empty: frozenset[str]
    reader: Callable[[], Read]
    typed: bool

    @cached_property
    def read(self) -> Read:
        """What reads the limits and the enum; made when there is one."""
        return self.reader()

    def rule(self, name: str) -> Any:  # noqa: ANN401 (whatever a schema may hold)
        """What a constraint says; None where there is none."""
        return self.field.constraints.get(name)

    def limits(self, names: Sequence[str]) -> dict[str, Any]:
        """The limits of those names that there are, as values of the column."""
        return {name: self.read(self.rule(name)) for name in names if self.rule(name) is not None}

    def length(self, name: str) -> int | None:
        """A limit of length, where it is one."""
        value = self.rule(name)
        return value if type(value) is int else None

    @property
    def type(self) -> str:
        """The type, with the format where it is not the standard's own."""
        layout = self.field.format
        return self.field.type if layout == "default" else f"{self.field.type}, {layout}"


def contradictions(
    resource: Resource, others: Sequence[Resource], reader: Callable[[int], Read], *, typed: bool
) -> Iterator[Contradiction]:
    """What in a resource's schema cannot hold, one for each column and each name in a key.

    `others` are the resources that its foreign keys may refer to; `reader` makes what reads values for a column, by its
    number (from 0); `typed` says that the cells of the file may have types of their own, as those of a workbook.
    """
    schema = resource.schema
    written = _mappings(schema.descriptor.get("fields"))
    for number, (one, raw) in enumerate(zip(schema.fields, written, strict=False)):
        column = _Column(one, raw, _empty(raw, schema.descriptor), _numbered(reader, number), typed)
        for found in _of_column(column):
            key = f"fields[{number}].{found.key}"
            yield replace(found, key=key, field=one.name, column=number + 1)
    yield from _of_unique_keys(schema)
    yield from _of_references(resource, others)


def _numbered(reader: Callable[[int], Read], number: int) -> Callable[[], Read]:
    return lambda: reader(number)


def read_plainly(one: Field) -> Read:
    """What reads the rules of a field in a descriptor that frictionless takes without a word (engine/plain.py)."""
    return _PLAINLY.get(one.type, lambda value: value)


def _year(value: Any) -> int | None:  # noqa: ANN401 (whatever a schema may hold)
    return value if 0 <= value <= dt.MAXYEAR else None


_PLAINLY: Mapping[str, Read] = {
    "number": lambda value: Decimal(str(value)),
    "date": lambda value: dt.date.fromisoformat(str(value)),
    "year": _year,
}


def _of_column(column: _Column) -> list[Contradiction]:
    """Every fault of a column, each once: what would trip over a fault that is told is not looked at."""
    pattern = list(_of_pattern(column))
    try:
        return [*_of_values(column), *pattern]
    except (UnreadableError, RuleBrokenError):  # what frictionless cannot read is told when the table is read
        return pattern


def _of_values(column: _Column) -> list[Contradiction]:
    """The faults in how values are written; else those of the limits; and of the enum what has to do with neither."""
    if spelling := list(_of_spelling(column)):
        return spelling
    found = [*_unreadable(column), *_of_limits(column), *_of_lengths(column)]
    return [*found, *_of_enum(column, alone=bool(found))]


# ----------------------------------------------------------------------------------------------- how values are written


def _of_spelling(column: _Column) -> Iterator[Contradiction]:
    look = _SPELLINGS.get(column.field.type)
    return look(column) if look is not None else iter(())


def _of_marks(column: _Column) -> Iterator[Contradiction]:
    """The marks of a number, where both are written: what a field leaves out it does not contradict."""
    marks = {name: column.written.get(name) for name in ("decimalChar", "groupChar")}
    for name, mark in marks.items():
        if isinstance(mark, str) and any(one in "0123456789" for one in mark):
            yield Contradiction("digit", name, {"one": name, "limit": mark})
            return
    if marks["groupChar"] and marks["groupChar"] == marks["decimalChar"]:
        yield Contradiction("marks", "groupChar", {"limit": str(marks["groupChar"])})


def _of_words(column: _Column) -> Iterator[Contradiction]:
    """The words of a boolean, where both lists are written; of the standard's own nobody has to know."""
    true, false = (column.written.get(name) for name in ("trueValues", "falseValues"))
    if isinstance(true, list) and isinstance(false, list) and (shared := [one for one in true if one in false]):
        yield Contradiction("words", "falseValues", {"limit": _listed(shared)})


def _of_format(column: _Column) -> Iterator[Contradiction]:
    """A format in letters, YYYY-MM-DD, is none: frictionless takes it for text, and the likely cause is said."""
    layout = column.field.format.replace("fmt:", "")  # as Table Schema v1 once had it
    if layout not in _WITHOUT_DIRECTIVES and not column.typed and _holds_unknown(layout):
        yield Contradiction("directive", "format", {"limit": layout, "type": column.field.type})


def _holds_unknown(layout: str) -> bool:
    """Whether Python knows no such format: a directive that there is not, or one that comes twice."""
    try:
        dt.datetime.strptime("", layout)  # noqa: DTZ007 (no time is read)
    except re.error:
        return True
    except ValueError as error:
        return "bad directive" in str(error) or "stray %" in str(error)
    return False


def _of_pattern(column: _Column) -> Iterator[Contradiction]:
    """A pattern that is no regular expression, as frictionless makes one of it."""
    pattern = column.rule("pattern")
    if column.written.get("type", "string") != "string" or not isinstance(pattern, str):
        return  # where no type is written, frictionless reads texts
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # "[[" may mean something else in a Python to come
            re.compile(f"^{pattern}$")
    except (re.error, RecursionError, OverflowError) as error:
        yield Contradiction("pattern", "constraints.pattern", {"limit": quoted(pattern), "note": _why(error)})


def _why(error: Exception) -> Text:
    if isinstance(error, re.error) and error.msg.startswith("global flags"):  # frictionless puts ^ before them
        return Text(
            "其中不能写 (?i) 这样的标志，要不分大小写，请写成 [Aa] 这样",
            "it cannot hold flags such as (?i); for either case write [Aa]",
        )
    if not isinstance(error, re.error) or error.pos is None:
        return Text(f"{error}", f"{error}")
    place = error.pos  # in the pattern with frictionless' ^ before it, so that it counts from 1
    return Text(f"第 {place} 个字符处：{error.msg}", f"{error.msg}, at character {place}")


_SPELLINGS: Mapping[str, Callable[[_Column], Iterator[Contradiction]]] = {
    "number": _of_marks,
    "boolean": _of_words,
    **dict.fromkeys(("date", "datetime", "time"), _of_format),
}


# ----------------------------------------------------------------------------------------------------------- the limits


def _unreadable(column: _Column) -> Iterator[Contradiction]:
    for name, value in column.limits((*_BELOW, *_ABOVE)).items():
        if not _is_limit(value):
            facts: dict[str, str | Text] = {"one": name, "limit": str(column.rule(name)), "type": column.type}
            yield Contradiction("limit", f"constraints.{name}", facts)


def _is_limit(value: object) -> bool:
    return value is not None and not _is_nan(value)


def _of_limits(column: _Column) -> Iterator[Contradiction]:
    for low, least in column.limits(_BELOW).items():
        for high, most in column.limits(_ABOVE).items():
            if _is_limit(least) and _is_limit(most) and _leave_nothing(column.field.type, (low, least), (high, most)):
                yield _pair(column, low, high)
                return


def _leave_nothing(kind: str, low: tuple[str, Any], high: tuple[str, Any]) -> bool:
    """Whether no value lies between two limits, each with its name."""
    least, most = low[1], high[1]
    exclusive = [name.startswith("exclusive") for name, _ in (low, high)]
    try:
        if least > most or (least == most and any(exclusive)):
            return True
        return all(exclusive) and kind in _STEPS and most - least <= _STEPS[kind]
    except TypeError:  # one time with a zone and one without: which is the later nobody can say
        return False


def _of_lengths(column: _Column) -> Iterator[Contradiction]:
    least, most = (column.length(name) for name in _LENGTHS)
    if most is not None and most < 0:
        yield Contradiction("negative", "constraints.maxLength", {"limit": str(most)})
    elif most is not None and least is not None and least > most:
        yield _pair(column, *_LENGTHS)
    elif most is not None and column.field.type == "string" and _shortest(column.rule("pattern")) > most:
        yield _pair(column, "pattern", "maxLength")


def _shortest(pattern: object) -> int:
    """The least number of characters that a pattern takes; 0 where there is none, or where it is not one."""
    try:
        return int(_parser.parse(f"^{pattern}$").getwidth()[0]) if isinstance(pattern, str) else 0
    except (re.error, RecursionError, OverflowError):
        return 0


# ------------------------------------------------------------------------------------------------------------- the enum


def _of_enum(column: _Column, *, alone: bool) -> Iterator[Contradiction]:
    """What is wrong with an enum; `alone`: without the rules beside it, which are at fault already."""
    listed = column.rule("enum")
    if not isinstance(listed, list):
        return
    if not listed:
        yield Contradiction("enum", "constraints.enum", {})
        return
    values = [value for one in listed if (value := column.read(one)) is not None]
    if not values:
        facts: dict[str, str | Text] = {"limit": _listed(listed), "type": column.type}
        yield Contradiction("enum-type", "constraints.enum", facts)
    elif not alone and (breaking := _that_break(column, values)):
        yield _pair(column, "enum", *breaking)
    elif column.field.type == "string" and column.rule("required") is True and column.empty.issuperset(values):
        yield Contradiction("enum-empty", "constraints.enum", {"limit": _listed(listed)})


def _that_break(column: _Column, values: Sequence[Any]) -> list[str]:
    """The rules that no value of an enum obeys: one that none obeys, else those that together leave none."""
    broken = {name: [not obeys(one) for one in values] for name, obeys in _obeying(column)}
    alone = [name for name, found in broken.items() if all(found)]
    if alone:
        return alone[:1]
    together = broken and all(map(any, zip(*broken.values(), strict=True)))
    return [name for name, found in broken.items() if any(found)] if together else []


def _obeying(column: _Column) -> Iterator[tuple[str, Callable[[Any], bool]]]:
    """Each rule beside an enum, with what tells whether a value obeys it."""
    for name, limit in column.limits((*_BELOW, *_ABOVE)).items():
        yield name, partial(_keeps, name, limit)
    for name, keeps in _LENGTHS.items():
        if (length := column.length(name)) is not None:
            yield name, partial(_is_long, keeps, length)
    if (pattern := _compiled(column)) is not None:
        yield "pattern", partial(_matches, pattern)


def _keeps(name: str, limit: Any, value: Any) -> bool:  # noqa: ANN401 (of any type)
    try:
        return not _is_nan(value) and _KEEPS[name](value, limit)
    except TypeError:  # as above: nobody can say
        return True


def _is_long(keeps: Callable[[Any, Any], bool], length: int, value: Any) -> bool:  # noqa: ANN401 (of any type)
    return keeps(len(value), length)


def _matches(pattern: re.Pattern[str], value: str) -> bool:
    return pattern.match(value) is not None


def _compiled(column: _Column) -> re.Pattern[str] | None:
    """The pattern as frictionless applies it; None where there is none, or none that is sure to come to an end."""
    from civicat.validators.engine.backtracking import runs_away  # noqa: PLC0415 (few columns have both)

    pattern = column.rule("pattern")
    if column.field.type != "string" or not isinstance(pattern, str) or runs_away(pattern):
        return None
    try:
        return re.compile(f"^{pattern}$")
    except (re.error, RecursionError, OverflowError):
        return None


# ------------------------------------------------------------------------------------------------------------- the keys


def _of_unique_keys(schema: Schema) -> Iterator[Contradiction]:
    known = _known(schema)
    listed = schema.descriptor.get("uniqueKeys")
    for number, key in enumerate(listed if known and isinstance(listed, list) else []):
        for name in key if isinstance(key, list) else []:
            if name not in known:
                near = nearest(str(name), known)
                facts: dict[str, str | Text] = {"name": str(name), "one": "uniqueKeys", "nearest": near}
                yield Contradiction("column", f"uniqueKeys[{number}]", facts)


def _of_references(resource: Resource, others: Sequence[Resource]) -> Iterator[Contradiction]:
    """Foreign keys into this table or another of the package; those into other datasets are looked up elsewhere."""
    tables = {"": resource, **{one.name: one for one in others}}
    for number, key in enumerate(resource.schema.foreign_keys):
        there = tables.get(key.resource)
        known = _known(there.schema) if there is not None and not key.dataset else ()
        for name in key.reference if known else ():
            if there is not None and name not in known:
                facts: dict[str, str | Text] = {"name": name, "other": there.name, "nearest": nearest(name, known)}
                yield Contradiction("reference", f"foreignKeys[{number}].reference.fields", facts)


def _known(schema: Schema) -> tuple[str, ...]:
    """The columns of a table, where its schema knows all of them."""
    modes = schema.descriptor.get("fieldsMatch")
    if _OPEN.intersection(modes if isinstance(modes, list) else [modes]):
        return ()
    return tuple(one.name for one in schema.fields)


# ------------------------------------------------------------------------------------------------------------ the words


def nearest(name: str, known: Sequence[str]) -> Text:
    """Which of the known names is meant, most likely; else which there are, where they are few."""
    if near := get_close_matches(name, known, n=1):
        return Text(f"您是指“{near[0]}”吗？", f"Did you mean “{near[0]}”?")
    listed = _listed(known)
    return Text(f"可用：{listed.zh}。", f"There is: {listed.en}.")


def _pair(column: _Column, one: str, *others: str) -> Contradiction:
    facts: dict[str, str | Text] = {
        "one": one,
        "limit": _shown(column.rule(one)),
        "other": ", ".join(others),
        "bound": Text(
            "、".join(_shown(column.rule(name)).zh for name in others),
            ", ".join(_shown(column.rule(name)).en for name in others),
        ),
    }
    return Contradiction("", f"constraints.{others[-1]}", facts)


def _shown(value: object) -> Text:
    return _listed(value) if isinstance(value, list) else Text(quoted(value), quoted(value))


def _listed(values: Sequence[object]) -> Text:
    """The first of some values."""
    listed = [quoted(one) for one in values[:_LISTED]]
    more = len(values) - len(listed)
    return Text(
        "、".join(listed) + (f" 等 {len(values)} 个" if more else ""),
        ", ".join(listed) + (f" and {more} more" if more else ""),
    )


def _is_nan(value: object) -> bool:
    return value.is_nan() if isinstance(value, Decimal) else isinstance(value, float) and value != value  # noqa: PLR0124


def _mappings(listed: object) -> list[Mapping[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _empty(written: Mapping[str, Any], schema: Mapping[str, object]) -> frozenset[str]:
    """The texts that are sure to count as an empty cell of a column: where it has its own, those of both levels."""
    levels = [found for one in (written, schema) if isinstance(found := one.get("missingValues"), list)]
    if not levels:
        return frozenset({""})
    texts = [{str(one.get("value") if isinstance(one, dict) else one) for one in level} for level in levels]
    return frozenset(set.intersection(*texts))
