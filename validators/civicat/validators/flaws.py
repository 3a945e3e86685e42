"""What is wrong with the text of a file as a whole: bytes that cannot be read, zero bytes, a quote without an end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from civicat.text import Text
from civicat.validators.delimited import record_at, unclosed_quote
from civicat.validators.dialects import csv_dialect
from civicat.validators.encodings import chunks, zeros
from civicat.validators.engine.pieces import RECORD_LIMIT
from civicat.validators.formats import DELIMITED
from civicat.validators.inference import Rows
from civicat.validators.sketches import Sketch


def flaws(drawn: Sketch, rows: Rows) -> Iterator[Text]:
    """What a steward must mend before the file can pass, each as a TODO. Only of delimited text."""
    if drawn.resource["format"] in DELIMITED:
        yield from _damaged(drawn)
        yield from _zeros(drawn)
        yield from _unclosed(drawn, rows)


def _damaged(drawn: Sketch) -> Iterator[Text]:
    bad, encoding = drawn.damage, str(drawn.resource["encoding"])
    if bad is None:
        return
    row, _ = record_at(drawn.path, encoding, bad.offset, str(drawn.resource["dialect"]["delimiter"]))
    where = Text(
        f"第 {row:,} 行" if row else f"文本第 {bad.line:,} 行", f"row {row:,}" if row else f"line {bad.line:,}"
    )
    shown = f"0x{bad.bad[:1].hex().upper()}"
    yield Text(
        f"TODO：{where.zh}有 {encoding} 读不出的字节（{shown}，文件的第 {bad.offset:,} 字节，从 0 数起）；"
        "以下各列只据此前的行。请把文件另存为一种编码，再描述一次。",
        f"TODO: {where.en} holds a byte that makes no sense in {encoding} ({shown}, byte {bad.offset:,} of the file, "
        "counted from 0); the columns below are those of the rows before it. "
        "Save the file in one encoding and describe it again.",
    )


def _zeros(drawn: Sketch) -> Iterator[Text]:
    if str(drawn.resource["encoding"]).startswith(("utf-16", "utf-32")):
        return
    if (found := zeros(drawn.path)) is not None:
        yield Text(
            f"TODO：文件含 {found.count:,} 个零字节（0x00），第一个是第 {found.first:,} 字节（从 0 数起）。"
            "请重新导出，或把它们删去。",
            f"TODO: the file holds zero bytes (0x00), {found.count:,} of them; the first is byte {found.first:,} "
            "(counted from 0). Export it again, or delete them.",
        )


def _unclosed(drawn: Sketch, rows: Rows) -> Iterator[Text]:
    if not _may_be_open(drawn, rows):
        return
    dialect = csv_dialect(drawn.resource["dialect"])
    if line := unclosed_quote(drawn.path, str(drawn.resource["encoding"]), dialect):
        row = rows.tail[-1][0] if rows.tail else 0
        zh, en = (
            (f"第 {row:,} 行（文本第 {line:,} 行）", f"row {row:,} (line {line:,} of the file)")
            if row
            else (f"文本第 {line:,} 行", f"line {line:,} of the file")
        )
        yield Text(
            f"TODO：{zh}有引号打开后没有关上，以后直到文件末尾都成了一个单元格。请补上引号，再描述一次。",
            f"TODO: a quote opens in {en} and is never closed: all that follows, to the end of the file, was taken "
            "for one cell. Close it and describe the file again.",
        )


def _may_be_open(drawn: Sketch, rows: Rows) -> bool:
    """Whether it is worth another pass: the last row holds a line break, or the quotes are no pairs.

    Not where a line is so long that the reading ended there: the pass would hold it in memory.
    """
    quotes, longest = _quotes(drawn.path, str(drawn.resource["dialect"]["quoteChar"]).encode())
    if longest >= RECORD_LIMIT:
        return False
    if rows.tail and any(isinstance(cell, str) and not {"\n", "\r"}.isdisjoint(cell) for cell in rows.tail[-1][1]):
        return True
    return quotes % 2 == 1


def _quotes(path: Path, quote: bytes) -> tuple[int, int]:
    """How many quotes a file holds, and about how many bytes its longest line has, where that is a very long one."""
    count = held = longest = 0
    for chunk in chunks(path):
        count += chunk.count(quote)
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        held = held + len(chunk) if end < 0 else len(chunk) - end
        longest = max(longest, held)
    return count, longest
