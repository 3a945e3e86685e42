"""docs/findings.md: every finding and every likely cause, in both languages, each with the file that raises it.

Made by `python -m civicat.validators.findings_page`, never by hand; order and headings are those of the catalogues.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from civicat.finding import Cause, Finding
from civicat.text import Text
from civicat.validators.examples import CAUSE_EXAMPLES, Example, caused, examples, key_of, raised
from civicat.validators.messages import CAUSES, FINDINGS, catalogue, plain, written

PAGE = Path("docs/findings.md")
_HEADING = re.compile(r"# -{10,} (?P<title>.+)")
_ENTRY = re.compile(r"\[(?P<code>[^\]]+)\]")
_FACT = re.compile(r"(?<!\{)\{\w+\}(?!\})")
_LONGEST = 400  # characters of an example's file that are shown
_HEAD = """# Findings · 检查发现

Made from the catalogues and the examples in `validators/civicat/validators/` by
`python -m civicat.validators.findings_page`; a test fails when it is stale. Each example is a real file: the words
below it are those that the check says of it. Where there is none, … stands for what differs from case to case.

本页由上述目录和示例生成，请勿手改。每个示例都是真实的文件，下面的话就是检查给出的原话；没有示例的，用“…”代替因情况而异的部分。

A finding bears the code of [frictionless](https://framework.frictionlessdata.io)' error where it is one of its errors,
and a code of our own otherwise. A report links here: `findings.md#code`.

发现沿用 frictionless 的错误代码；它没有的，由我们自定。报告以 `findings.md#代码` 链接到这里。
"""
_CAUSES_HEAD = """# Likely causes · 可能的原因

Where many findings have one cause and the evidence is clear, the report says it above them, once.

许多发现出于同一个原因、而且证据明确时，报告在最上面说一次。
"""


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading of a catalogue, in both languages, and the keys of the entries below it."""

    title: str
    keys: tuple[str, ...]


def anchor(finding: Finding) -> str:
    """What a report links to on the page: the entry that the finding's words are from."""
    return key_of(finding)


def findings_page() -> str:
    """The page, in Markdown.

    Raises:
        CivicatError: an example could not be checked.
    """
    findings, causes = list(_sections(FINDINGS)), list(_sections(CAUSES))
    lines = [_HEAD, *_contents(findings), ""]
    for section in findings:
        lines += [f"## {section.title}", "", *(line for key in section.keys for line in _finding(key))]
    lines += [_CAUSES_HEAD, *_contents(causes), ""]
    for section in causes:
        lines += [f"## {section.title}", "", *(line for key in section.keys for line in _cause(key))]
    return "\n".join(lines).rstrip() + "\n"


def _sections(name: str) -> Iterator[_Section]:
    title, keys = "", list[str]()
    for line in written(name).splitlines():
        if heading := _HEADING.fullmatch(line):
            yield from _section(title, keys)
            title, keys = heading["title"].replace(" / ", " · "), []
        elif entry := _ENTRY.fullmatch(line):
            keys.append(entry["code"].replace('"', ""))
    yield from _section(title, keys)


def _section(title: str, keys: list[str]) -> Iterator[_Section]:
    if keys:
        yield _Section(title[:1].upper() + title[1:], tuple(keys))


def _contents(sections: list[_Section]) -> Iterator[str]:
    for section in sections:
        codes = dict.fromkeys(key.partition(".")[0] for key in section.keys)
        yield f"- **{section.title}**: " + ", ".join(f"[`{code}`](#{code})" for code in codes)


def _finding(key: str) -> Iterator[str]:
    """One entry: its heading, a table of what it says, the file that raises it."""
    code, _, rule = key.partition(".")
    yield f'#### <a id="{key}"></a>`{code}` · `{rule}`' if rule else f'### `{code}`\n\n<a id="{code}"></a>'
    yield ""
    example = examples().get(key)
    found = _found(example) if example else None
    words = catalogue()[key]
    yield from _table(found.message if found else _open(words.message), found.remedy if found else _open(words.remedy))
    if example and found:
        yield from _shown(example)


def _found(example: Example) -> Finding | None:
    with TemporaryDirectory(prefix="civicat-") as home:
        return raised(example, Path(home))


def _cause(key: str) -> Iterator[str]:
    words, example = catalogue(CAUSES)[key], examples(CAUSE_EXAMPLES).get(key)
    found = _seen(example) if example else None
    yield f'### `{key}`\n\n<a id="{key}"></a>'
    yield ""
    yield from _table(found.message if found else _open(words.message), found.remedy if found else _open(words.remedy))
    if example and found:
        yield from _shown(example)


def _seen(example: Example) -> Cause | None:
    with TemporaryDirectory(prefix="civicat-") as home:
        return caused(example, Path(home))


def _open(template: Text) -> Text:
    """A template with … where a fact is put in."""
    sides = (_FACT.sub("…", side).replace("{{", "{").replace("}}", "}") for side in (template.zh, template.en))
    return Text(*sides)


def _table(message: Text, remedy: Text) -> Iterator[str]:
    yield "| | 中文 | English |"
    yield "|---|---|---|"
    yield f"| 说明 · what it says | {_cell(message.zh)} | {_cell(message.en)} |"
    yield f"| 怎么办 · what to do | {_cell(remedy.zh)} | {_cell(remedy.en)} |"
    yield ""


def _cell(text: str) -> str:
    """A text inside a table of Markdown."""
    safe = plain(text).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([|*_`\[\]\\])", r"\\\1", safe)


def _shown(example: Example) -> Iterator[str]:
    """What is handed in: what the descriptor says, and the file."""
    rules = "; ".join(_column(one) for one in example.columns)
    rules += f"; saved as {example.encoding}" if example.encoding != "utf-8" else ""
    said = {**example.resource, **example.dataset, **({"civicat": dict(example.civicat)} if example.civicat else {})}
    if example.alone:
        yield "示例 · Example, a file by itself:"
    elif rules:
        yield f"示例 · Example, columns {rules}" + (f"; {_brief(said)}" if said else "") + ":"
    else:
        yield f"示例 · Example, {_brief(said)}:"
    text = "\n".join(plain(line) for line in example.file.rstrip("\n").split("\n")) or "（空文件 · an empty file）"
    yield from ("", f"```text\n{text[:_LONGEST]}\n```", "")


def _column(column: Mapping[str, Any]) -> str:
    rules = {
        **column.get("constraints", {}),
        **{name: column[name] for name in ("format", "itemType") if name in column},
    }
    rules |= {"title": column["title"]} if "title" in column else {}
    rules |= {name: value for name, value in column.get("civicat", {}).items() if value}
    inside = f" {_brief(rules)}" if rules else ""
    return f"`{column['name']}` {column.get('type', 'string')}{inside}"


def _brief(values: Mapping[str, Any]) -> str:
    """What a descriptor says, on one line."""
    return ", ".join(f"`{name}: {_json(value)}`" for name, value in values.items())


def _json(value: object) -> str:
    match value:
        case Mapping():
            return "{" + ", ".join(f"{name}: {_json(one)}" for name, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_json, value)) + "]"
        case bool():
            return str(value).lower()
        case _:
            return str(value) or "''"


if __name__ == "__main__":
    (Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE).write_text(findings_page(), "utf-8")
