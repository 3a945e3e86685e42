"""Which encoding a text file has, verified over the whole file, never over a sample of it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from civicat.errors import DescriptorError, SourceError
from civicat.text import Text

CHUNK = 1 << 20  # bytes read at a time
_SAMPLE = 1 << 18  # bytes with characters beyond ASCII that a guess looks at
_MARKS = (  # the longer mark first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KINDS = (
    (b"PK\x03\x04", Text("Excel 工作簿或压缩文件", "an Excel workbook or a zip archive")),
    (b"\xd0\xcf\x11\xe0", Text("旧版 Excel 或 Word 文件", "an old Excel or Word file")),
    (b"%PDF", Text("PDF 文件", "a PDF file")),
    (b"\x1f\x8b", Text("gzip 压缩文件", "a gzip archive")),
    (b"\x89PNG", Text("图片", "a picture")),
    (b"\xff\xd8\xff", Text("图片", "a picture")),
    (b"PAR1", Text("Parquet 文件", "a Parquet file")),
)
_BEYOND_ASCII = re.compile(rb"[^\n]{0,200}[\x80-\xff][^\n]{0,200}")
# In Chinese text nearly every character of two bytes lies in GB 2312 (both bytes from A1 on, the first up to F7), and
# most of them in its first level of everyday characters (B0 to D7). In text of one byte for each letter, high bytes
# stand alone between ASCII letters, so such pairs are few; in Cyrillic pairs are many, and most lie beyond D7.
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_GB2312 = re.compile(rb"[\xa1-\xa9\xb0-\xf7][\xa1-\xfe]")
# Big5 puts its everyday characters at A4 to C6 and its signs at A1 to A3; half of its second bytes are ASCII, which
# GB 2312 never has. TODO: a text of two or three characters can be both, and is taken for GB 18030 without a word.
_BIG5 = re.compile(rb"[\xa1-\xc6][\x40-\x7e\xa1-\xfe]")
_TRADITIONAL = 0.9  # share of the pairs that must be such characters
_VARIED = 3  # different pairs that signs such as °C do not make by chance
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")  # characters that no text holds
_RUN = re.compile(rb"[\x80-\xff]+")
_ALONE = 0.7  # runs for each byte beyond ASCII, from which they are said to stand alone
_CHINESE = 0.8  # share of the pairs that must lie in GB 2312
_LAST_EVERYDAY = 0xD7
_EVERYDAY = 0.5  # share of those that must lie in its first level, or be signs
_MOSTLY = 0.9  # share of the bytes beyond ASCII that must be UTF-8 for a damaged UTF-8 file to be called one


@dataclass(frozen=True, slots=True)
class Damage:
    """The first bytes that an encoding cannot read: their line (from 1) and the codec's own words."""

    line: int
    note: str


def detect(path: Path) -> str:
    """The encoding of a text file, as Python names it. A file that is nearly UTF-8 throughout is `utf-8`, damaged.

    Raises:
        SourceError: the file is not text, or cannot be read.
    """
    head = _head(path)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    _refuse_other_kinds(path, head)
    if b"\0" in head:
        return _without_mark(path, head)
    if damage(path, "utf-8") is None:
        return "utf-8"
    high = _high_bytes(path)
    if _share_of_utf8(high) >= _MOSTLY:
        return "utf-8"
    return next((name for name in _candidates(high) if damage(path, name) is None), "latin-1")


def declared(name: str, at: str) -> str:
    """The name that Python has for a declared encoding.

    Raises:
        DescriptorError: nobody knows an encoding of that name; `at` says where it stands.
    """
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except LookupError as error:
        raise DescriptorError(
            Text(
                f"{at}：没有“{name}”这种编码。常用：utf-8、gb18030、utf-16、windows-1252。",
                f"{at}: there is no encoding “{name}”. Common ones: utf-8, gb18030, utf-16, windows-1252.",
            )
        ) from error


def damage(path: Path, encoding: str) -> Damage | None:
    """The first place that the encoding cannot read, or None where the whole file reads well."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    chunk = b""
    try:
        for chunk in chunks(path):
            lines += decoder.decode(chunk).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        before = chunk[: error.start].count(b"\n") if isinstance(error, UnicodeDecodeError) else 0
        return Damage(lines + before, str(error))
    return None


def refuse_binary(path: Path, encoding: str) -> None:
    """Refuses a file that is something else than text, whatever its name says.

    Raises:
        SourceError: it is not text.
    """
    head = _head(path)
    _refuse_other_kinds(path, head)
    if b"\0" in head and not encoding.startswith(("utf-16", "utf-32")):
        raise _not_text(path, Text("二进制文件", "a binary file"))


def refuse_text(path: Path) -> None:
    """Refuses text that bears the name of a workbook, which is most often a CSV.

    Raises:
        SourceError: it is text.
    """
    head = _head(path)
    if not head or b"\0" in head or head.startswith(tuple(magic for magic, _ in _KINDS)):
        return
    raise SourceError(
        Text(
            f"{path} 不是工作簿，看起来是 CSV，只是用了工作簿的名称。请改名为 .csv，或另存为工作簿。",
            f"{path} is no workbook: it looks like a CSV under a workbook's name. Name it .csv, or save it as one.",
        )
    )


def _refuse_other_kinds(path: Path, head: bytes) -> None:
    for magic, kind in _KINDS:
        if head.startswith(magic):
            raise _not_text(path, kind)


def _not_text(path: Path, kind: Text) -> SourceError:
    return SourceError(
        Text(
            f"{path} 其实是{kind.zh}，不是文本。请按它真正的格式改名，或另存为 CSV。",
            f"{path} is {kind.en}, not text. Name it by its real format, or save it as CSV.",
        )
    )


def _head(path: Path) -> bytes:
    return next(chunks(path), b"")


def chunks(path: Path) -> Iterator[bytes]:
    """A file's bytes, a piece at a time.

    Raises:
        SourceError: it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise SourceError(
            Text(f"{path} 打不开（{error.strerror}）。", f"{path} cannot be opened ({error.strerror}).")
        ) from error


def _without_mark(path: Path, head: bytes) -> str:
    """UTF-16 without its mark: ASCII letters leave every second byte zero."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    if (
        min(even, odd) * 10 < max(even, odd)
        and damage(path, name) is None
        and not _CONTROL.search(head.decode(name, "ignore"))
    ):
        return name
    raise _not_text(path, Text("二进制文件", "a binary file"))


def _high_bytes(path: Path) -> bytes:
    """Stretches of the file around bytes beyond ASCII, from all over it."""
    found = bytearray()
    for chunk in chunks(path):
        for stretch in _BEYOND_ASCII.findall(chunk):
            found += stretch + b"\n"
            if len(found) >= _SAMPLE:
                return bytes(found)
    return bytes(found)


def _share_of_utf8(high: bytes) -> float:
    total = sum(byte >= 0x80 for byte in high)  # noqa: PLR2004 (the first byte beyond ASCII)
    good = high.decode("utf-8", "ignore").encode()
    return sum(byte >= 0x80 for byte in good) / max(total, 1)  # noqa: PLR2004 (as above)


def _looks_chinese(high: bytes) -> bool:
    pairs = _PAIR.findall(high)
    known = [pair for pair in pairs if _GB2312.match(pair)]
    everyday = sum(pair[0] <= _LAST_EVERYDAY for pair in known)
    return bool(pairs) and len(known) >= _CHINESE * len(pairs) and everyday >= _EVERYDAY * len(known)


def _looks_traditional(high: bytes) -> bool:
    """Whether the text is Big5: more of its pairs are everyday characters of Big5 than are in GB 2312 at all."""
    pairs = _PAIR.findall(high)
    big5, gb2312 = (sum(one.match(pair) is not None for pair in pairs) for one in (_BIG5, _GB2312))
    return (
        big5 > gb2312 and big5 >= _TRADITIONAL * len(pairs) and (len(set(pairs)) >= _VARIED or not _looks_western(high))
    )


def _candidates(high: bytes) -> tuple[str, ...]:
    if _looks_traditional(high):
        return ("big5", "cp950", "big5hkscs", "gb18030", "cp1252")
    if _looks_chinese(high):
        return ("gb18030", "cp1252")
    return ("cp1252",) if _looks_western(high) else (*_guesses(high), "cp1252")


def _looks_western(high: bytes) -> bool:
    """Accents and signs stand alone between ASCII letters; in Cyrillic or Greek they come in runs.

    A guess would take the pound sign for a Polish letter, and does.
    """
    runs = _RUN.findall(high)
    return len(runs) >= _ALONE * sum(map(len, runs))


def _guesses(high: bytes) -> tuple[str, ...]:
    from charset_normalizer import from_bytes  # noqa: PLC0415 (loaded for the few files that need a guess)

    return tuple(match.encoding for match in islice(from_bytes(high), 3))
