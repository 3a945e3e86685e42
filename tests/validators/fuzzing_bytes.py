"""Random files near delimited text: stray quotes, every kind of line break, bytes that are no text."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

_Makers: TypeAlias = Mapping[str, Callable[[], Any]]

_PIECES = (
    *(b",", b",", b",", b";", b"\t", b"|", b'"', b'"', b'""', b"'", b"\n", b"\n", b"\r\n", b"\r", b"\n\n", b" "),
    *(b"a", b"1", b"-2", b"3.5", b"2021-01-05", b"NA", b"\\", b"#", b"\x00", b"\x1a", b"\x0b", b"\x85", b"\xc2\x85"),
    *(
        "中".encode(),
        "é".encode(),
        "\u2028".encode(),
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xc3",
        b"\xe4\xb8",
        b"true",
        b"x" * 50,
    ),
    *(b'"a,b"', b'"a\nb"', b'"a\r\nb"', b'"a""b"', b'"a"b', b'a"b"', b'"",""', b",,", b" ,", b'"\r"', b"\xa0"),
)
_CLEAN = tuple(one for one in _PIECES if one.isascii() and b"\x00" not in one)
_ENDS = (b"\n", b"\n", b"\r\n", b"\r")
_ROWS = (0, 1, 2, 3, 5, 8, 20, 97, 98, 99, 100, 101, 102, 103, 150, 199, 200, 201, 300)  # about the borders of samples
_LABELS = (
    b"a,b,c",
    b"a;b;c",
    b"a\tb\tc",
    b'"a","b","c"',
    b"a,b",
    b"a,b,c,d",
    b"a, b, c",
    b"",
    b"a,,c",
    b"a,a,c",
    b"A,b,c",
)
_CELLS = (b"1", b"2", b"", b"x", b'"q"', b'"q,r"', b'"q\nr"', b"NA", b"3.5", b" ", "区".encode(), b"2021-01-05")
_ENCODINGS = ("utf-8", "utf-8", "utf-8", "gb18030", "utf-16", "latin-1", "cp1252", "big5", "utf-8-sig", "utf-16-le")


def file_near(chance: random.Random) -> bytes:
    """A table of some rows, damaged in none or a few places; now and then nothing but pieces."""
    if chance.random() < 0.15:
        return b"".join(chance.choice(_PIECES) for _ in range(chance.randint(0, 60)))
    separator, end = chance.choice((b",", b",", b",", b";", b"\t", b"|")), chance.choice(_ENDS)
    rows = [chance.choice(_LABELS).replace(b",", separator)] if chance.random() < 0.95 else []
    if chance.random() < 0.1:
        rows[:0] = [b"title" for _ in range(chance.randint(1, 3))]
    cells = chance.sample(_CELLS, chance.randint(1, len(_CELLS)))
    for _ in range(chance.choice(_ROWS)):
        width = 3 if chance.random() < 0.97 else chance.randint(0, 6)
        rows.append(separator.join(chance.choice(cells) for _ in range(width)))
    return _damaged(end.join(rows) + (end if chance.random() < 0.8 else b""), chance)


def _damaged(content: bytes, chance: random.Random) -> bytes:
    pieces = chance.choice((_PIECES, _CLEAN, _CLEAN))
    for _ in range(chance.choice((0, 0, 1, 1, 2, 4, 8))):
        place = chance.randint(0, len(content))
        if chance.random() < 0.1:
            place = 0
        cut = chance.choice((0, 0, 0, 1, 2))
        content = content[:place] + chance.choice(pieces) + content[place + cut :]
    return content


def table_near(chance: random.Random) -> dict[str, Any]:
    """A resource that reads such a file; the encoding always declared, the dialect not always."""
    kinds = chance.choice((("any", "any", "any"), ("string", "string", "string"), ("integer", "string", "number")))
    fields = [
        {"name": name, "type": kind, "constraints": chance.choice(({}, {}, {"required": True}, {"unique": True}))}
        for name, kind in zip("abc", kinds, strict=True)
    ]
    schema: dict[str, Any] = {"fields": fields}
    if chance.random() < 0.2:
        schema["primaryKey"] = chance.choice((["a"], ["a", "b"]))
    table = {"name": "table", "type": "table", "path": "table.csv", "schema": schema}
    table["encoding"] = "utf-8" if chance.random() < 0.7 else chance.choice(_ENCODINGS)
    if chance.random() < 0.1:
        table["path"] = "table.tsv"
    if chance.random() < 0.6:
        table["dialect"] = dialect_near(chance)
    return table


def dialect_near(chance: random.Random) -> dict[str, Any]:
    """How the cells are cut: some of what can be said, in the older or the newer way."""
    cut: _Makers = {
        "delimiter": lambda: chance.choice((",", ",", ";", "\t", "|", "a")),
        "quoteChar": lambda: chance.choice(('"', '"', "'", "")),
        "doubleQuote": lambda: chance.random() < 0.5,
        "escapeChar": lambda: chance.choice(("\\", "\\", '"')),
        "skipInitialSpace": lambda: chance.random() < 0.5,
        "lineTerminator": lambda: chance.choice(("\r\n", "\n", ";")),
    }
    around: _Makers = {
        "header": lambda: chance.random() < 0.5,
        "headerRows": lambda: chance.choice(([1], [1], [2], [1, 2], [1, 3], [3], [])),
        "headerJoin": lambda: chance.choice((" ", "-", "")),
        "headerCase": lambda: chance.random() < 0.3,
        "commentChar": lambda: chance.choice(("#", "1", "title", "")),
        "commentRows": lambda: chance.choice(([1], [2], [3, 5], [100], [150])),
        "skipBlankRows": lambda: chance.random() < 0.8,
    }
    said: dict[str, Any] = {name: make() for name, make in cut.items() if chance.random() < 0.2}
    if chance.random() < 0.5:
        said = {"csv": said} if said else {}
    return {**said, **{name: make() for name, make in around.items() if chance.random() < 0.15}}
