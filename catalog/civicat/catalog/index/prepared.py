"""One dataset as the index writes it: plain values, made wherever its release was read and sent on from there."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from civicat.catalog.index.entry import Column, Entry
from civicat.catalog.model import Card
from civicat.catalog.search import fields
from civicat.dataset import Department
from civicat.text import Text

Term = tuple[str, str, str]  # its kind (word, pair, syllable), itself, and how a pair sounds
WORD, PAIR, SYLLABLE = "word", "pair", "syllable"
_LEVEL = 6  # of zlib


@dataclass(frozen=True, slots=True)
class Prepared:
    """One dataset. `card`, `description`, `columns` are rows of the tables in rows.py; `document` is tantivy's.

    `said` is what its release says of its department, `licences` are code, title in Chinese and in English each,
    `terms` what near words are chosen from, `refers` the datasets that its keys refer to.
    """

    id: str
    department: str
    released: str
    themes: tuple[str, ...]
    card: tuple[object, ...]
    description: tuple[str, str]
    columns: bytes
    said: str
    licences: tuple[tuple[str, str, str], ...]
    terms: tuple[Term, ...]
    document: Mapping[str, list[object]]
    refers: tuple[str, ...] = ()


def prepare(entry: Entry) -> Prepared:
    """What is written of a dataset."""
    card = entry.card
    return Prepared(
        id=card.id,
        department=card.department,
        released=card.released,
        themes=tuple(sorted(set(card.themes))),
        card=_card(card),
        description=(card.description.zh, card.description.en),
        columns=_pack([[one.name, one.title.zh, one.title.en, one.tokens] for one in entry.columns]),
        said=_list(_department(entry.department)),
        licences=tuple((code, title.zh, title.en) for code, title in entry.licences.items()),
        terms=(
            *((WORD, word, "") for word in sorted(entry.words)),
            *((PAIR, pair, sound) for pair, sound in sorted(entry.pairs)),
            *((SYLLABLE, syllable, "") for syllable in sorted(entry.syllables)),
        ),
        document=fields.document(entry),
        refers=entry.refers,
    )


def columns_in(packed: bytes) -> list[Column]:
    """The columns of a dataset, from what `prepare` made of them."""
    return [Column(name, Text(zh, en), tokens) for name, zh, en, tokens in json.loads(zlib.decompress(packed))]


def _card(card: Card) -> tuple[object, ...]:
    return (
        *(card.id, card.department, card.name, card.title.zh, card.title.en, _list(card.themes), card.frequency),
        *(card.licence, card.version, card.versions, card.released, card.rows, _list(card.tables)),
        *(_list(card.formats), card.opening, card.due, card.held, card.points),
        *(_list(card.box) if card.box else "", card.begins, card.ends),
    )


def _department(one: Department) -> list[object]:
    contact = one.contact
    return [
        *(one.title.zh, one.title.en, one.description.zh, one.description.en, one.url),
        *(contact.title.zh, contact.title.en, contact.url, contact.email, contact.phone),
        _list([gap.zh, gap.en] for gap in one.gaps),
    ]


def _pack(value: object) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), _LEVEL)


def _list(many: Iterable[object]) -> str:
    return json.dumps(list(many), ensure_ascii=False)
