"""What each finding says to people, in both languages: the catalogue messages.toml, read once and only when needed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from civicat.text import Text

LONGEST_QUOTE = 80  # characters of a cell that a message quotes; a whole polygon would bury the message


@dataclass(frozen=True, slots=True)
class Words:
    """What one kind of finding says: what is wrong, and what to do. Templates with `{named}` facts."""

    message: Text
    remedy: Text

    def about(self, facts: Mapping[str, Text]) -> Words:
        """The words with the facts put in."""
        return Words(_fill(self.message, facts), _fill(self.remedy, facts))


@cache
def catalogue() -> Mapping[str, Words]:
    """Every entry by its key: `code`, or `code.rule` where one rule of a code has words of its own."""
    entries = tomllib.loads(files("civicat.validators").joinpath("messages.toml").read_text(encoding="utf-8"))
    found = {}
    for code, entry in entries.items():
        found[code] = _words(entry)
        rules = {rule: below for rule, below in entry.items() if rule not in {"message", "remedy"}}
        found |= {f"{code}.{rule}": _words(below) for rule, below in rules.items()}
    return found


def say(code: str, rule: str = "", **facts: str | Text) -> Words:
    """The words for a code (narrowed by a rule, where the catalogue knows it) with the facts put in.

    Raises:
        KeyError: the catalogue has no such code.
    """
    known = catalogue()
    words = known.get(f"{code}.{rule}") or known[code]
    return words.about({name: _text(fact) for name, fact in facts.items()})


def quoted(value: object) -> str:
    """A value as a message quotes it: on one line, cut where it is long."""
    text = " ".join(str(value).split()) if str(value).strip() else str(value)
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"


def _words(entry: Mapping[str, Any]) -> Words:
    return Words(*(Text(entry[part]["zh"], entry[part]["en"]) for part in ("message", "remedy")))


def _fill(text: Text, facts: Mapping[str, Text]) -> Text:
    return Text(
        text.zh.format_map({name: fact.within("zh") for name, fact in facts.items()}),
        text.en.format_map({name: fact.within("en") for name, fact in facts.items()}),
    )


def _text(fact: str | Text) -> Text:
    return fact if isinstance(fact, Text) else Text(quoted(fact), quoted(fact))
