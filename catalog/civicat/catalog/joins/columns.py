"""The columns of a release as joins see them: what they hold in figures, what they mean, what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from civicat.catalog.facts.withdrawn import read_json
from civicat.dataset import Field, Resource
from civicat.layout import PROFILE
from civicat.mapping import mapping, mappings, spelled, whole
from civicat.release import Release, Table
from civicat.sketches import Sketch, read_sketch
from civicat.text import Text

FEWEST = 3  # different values: below, anything is in anything
# What is measured, counted or dated meets everywhere and means nothing by it; prose is not looked up.
_NEVER = frozenset(("flag", "date-text", "year", "latitude", "longitude", "quantity", "text", "email", "phone", "url"))
_KINDS: Mapping[str, str] = {"string": "text", "integer": "integer", "any": "text"}
_SMALLEST_NUMBER = 1000  # numbers below are counts and ranks; codes have four digits or more
_DENSE = 0.5  # numbers that fill more of their range than this only count on: 1, 2, 3 ...

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
# Words that any column of codes may be called by.
_EMPTY_WORDS = frozenset(
    (
        *("code", "id", "identifier", "name", "number", "no", "key", "value", "type", "kind", "list", "data", "row"),
        *("the", "of", "a", "an", "in", "and", "or", "by", "for", "to", "from", "on", "with", "us", "all", "its"),
        *(
            "代码",
            "编码",
            "编号",
            "名称",
            "类型",
            "类别",
            "数据",
            "序号",
            "号码",
            "标识",
            "代号",
            "中文",
            "文名",
            "英文",
            "名字",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands: `department/dataset`, the resource, its name."""

    dataset: str
    resource: str
    name: str

    @property
    def table(self) -> tuple[str, str]:
        """The dataset and the resource."""
        return self.dataset, self.resource

    @property
    def department(self) -> str:
        """The code of the department."""
        return self.dataset.partition("/")[0]


@dataclass(frozen=True)
class Column:
    """One column. `count` cells hold a value, `distinct` different ones, of which `is_key` says that none is twice.

    `kind` is `text`, `integer` or `other`; `meaning` the semantic type, `identifier` the kind of code that the
    department declares, `type` the type of Table Schema. `shortest` and `longest` are characters of a text. `words` are
    what the column is called, `around` what its table is called. `labels` are its codes with what they stand for.
    `table` is as it is browsed, `key` the columns that name its rows only together; none where one does, or none do.
    """

    place: Place
    title: Text
    table: str
    table_title: Text
    kind: str
    type: str = "string"
    key: tuple[str, ...] = ()
    meaning: str = ""
    identifier: str = ""
    count: int = 0
    missing: int = 0
    distinct: int = 0
    is_exact: bool = True
    is_key: bool = False
    shortest: int = 0
    longest: int = 0
    least: str = ""
    most: str = ""
    words: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()
    labels: Mapping[str, str] | None = None
    sketch: Sketch | None = None

    @cached_property
    def is_digits(self) -> bool:
        """Whether its values are numbers, though they may be texts."""
        return self.kind == "integer" or (self.least.isdecimal() and self.most.isdecimal())

    @property
    def digits(self) -> int:
        """How many characters its longest value has."""
        return max(len(self.least), len(self.most)) if self.kind == "integer" else self.longest

    @cached_property
    def may_look_up(self) -> bool:
        """Whether its values may be looked up in another table."""
        if self.sketch is None or self.distinct < FEWEST or self.kind == "other":
            return False
        if self.identifier:
            return True
        return self.meaning not in _NEVER and not self._only_counts()

    @property
    def may_be_looked_up(self) -> bool:
        """Whether another table may be joined on it: then each of its values names one row."""
        return self.is_key and self.may_look_up

    def _only_counts(self) -> bool:
        """Whether its values are small numbers, or numbers that count on."""
        if not self.is_digits or (self.kind == "text" and self.shortest == self.longest):
            return False
        least, most = _number(self.least), _number(self.most)
        return abs(most) < _SMALLEST_NUMBER or self.distinct > _DENSE * (most - least + 1)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0


def read_columns(release: Release) -> list[Column]:
    """The columns of a release that have a sketch or a code list, or that a key is declared on.

    What its profile does not say, or says wrongly, is left out.
    """
    told = _profiled(release)
    return [column for table in release.tables for column in _columns(release, table, told)]


def _profiled(release: Release) -> dict[tuple[str, str], Mapping[str, object]]:
    profile = read_json(release.folder / PROFILE)
    return {
        (str(table.get("resource")), str(column.get("name"))): column
        for table in mappings(profile.get("tables"))
        for column in mappings(table.get("columns"))
    }


def _columns(release: Release, table: Table, told: Mapping[tuple[str, str], Mapping[str, object]]) -> Iterator[Column]:
    resource = table.resource
    around = _words(resource.name, resource.title, release.dataset.name, release.dataset.title)
    for field in resource.schema.fields:
        place = Place(release.dataset.id, resource.name, field.name)
        described = _described(place, table, resource, field, around)
        yield _figured(described, told.get((resource.name, field.name), {}))


def _described(place: Place, table: Table, resource: Resource, field: Field, around: frozenset[str]) -> Column:
    key = resource.schema.primary_key
    return Column(
        place=place,
        title=field.title or Text(field.name, field.name),
        table=table.name,
        table_title=resource.title,
        kind=_KINDS.get(field.type, "other"),
        type=field.type,
        key=key if len(key) > 1 else (),
        identifier=field.identifier,
        words=_words(field.name, field.title),
        around=around,
        labels={code: label.within("en") for code, label in field.categories.items()} or None,
    )


def _figured(column: Column, told: Mapping[str, object]) -> Column:
    distinct, semantic, length = (mapping(told.get(name)) for name in ("distinct", "semantic", "length"))
    count, different = whole(told.get("count")), whole(distinct.get("value"))
    is_exact = distinct.get("exact") is True
    least, most = spelled(told.get("min")), spelled(told.get("max"))
    is_told = column.kind != "text" or (least.isdecimal() and most.isdecimal())  # no other text is judged by its bounds
    return replace(
        column,
        meaning=spelled(semantic.get("type")),
        count=count,
        missing=whole(told.get("missing")),
        distinct=different,
        is_exact=is_exact,
        is_key=told.get("key") is True or (is_exact and 0 < different == count),
        shortest=whole(length.get("min")),
        longest=whole(length.get("max")),
        least=least if is_told else "",
        most=most if is_told else "",
        sketch=read_sketch(told),
    )


def _words(*many: str | Text) -> frozenset[str]:
    """What something is called: English words without their plural, pairs of Chinese characters."""
    texts = [side for one in many for side in ((one.zh, one.en) if isinstance(one, Text) else (one,))]
    english = (_singular(word.lower()) for text in texts for word in _WORD.findall(text))
    pairs = (run[at : at + 2] for text in texts for run in _HAN.findall(text) for at in range(len(run) - 1))
    return frozenset((*english, *pairs)) - _EMPTY_WORDS


def _singular(word: str) -> str:
    """A word without its plural, near enough to compare two: cities and city, states and state."""
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")
