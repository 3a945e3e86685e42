"""What findings and likely causes say to people, in both languages: the catalogues, read once and only when needed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from string import Formatter
from typing import Any

from civicat.dataset import TYPES
from civicat.text import Text

FINDINGS, CAUSES = "messages.toml", "causes.toml"
_REMEMBERED = 1 << 12  # findings' words
LONGEST_QUOTE = 80  # characters of a cell that a message quotes; a whole polygon would bury the message
_LOOKED_AT = 1 << 12  # characters of a text that are looked at for what is quoted of it
_KEPT = 256  # characters of a fact that is remembered as it is; of a longer one, what is shown

UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"  # blanks without width; str.strip does not take them for blanks
_BLANK = "␣"
_SHOWN_BLANKS = dict.fromkeys(map(ord, UNSEEN), _BLANK)
_HAN = re.compile("[\u3400-\u9fff]")

# What steers a terminal, breaks a line, turns the order of what is read, or is not seen at all: C0 and C1 controls,
# line and paragraph separators, marks of writing direction, blanks without width, tags, and halves of characters.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)

# What frictionless says of a descriptor, in both languages: its own words are English, and name Python's values.
_THEIRS: tuple[tuple[str, Text], ...] = tuple(
    (pattern, Text(zh, en))
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
# What readers of files say, in both languages.
_OF_FILES: tuple[tuple[str, Text], ...] = tuple(
    (pattern, Text(zh, en))
    for pattern, zh, en in (
        (
            r"'(?P<kind>[\w-]+)' codec can't decode byte (?P<cell>0x[0-9a-f]{2}) in position (?P<key>\d+): .*",
            "第 {key} 个字节之后的 {cell} 不是 {kind} 的写法。",
            "{cell}, which follows byte {key}, is not written as {kind}.",
        ),
        (
            r".*field larger than field limit \((?P<key>\d+)\).*",
            "有一格超过 {key} 个字符，多半是引号没有配对。",
            "a cell has more than {key} characters; most often a quote was not closed.",
        ),
        (r".*line contains NUL.*", "里面有空字节，多半不是文本。", "it holds zero bytes, so it is hardly text."),
        (r".*No such file or directory.*", "没有这个文件。", "there is no such file."),
        (r".*Permission denied.*", "没有读取的权限。", "it may not be read."),
        (r"(?i:.*not a gzip(?:ped)? file.*|.*not a zip file.*)", "它不是压缩文件。", "it is no archive."),
        (
            r"Compressed file ended before .*|.*unexpected end of (?:data|file|stream).*|.*incomplete or truncated.*",
            "它不到末尾就断了。",
            "it breaks off before its end.",
        ),
        (
            r"(?i:.*crc.*|.*bad magic number.*|error -\d+ while decompressing.*)",
            "里面有的字节变了。",
            "some of its bytes were changed.",
        ),
        (
            r"Parquet file size is (?P<key>\d+) bytes.*",
            "它只有 {key} 字节，不到末尾就断了。",
            "it has only {key} bytes, and breaks off before its end.",
        ),
        (r"Parquet magic bytes not found.*", "它没有 Parquet 文件的开头和末尾。", "it lacks the marks of such a file."),
        (r"Expecting value.*", "这里缺一个值。", "a value is due."),
        (
            r"Expecting property name.*|a name in quotes is due",
            "这里缺一个加英文双引号的名称。",
            "a name in quotes is due.",
        ),
        (
            r"Illegal trailing comma.*",
            "最后一项后面多了一个逗号。",
            "a comma stands after the last item.",
        ),
        (r"Expecting (?P<key>'.') delimiter.*", "这里缺“{key}”。", "“{key}” is due."),
        (r"“(?P<key>.)” is due", "这里缺“{key}”。", "“{key}” is due."),
        (r"Unterminated string.*", "有一处文字缺少末尾的引号。", "a text has no closing quote."),
        (
            r"Invalid control character.*",
            "文字里有换行或控制字符。",
            "a text holds a line break or a control character.",
        ),
        (
            r"Invalid .*escape.*",
            "文字里有写错的反斜杠“\\”。",
            "a backslash in a text is not followed by what it may be.",
        ),
        (r"Extra data.*", "末尾之后还有内容。", "something follows its end."),
        (r'format "(?P<kind>.*?)" is not supported.*', "不支持“{kind}”格式。", "the format “{kind}” is not supported."),
    )
)
_ENGLISH_ONLY = Text("检查工具只给出英文说明，可用英文界面查看。")
_DESCRIPTOR_CODES = frozenset(
    f"{part}-error"
    for part in (
        *("metadata", "package", "resource", "dialect", "control", "schema", "field", "catalog", "dataset", "stats"),
        *("detector", "checklist", "check", "inquiry", "inquiry-task", "pipeline", "step", "report", "report-task"),
    )
)
_FILE_CODES = frozenset(f"{part}-error" for part in ("source", "scheme", "format", "encoding", "compression"))


@dataclass(frozen=True, slots=True)
class Words:
    """What one kind of finding says: what is wrong, and what to do. Templates with `{named}` facts."""

    message: Text
    remedy: Text

    def about(self, facts: Mapping[str, Text]) -> Words:
        """The words with the facts put in."""
        return Words(_fill(self.message, facts), _fill(self.remedy, facts))


@cache
def catalogue(name: str = FINDINGS) -> Mapping[str, Words]:
    """Every entry by its key: `code`, or `code.rule` where one rule of a code has words of its own."""
    entries = tomllib.loads(written(name))
    found = {}
    for code, entry in entries.items():
        found[code] = _words(entry)
        rules = {rule: below for rule, below in entry.items() if rule not in {"message", "remedy"}}
        found |= {f"{code}.{rule}": _words(below) for rule, below in rules.items()}
    return found


def written(name: str) -> str:
    """A catalogue as it is written, comments and all."""
    return files("civicat.validators").joinpath(name).read_text(encoding="utf-8")


def say_from(name: str, code: str, **facts: str | Text) -> Words:
    """The words that a catalogue has for a code, with the facts put in.

    Raises:
        KeyError: it has no such code.
    """
    return catalogue(name)[code].about(_texts(facts))


def say(code: str, rule: str = "", **facts: str | Text) -> Words:
    """The words for a code (narrowed by a rule, where the catalogue knows it) with the facts put in.

    Raises:
        KeyError: the catalogue has no such code.
    """
    asked = _asked(code, rule)  # of the facts, most words need one or two; there may be a million findings
    return _said(code, rule, tuple((name, _kept(code, name, facts[name])) for name in facts if name in asked))


def _kept(code: str, name: str, fact: str | Text) -> str | Text:
    """A fact as it is remembered: of a long one what is shown of it, for a cell may be as large as a file."""
    return fact if isinstance(fact, Text) or len(fact) <= _KEPT else _shown(code, name, fact)


def _shown(code: str, name: str, fact: str) -> Text:
    return _told(code, _text(name, fact), fact) if name == "note" else _text(name, fact)


def _words_for(code: str, rule: str) -> Words:
    known = catalogue()
    return known.get(f"{code}.{rule}") or known[code]


@lru_cache(_REMEMBERED)  # the same is often wrong in many rows
def _said(code: str, rule: str, facts: tuple[tuple[str, str | Text], ...]) -> Words:
    told = {name: fact if isinstance(fact, Text) else _shown(code, name, fact) for name, fact in facts}
    return _words_for(code, rule).about(told)


@cache
def _asked(code: str, rule: str) -> frozenset[str]:
    """The facts that the words for a code quote."""
    words = _words_for(code, rule)
    templates = (words.message.zh, words.message.en, words.remedy.zh, words.remedy.en)
    return frozenset(name for one in templates for _, name, _, _ in Formatter().parse(one) if name)


def _told(code: str, shown: Text, note: str) -> Text:
    """A note of frictionless, which is English, as both languages say it."""
    if code in _DESCRIPTOR_CODES:
        return _translated(_THEIRS, note) or Text(_ENGLISH_ONLY.zh, shown.en)
    return (_translated(_OF_FILES, note) if code in _FILE_CODES else Text()) or shown


def of_file(note: str) -> Text:
    """What a reader says of a file it cannot read, in both languages and without the stop at its end."""
    words = _translated(_OF_FILES, note)
    return Text(words.zh.removesuffix("。"), words.en.removesuffix(".")) if words else Text(*(quoted(note),) * 2)


def _translated(known: Iterable[tuple[str, Text]], note: str) -> Text:
    """The words for a note that somebody has translated; blank for any other."""
    for pattern, words in known:
        if match := re.fullmatch(pattern, note, re.DOTALL):
            facts = {name: quoted(fact.replace("'", "")) for name, fact in match.groupdict().items()}
            nearest = _nearest(facts.get("kind", ""))
            return _fill(words, {"nearest": nearest, **{name: Text(fact, fact) for name, fact in facts.items()}})
    return Text()


def _nearest(kind: str) -> Text:
    near = get_close_matches(kind, TYPES, n=1)
    if near:
        return Text(f"您是指“{near[0]}”吗？", f"Did you mean “{near[0]}”?")
    return Text(f"可用：{'、'.join(TYPES)}。", f"Known: {', '.join(TYPES)}.")


def quoted(value: object) -> str:
    """A value as a message quotes it: on one line, cut where it is long."""
    text = _beginning(str(value))
    text = plain(" ".join(text.split()) if text.strip() else text)
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"


def _beginning(text: str) -> str:
    return text if len(text) <= _LOOKED_AT else f"{text[:_LOOKED_AT]}…"


def visible(cell: str) -> str:
    """A cell as a message quotes it, with the blanks around it, and those that nobody sees, shown as ␣."""
    text = cell.strip()
    if not text:
        return quoted(cell)
    shown = _beginning(text).translate(_SHOWN_BLANKS)
    before, after = (_BLANK if cut else "" for cut in (not cell.startswith(text), not cell.endswith(text)))
    return quoted(f"{before}{shown}{after}")


def plain(text: str) -> str:
    """A text as it can be shown anywhere: each control character is a � that people see and no terminal obeys."""
    return _STEERING.sub("�", text)


def _words(entry: Mapping[str, Any]) -> Words:
    return Words(*(Text(entry[part]["zh"], entry[part]["en"]) for part in ("message", "remedy")))


def _fill(text: Text, facts: Mapping[str, Text]) -> Text:
    return Text(
        _closed(text.zh, facts).format_map({name: fact.within("zh") for name, fact in facts.items()}),
        text.en.format_map({name: fact.within("en") for name, fact in facts.items()}),
    )


def _closed(template: str, facts: Mapping[str, Text]) -> str:
    """A Chinese template without the blanks around a fact that is Chinese itself: they are there for Latin words."""
    for name, fact in facts.items():
        words = fact.within("zh")
        if _HAN.match(words[:1]):
            template = template.replace(f" {{{name}}}", f"{{{name}}}")
        if _HAN.match(words[-1:]):
            template = template.replace(f"{{{name}}} ", f"{{{name}}}")
    return template


def _texts(facts: Mapping[str, str | Text]) -> dict[str, Text]:
    return {name: fact if isinstance(fact, Text) else _text(name, fact) for name, fact in facts.items()}


def _text(name: str, fact: str) -> Text:
    words = visible(fact) if name == "cell" else quoted(fact)
    return Text(words, words)
