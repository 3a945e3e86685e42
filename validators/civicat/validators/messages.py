"""What each finding says to people, in both languages: the catalogue messages.toml, read once and only when needed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from civicat.dataset import TYPES
from civicat.text import Text

LONGEST_QUOTE = 80  # characters of a cell that a message quotes; a whole polygon would bury the message

# What steers a terminal or turns the order of what is read: C0 and C1 controls, and the marks of writing direction.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# What frictionless says of a descriptor, in both languages: its own words are English, and name Python's values.
_THEIRS: tuple[tuple[re.Pattern[str], Text], ...] = tuple(
    (re.compile(pattern, re.DOTALL), Text(zh, en))
    for pattern, zh, en in (
        (
            r'primary key "\[(?P<key>.*)\]" does not match the fields "\[(?P<known>.*)\]"',
            "primaryKey 写了 {key}，而表里只有 {known}。",
            "primaryKey names {key}, and the table has only {known}.",
        ),
        (
            r"foreign key \"\{'fields': \[(?P<key>[^\]]*)\].*does not match the fields \"\[(?P<known>.*)\]\"",
            "foreignKeys 写了 {key}，而表里只有 {known}。",
            "foreignKeys names {key}, and the table has only {known}.",
        ),
        (
            r'field type "(?P<kind>.*)" is not supported',
            "没有“{kind}”这种类型。{nearest}",
            "there is no type “{kind}”. {nearest}",
        ),
        (
            r'property "(?P<key>[^"]*)" is not valid "(?P<kind>[^"]*)"',
            "{key} 的值不是 {kind} 的写法。",
            "{key} is not written as {kind}.",
        ),
        (
            r'example value "(?P<cell>.*)" for field "(?P<field>.*)" is not valid',
            "“{field}”一列的示例“{cell}”不是这一列的类型。",
            "the example “{cell}” of column {field} is not of the column's type.",
        ),
        (
            r'constraint "(?P<key>\w+)" is not supported by type "(?P<kind>\w+)"',
            "{kind} 类型不能用 {key} 规则。",
            "a column of type {kind} cannot have the rule {key}.",
        ),
        (r"names of the fields are not unique", "有两列同名。", "two columns have the same name."),
        (
            r"'?(?P<cell>.*?)'? is not of type '(?P<kind>\w+)' at property '(?P<key>[^']*)'",
            "{key} 应为 {kind} 类型，实为“{cell}”。",
            "{key} must be of type {kind}, and it is “{cell}”.",
        ),
        (
            r"'(?P<key>\w+)' is a required property.*",
            "缺少 {key}。",
            "{key} is missing.",
        ),
        (r'license requires "path" or "name".*', "licenses 须写 name 或 path。", "a licence needs a name or a path."),
    )
)
_ENGLISH_ONLY = Text("检查工具只给出英文说明，可用英文界面查看。")
_DESCRIPTOR_CODES = frozenset(
    f"{part}-error" for part in ("metadata", "package", "resource", "dialect", "control", "schema", "field")
)


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
    told = {name: _text(fact) for name, fact in facts.items()}
    if code in _DESCRIPTOR_CODES and "note" in told:
        told["note"] = _theirs(told["note"].en, str(facts["note"]))
    return words.about(told)


def _theirs(shown: str, note: str) -> Text:
    """A note of frictionless on a descriptor, in both languages; its English where nobody has translated it."""
    for pattern, words in _THEIRS:
        if match := pattern.fullmatch(note):
            facts = {name: quoted(fact.replace("'", "")) for name, fact in match.groupdict().items()}
            nearest = _nearest(facts.get("kind", ""))
            return _fill(words, {"nearest": nearest, **{name: Text(fact, fact) for name, fact in facts.items()}})
    return Text(_ENGLISH_ONLY.zh, shown)


def _nearest(kind: str) -> Text:
    near = get_close_matches(kind, TYPES, n=1)
    if near:
        return Text(f"您是指“{near[0]}”吗？", f"Did you mean “{near[0]}”?")
    return Text(f"可用：{'、'.join(TYPES)}。", f"Known: {', '.join(TYPES)}.")


def quoted(value: object) -> str:
    """A value as a message quotes it: on one line, cut where it is long."""
    text = " ".join(str(value).split()) if str(value).strip() else str(value)
    text = plain(text)
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"


def plain(text: str) -> str:
    """A text as it can be shown anywhere: each control character is a � that people see and no terminal obeys."""
    return _STEERING.sub("�", text)


def _words(entry: Mapping[str, Any]) -> Words:
    return Words(*(Text(entry[part]["zh"], entry[part]["en"]) for part in ("message", "remedy")))


def _fill(text: Text, facts: Mapping[str, Text]) -> Text:
    return Text(
        text.zh.format_map({name: fact.within("zh") for name, fact in facts.items()}),
        text.en.format_map({name: fact.within("en") for name, fact in facts.items()}),
    )


def _text(fact: str | Text) -> Text:
    return fact if isinstance(fact, Text) else Text(quoted(fact), quoted(fact))
