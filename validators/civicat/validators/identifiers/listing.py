"""The registry as a page of the documents, in both languages: docs/identifiers.md is made by this and never by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier

_HEAD = """# Identifiers · 标识符

Made from `validators/civicat/validators/identifiers/` by `listing.py`; a test fails when it is stale.

A column asks for one by its name, and each of its values is then checked; an empty cell passes.

一列写上标识符的名称，它的每个值都会受检；空格不查。

```yaml
fields:
  - name: credit_code
    type: string
    civicat: {identifier: uscc}
```

A value that is not good is an error, `identifier-error`. A column that asks for one marked **personal** brings the
warning `personal-data`: it names persons, or may do so, and publishing it is for people to decide. Every kind has one
written form: no space stands around a value, no character is full-width.

不合格的值是错误 `identifier-error`。标有**个人信息**的列会得到提醒 `personal-data`：它指向或可能指向个人，
能否公开须由人决定。每种标识符只有一种写法，前后不留空格，不用全角字符。
"""


def listing(identifiers: Iterable[Identifier]) -> str:
    """The page, in Markdown."""
    known = list(identifiers)
    rows = [f"| [`{one.name}`](#{one.name}) | {one.title.zh} | {one.title.en} | {one.standard} |" for one in known]
    table = ["| name | 名称 | what | standard |", "|---|---|---|---|", *rows]
    return "\n".join([_HEAD, *table, "", *(line for one in known for line in _section(one))])


def _section(one: Identifier) -> list[str]:
    personal = Text("**个人信息。**", "**Personal.** ") if one.personal else Text("", "")
    return [
        f"## {one.name}",
        f"{one.title.zh} · {one.title.en} · {one.standard}",
        "",
        f"{personal.zh}{one.description.zh}",
        "",
        f"{personal.en}{one.description.en}",
        "",
        "| value | | why |",
        "|---|---|---|",
        *(f"| `{value}` | ✓ | |" for value in one.valid),
        *(f"| `{value}` | ✗ | {why.zh} · {why.en} |" for value, why in one.invalid),
        "",
    ]


def _write() -> None:
    from civicat.validators.identifiers import REGISTRY  # noqa: PLC0415 (its modules import none of this)

    page = Path(__file__).resolve().parents[4] / "docs" / "identifiers.md"
    page.write_text(listing(REGISTRY.values()), "utf-8")


if __name__ == "__main__":
    _write()
