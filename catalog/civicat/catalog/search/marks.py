"""Marks the words that were looked for in a text: safe HTML with `<mark>`, nothing else of the text left as markup."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from civicat.catalog.search.tokens import Kind, Piece, fold, pairs, pieces, term

_SNIPPET = 160  # characters of a snippet, about two lines
_BEFORE = 40  # of them before the first mark
_WORD = 20  # as far as this a cut may move to fall between two words

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is marked: Han runs by their pairs (or a single character by itself), words by their stem, numbers."""

    han: frozenset[str]
    terms: frozenset[str]

    @classmethod
    def of(cls, asked: tuple[Piece, ...], heard: Iterable[str] = ()) -> Wanted:
        """What a query's pieces look for, and pairs that sound as they do where they are pinyin."""
        runs = (piece.text for piece in asked if piece.kind is Kind.HAN)
        return cls(
            han=frozenset((*heard, *(part for run in runs for part in pairs(run) or [run]))),
            terms=frozenset(term(piece) for piece in asked if piece.kind is not Kind.HAN),
        )

    def spans(self, text: str) -> list[Span]:
        """Where it stands in a text, in order; spans that touch are one."""
        found: list[Span] = []
        for start, end in sorted(self._found(text)):
            if found and start <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((start, end))
        return found

    def count(self, tokens: str) -> int:
        """How many of them are among the tokens of a text (each between blanks)."""
        whole = {one for one in self.han if len(one) > 1} | self.terms
        begun = self.han - whole  # a single character is the first of a pair, or stands alone
        return sum(f" {one} " in tokens for one in whole) + sum(f" {one}" in tokens for one in begun)

    def _found(self, text: str) -> Iterator[Span]:
        folded = fold(text)
        for part in self.han:
            start = folded.find(part)
            while start >= 0:
                yield start, start + len(part)
                start = folded.find(part, start + 1)
        spelled = (piece for piece in pieces(text) if piece.kind is not Kind.HAN) if self.terms else ()
        yield from ((piece.start, piece.end) for piece in spelled if term(piece) in self.terms)


def marked(text: str, wanted: Wanted) -> str:
    """The whole text as safe HTML, marked."""
    return _html(text, wanted.spans(text), 0, len(text))


def snippet(text: str, wanted: Wanted) -> str:
    """About two lines of a text around the first words found, or its beginning, marked; `…` says where it was cut."""
    spans = wanted.spans(text)
    if len(text) <= _SNIPPET + _WORD:
        return _html(text, spans, 0, len(text))
    first = spans[0][0] if spans else 0
    start = _cut(text, min(max(0, first - _BEFORE), len(text) - _SNIPPET))
    end = max(len(text[: _cut(text, min(len(text), start + _SNIPPET))].rstrip()), spans[0][1] if spans else 0)
    return ("…" if start else "") + _html(text, spans, start, end) + ("…" if end < len(text) else "")


def _cut(text: str, at: int) -> int:
    """The place itself, or just after the nearest blank before it: no word is cut through. Chinese needs no blank."""
    if at in (0, len(text)):
        return at
    blank = text.rfind(" ", max(0, at - _WORD), at)
    return at if blank < 0 else blank + 1


def _html(text: str, spans: Iterable[Span], start: int, end: int) -> str:
    parts, at = [], start
    for first, last in spans:
        if at <= first and last <= end:
            parts += [html.escape(text[at:first]), "<mark>", html.escape(text[first:last]), "</mark>"]
            at = last
    return "".join((*parts, html.escape(text[at:end])))
