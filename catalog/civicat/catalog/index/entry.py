"""What the index keeps of a release: its card, its columns, and its words as tokens, by where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from civicat.catalog.facts.coverage import coverage
from civicat.catalog.facts.distributions import FORMATS, formats
from civicat.catalog.facts.freshness import due
from civicat.catalog.facts.quality import quality
from civicat.catalog.model import Card
from civicat.catalog.search import pinyin
from civicat.catalog.search.tokens import apart, fold, normal, tokens, words
from civicat.dataset import Department, Field, Licence
from civicat.release import Release
from civicat.text import Text
from civicat.vocabulary import THEMES

_BACKWARDS = str.maketrans("0123456789", "9876543210")  # so that the newest date sorts first
_UNDATED = "~"  # after every digit
_MOST_ROWS = 10**15  # 16 figures
_PERMILLE = 1000
_FIGURES = 2  # of a code: one with no more is no code that somebody looks for
_HEAD = re.compile(r"[:：,，、;；(（]")  # what ends the beginning of a title: US states: codes, population


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how it is called, and the tokens of all that is said about it, each between blanks."""

    name: str
    title: Text
    tokens: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One dataset as the index keeps it.

    `licences` maps codes to titles. `tokens` holds, parted by blanks: `title`, `tags` (keywords, themes, names of
    department, tables and place), `cols` (names and titles of columns, labels of codes), `all` (these, the codes
    themselves and everything else that is said) and `sound` (how titles, tags and titles of columns are
    spoken). `exact` are texts that may be typed whole (`whole`, `keyword`). `order` holds what lists sort by, each
    unique. For near words: `words` are the English words as written, `pairs` two characters each with their sound,
    `syllables` all that occur. `refers` are the datasets that its keys refer to.
    """

    card: Card
    department: Department
    licences: Mapping[str, Text]
    columns: tuple[Column, ...]
    tokens: Mapping[str, str]
    exact: frozenset[str]
    order: Mapping[str, str]
    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    syllables: frozenset[str]
    refers: tuple[str, ...] = ()


def read_entry(release: Release, versions: int) -> Entry:
    """What to keep of a release; `versions` counts the dataset's releases."""
    card = _card(release, versions)
    title, tags, rest = (_lines(many) for many in (_sides(card.title), _tags(release), _rest(release)))
    fields = {(field.name, field.title): field for table in release.tables for field in table.resource.schema.fields}
    called = {key: _tokens(_called(field)) for key, field in fields.items()}
    told = {key: f"{_tokens(_lines(_sides(field.description)))} {_codes(field)}" for key, field in fields.items()}
    found = {"title": _tokens(title), "tags": _tokens(tags), "cols": " ".join(called.values())}
    sounds = tuple(pinyin.sounds(f"{title}\n{tags}"))
    columns = tuple(pinyin.sounds(_lines(dict.fromkeys(field.title.zh for field in fields.values()))))
    return Entry(
        card=card,
        department=release.department,
        licences={_code(one): one.title or Text(one.name, one.name) for one in release.dataset.licences},
        columns=tuple(Column(*key, f" {called[key]} {told[key]} ") for key in fields),
        tokens={
            **found,
            "all": " ".join((*found.values(), *told.values(), _tokens(rest))),
            "sound": " ".join(
                (
                    *(token for _, *said in sounds for token in pinyin.spoken(*said)),
                    *sorted({pinyin.spoken(*said)[0] for _, *said in columns}),  # initials of so many find too much
                )
            ),
        },
        exact=frozenset(_exact(release)),
        order=_order(card),
        words=words(_lines((title, tags, rest, *(side for field in fields.values() for side in _said(field))))),
        pairs=frozenset((pair, first + second) for pair, first, second in (*sounds, *columns)),
        syllables=frozenset(syllable for _, *said in (*sounds, *columns) for syllable in said),
        refers=_refers(release),
    )


def _refers(release: Release) -> tuple[str, ...]:
    keys = (key for table in release.tables for key in table.resource.schema.foreign_keys)
    return tuple(sorted({key.dataset for key in keys if key.dataset}))


def _card(release: Release, versions: int) -> Card:
    dataset, points, covered = release.dataset, quality(release), coverage(release)
    return Card(
        id=dataset.id,
        department=dataset.department,
        department_title=release.department.title,
        name=dataset.name,
        title=dataset.title,
        description=dataset.description,
        themes=dataset.themes,
        frequency=dataset.frequency,
        licence=next(map(_code, dataset.licences), ""),
        version=str(release.version),
        versions=versions,
        released=release.released,
        rows=release.rows,
        tables=tuple(table.name for table in release.tables),
        formats=formats(release),
        opening=dataset.opening,
        due=due(dataset.frequency, release.released),
        held=points.held,
        points=len(points.points),
        box=covered.box,
        begins=covered.begins,
        ends=covered.ends,
    )


def _exact(release: Release) -> Iterator[str]:
    """Titles and how they begin, names of tables, and columns whose names are no words of a language (dep_delay)."""
    dataset = release.dataset
    tables = (side for table in release.tables for side in _sides(table.resource.title))
    for title in (*_sides(dataset.title), dataset.name, *tables):
        yield from map(normal, (title, _HEAD.split(title, maxsplit=1)[0]))
    fields = (field.name for table in release.tables for field in table.resource.schema.fields)
    yield from (fold(name) for name in fields if "_" in name)
    yield from map(keyword, dataset.keywords)


def keyword(text: str) -> str:
    """A keyword among the texts that may be typed whole: it tells less than a title that is so called."""
    return f"#{normal(text)}"


def _order(card: Card) -> dict[str, str]:
    newest = card.released.translate(_BACKWARDS) or _UNDATED
    keys = {
        "released": newest,
        "title_zh": pinyin.sort_key(card.title.within("zh")),
        "title_en": pinyin.sort_key(card.title.within("en")),
        "held": f"{_PERMILLE - _PERMILLE * card.held // (card.points or 1):04}{newest}",
        "rows": f"{_MOST_ROWS - min(card.rows, _MOST_ROWS):016}",
    }
    return {name: f"{key}\0{card.id}" for name, key in keys.items()}  # two of the same title or time go by their id


def _tags(release: Release) -> Iterator[str]:
    dataset = release.dataset
    yield from dataset.keywords
    yield from (side for theme in dataset.themes for side in _sides(THEMES.get(theme, Text())))
    yield from (*_sides(release.department.title), dataset.department, dataset.name)
    yield from (table.name for table in release.tables)
    yield from _sides(dataset.place.title) if dataset.place else ()


def _rest(release: Release) -> Iterator[str]:
    dataset = release.dataset
    yield from _sides(dataset.description)
    yield from (
        side for told in (dataset.caveats, dataset.uses, dataset.biases) for one in told for side in _sides(one)
    )
    yield from (source.title for source in dataset.sources)
    for name in formats(release):
        yield from (name, *_sides(FORMATS[name]))
    for resource in (table.resource for table in release.tables):
        yield from (*_sides(resource.title), *_sides(resource.description))


def _called(field: Field) -> str:
    """A column's names and the labels of its codes."""
    labels = (side for label in field.categories.values() for side in _sides(label))
    return _lines((apart(field.name), *_sides(field.title), *labels))


def _codes(field: Field) -> str:
    """The tokens of a column's codes: words, and codes of two signs or more. Of figures alone three: 36 is anything."""
    listed = field.constraints.get("enum")
    codes = (*field.categories, *(map(str, listed) if isinstance(listed, list | tuple) else ()))
    return " ".join(dict.fromkeys(token for code in codes for token in tokens(code) if _is_code(token)))


def _is_code(token: str) -> bool:
    return len(token) > (_FIGURES if token.isdecimal() else 1)


def _said(field: Field) -> tuple[str, ...]:
    return _called(field), *_sides(field.description)


def _code(licence: Licence) -> str:
    return licence.name or licence.title.within("en")


def _sides(text: Text) -> tuple[str, str]:
    return text.zh, text.en


def _lines(texts: Iterable[str]) -> str:
    """Texts that stay apart: no pair of characters runs from one into the next."""
    return "\n".join(texts)


def _tokens(text: str) -> str:
    return " ".join(tokens(text))
