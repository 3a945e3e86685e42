"""Which encoding a text file has, verified over the whole file, never over a sample of it."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator, Mapping
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
_AROUND = 200  # bytes on either side that a stretch of text takes along
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
_STRANGE = re.compile(rb"[\x01-\x08\x0e-\x19\x1b\x7f]")  # bytes that hardly any does; 1A to 1F mark ends and parts
_STRANGELY = 0.01  # share of such bytes from which a file is no text
_ZEROS = re.compile(rb"\0+")
_MANY_ZEROS = 0.25  # runs of zero bytes for each other byte from which it is UTF-16, or no text
_LOPSIDED = 4  # times as many on one side of each pair, in UTF-16: some Chinese characters (一) end in a zero byte
_NO_BREAK = b"\xa0"  # a space that does not break, in most encodings of one byte: no letter, and it comes in rows
_RUN = re.compile(rb"[\x80-\xff]+")
_ALONE = 0.7  # runs for each byte beyond ASCII, from which they are said to stand alone
_CHINESE = 0.8  # share of the pairs that must lie in GB 2312
_LAST_EVERYDAY = 0xD7
_EVERYDAY = 0.5  # share of those that must lie in its first level, or be signs
_ASCII = bytes(range(0x20, 0x7F))
_BAD = 4  # bytes of the damage that are kept: no character of any encoding is longer
_THEIR_SAMPLE = 10_000  # bytes that frictionless reads ahead, which shifts its buffer
_MARKED = frozenset({"utf-8", "utf-16-le", "utf-16-be"})  # encodings that take a mark for a character of the text
_ONE_CHINESE = b"\xb0\xa1"  # one character in the encodings of two bytes for each
_FEW = 3  # different characters of UTF-8 that pairs of such an encoding do not make by accident
_SHOWN = 20  # characters that a doubt quotes
# Bytes that are signs (£ ¥ ª ¯ ³ ¹ º ¼ ¾ ¿) in cp1252 and letters (Ł Ą Ş Ż ł ą ş Ľ ľ ż) in cp1250, inside a word; and
# Czech's ě and ř, which would be ì and ø: no language of the West has both.
_CENTRAL_SIGNS = re.compile(rb"(?<=[a-z])[\xa3\xa5\xaa\xaf\xb3\xb9\xba\xbc\xbe\xbf](?=[a-z])")
_CZECH = tuple(re.compile(rb"(?<=[A-Za-z])" + byte) for byte in (rb"\xec", rb"\xf8"))
_CENTRAL = 3  # times that such a letter must occur
_MOSTLY = 0.9  # share of the bytes beyond ASCII that must be UTF-8 for a damaged UTF-8 file to be called one
# Runs of bytes beyond ASCII that are UTF-8 from end to end, by chance, in other encodings: about 0.13 of the bytes of
# GB 18030 in cells of one character each and 0.03 of Big5, 0.02 in cells of two, next to none in longer ones, in
# Cyrillic or in the West. Nearly twice the worst of them is no chance: somebody has joined UTF-8 and something else.
_CLEARLY = 0.25
# C6 to CB begin letters that are rare in UTF-8 (all of phonetics), yet É» and Ê” end a word in capitals in cp1252.
_UTF8_RUN = re.compile(rb"(?:[\xc2-\xc5\xcc-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
# Two or more characters of three bytes, and nothing else in their run: Chinese in UTF-8. By chance there are next to
# none in any encoding, so that a twentieth of the bytes is clear; yet GB 18030 may read them all, as 涓婃捣 for 上海.
_UTF8_WORDS = re.compile(rb"(?:[\xe0-\xef][\x80-\xbf]{2}){2,}")
_WORDS = 0.05
_AFTER_LETTER = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]+")
_WITHIN_WORDS = 0.5  # share of the runs after an ASCII letter, as in café: Chinese has few
_ENOUGH = 8  # bytes beyond ASCII that a guess needs: of fewer it makes any language at all
_SIGNS = 0.5  # runs for each byte beyond ASCII: a sign beside a letter (é”) is still text of the West, a word is not
_STRAY_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # ÿþ and þÿ, which no language of the West writes


@dataclass(frozen=True, slots=True)
class Damage:
    """The first bytes that an encoding cannot read.

    `line` counts from 1, `offset` is the first bad byte (from 0) and `bad` these bytes; `note` is what frictionless
    says of them, whose positions are those of its own buffer.
    """

    line: int
    note: str
    offset: int
    bad: bytes


@dataclass(frozen=True, slots=True)
class Examined:
    """The encoding of a whole file, as Python names it, and the first damage of a file that is that for the most."""

    encoding: str
    damage: Damage | None


@dataclass(frozen=True, slots=True)
class Zeros:
    """The zero bytes of a text: the offset of the first (from 0), and how many there are."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """An encoding that reads the file, yet seems wrong: the likely one, and the same words by either."""

    likely: str
    garbled: str
    better: str


def detect(path: Path) -> str:
    """The encoding of a text file, as Python names it. A file that is UTF-8 in part, or nothing known, is `utf-8`.

    Raises:
        SourceError: the file is not text, or cannot be read.
    """
    return examine(path).encoding


def examine(path: Path) -> Examined:
    """The encoding of a text file, verified to its end: in one pass where it is UTF-8.

    Where nothing fits it is UTF-8 with its damage, so that the first bad byte is told, never text of one byte for each
    letter, which reads all and says nothing.

    Raises:
        SourceError: the file is not text, or cannot be read.
    """
    head = _head(path)
    if marked := _mark(head):
        return Examined(marked, damage(path, marked))
    _refuse_other_kinds(path, head)
    if b"\0" in head and (wide := _without_mark(path, head)):
        return Examined(wide, None)
    bad = damage(path, "utf-8")
    if bad is None:
        return Examined("utf-8", None)
    return _other_than_utf8(path, bad)


def _other_than_utf8(path: Path, bad: Damage) -> Examined:
    """The encoding of a file that is not UTF-8 from end to end; `bad` is where it is not."""
    high = _high_bytes(path)
    if _share_of_utf8(high) >= _MOSTLY or _is_utf8_in_part(path, high):
        return Examined("utf-8", bad)
    names = _candidates(high)
    if found := next((name for name in names if _first_bad(path, name) is None), ""):
        return Examined(found, None)
    if _is_varied(high) and names in (_SIMPLIFIED, _TRADITIONALS):
        return Examined(names[0], damage(path, names[0]))
    return Examined("utf-8", bad)


def doubt(path: Path, encoding: str) -> Doubt | None:
    """Whether an encoding makes nonsense of the file, most often without an error; None where it may well be right."""
    if encoding.startswith(("utf", "ascii")):
        return None
    high = _high_bytes(path)
    likely = _likelier(path, encoding, high) if high else ""
    return Doubt(likely, _first_words(high, encoding), _first_words(high, likely)) if likely else None


def with_mark(path: Path, encoding: str) -> str:
    """The encoding that also takes the byte order mark off, where the file has the one that is its own."""
    marked = _mark(_head(path))
    return marked if marked.startswith(encoding[: len("utf-8")]) and encoding in _MARKED else encoding


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
            Text(f"{at}：没有“{name}”这种编码。", f"{at}: there is no encoding “{name}”."),
            Text("常用：utf-8、gb18030、utf-16、windows-1252。", "Common ones: utf-8, gb18030, utf-16, windows-1252."),
            kind="encoding-error",
            note=str(error),
        ) from error


def damage(path: Path, encoding: str) -> Damage | None:
    """The first place that the encoding cannot read, or None where the whole file reads well."""
    offset = _first_bad(path, encoding)
    return None if offset is None else _damage_at(path, encoding, offset)


def _first_bad(path: Path, encoding: str) -> int | None:
    """The offset of the first byte that cannot be read. What is plain ASCII is passed over, twenty times as fast."""
    plain = _keeps_ascii(encoding)
    decoder = codecs.getincrementaldecoder(encoding)()
    begin = 0
    held = b""  # bytes of a character that goes on in the next piece
    try:
        for chunk in chunks(path):
            if not (plain and not held and chunk.isascii()):
                decoder.decode(chunk)
                held = decoder.getstate()[0]
            begin += len(chunk)
        chunk = b""
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return begin - (len(error.object) - len(chunk)) + error.start
    except UnicodeError:
        return 0  # UTF-16 or UTF-32 that does not begin with its mark
    return None


def _keeps_ascii(encoding: str) -> bool:
    """Whether ASCII bytes stand for themselves wherever a character begins."""
    if encoding.startswith(("utf-16", "utf-32", "utf-7", "utf-8-sig", "iso2022", "hz")):
        return False
    return _ASCII.decode("latin-1").encode(encoding, "replace") == _ASCII


def _damage_at(path: Path, encoding: str, offset: int) -> Damage:
    with path.open("rb") as file:
        file.seek(offset)
        bad = file.read(_BAD)
    return Damage(1 + _line_ends(path, encoding, offset), _note(path, encoding), offset, bad)


def _line_ends(path: Path, encoding: str, offset: int) -> int:
    """How many lines end before the offset. A byte of a Chinese character is never that of a line feed."""
    decoder = None if _keeps_ascii(encoding) else codecs.getincrementaldecoder(encoding)("replace")
    found, left = 0, offset
    try:
        for chunk in chunks(path) if offset else ():
            found += chunk[:left].count(b"\n") if decoder is None else decoder.decode(chunk[:left]).count("\n")
            left -= len(chunk)
            if left <= 0:
                break
    except UnicodeError:  # UTF-16 without the mark that it must begin with: no line can be told
        return 0
    return found


def _note(path: Path, encoding: str) -> str:
    """What frictionless says: the words of the codec, on a text that is read as frictionless reads it."""
    try:
        with path.open("rb") as raw, io.TextIOWrapper(raw, encoding, newline="") as text:
            raw.read(_THEIR_SAMPLE)
            raw.seek(0)
            for _ in text:
                pass
    except UnicodeError as error:
        return str(error)
    return ""


def refuse_binary(path: Path, encoding: str) -> None:
    """Refuses a file that is something else than text, whatever its name says.

    Raises:
        SourceError: it is not text.
    """
    head = _head(path)
    _refuse_other_kinds(path, head)
    if b"\0" in head and not encoding.startswith(("utf-16", "utf-32")) and not _is_text_with_zeros(head):
        raise _binary(path, head)


def refuse_text(path: Path) -> None:
    """Refuses text that bears the name of a workbook, which is most often a CSV.

    Raises:
        SourceError: it is text.
    """
    head = _head(path)
    if not head or b"\0" in head or head.startswith(tuple(magic for magic, _ in _KINDS)):
        return
    if _is_page(head):
        raise _page(path)
    raise SourceError(
        Text(
            f"{path} 不是工作簿，看起来是 CSV，只是用了工作簿的名称。",
            f"{path} is no workbook: it looks like a CSV under a workbook's name.",
        ),
        Text("请改名为 .csv，或另存为工作簿。", "Name it .csv, or save it as one."),
        kind="format-error",
        note=f'invalid excel file "{path}"',
    )


def _is_page(head: bytes) -> bool:
    text = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    return text.startswith(_PAGES) or (text.startswith(b"<?xml") and b"<html" in text)


def _page(path: Path) -> SourceError:
    return SourceError(
        Text(
            f"{path} 不是工作簿，而是网页（HTML），只是用了工作簿的名称。",
            f"{path} is no workbook: it is a web page (HTML) under a workbook's name.",
        ),
        Text(
            "请用 Excel 等表格软件打开它，另存为 .xlsx 或 .csv。",
            "Open it in a spreadsheet program, and save it as .xlsx or .csv.",
        ),
        kind="format-error",
        note=f'invalid excel file "{path}"',
    )


_PAGES = (b"<!doctype html", b"<html", b"<head", b"<body", b"<meta", b"<style", b"<table", b"<div")


def _refuse_other_kinds(path: Path, head: bytes) -> None:
    for magic, kind in _KINDS:
        if head.startswith(magic):
            raise _not_text(path, kind)


def _not_text(path: Path, kind: Text) -> SourceError:
    return SourceError(
        Text(f"{path} 其实是{kind.zh}，不是文本。", f"{path} is {kind.en}, not text."),
        Text("请按它真正的格式改名，或另存为 CSV。", "Name it by its real format, or save it as CSV."),
        kind="encoding-error",
        note=bad.note if (bad := damage(path, "utf-8")) else "",
    )


def _mark(head: bytes) -> str:
    return next((name for mark, name in _MARKS if head.startswith(mark)), "")


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
            Text(f"{path} 打不开（{error.strerror}）。", f"{path} cannot be opened ({error.strerror})."),
            kind="scheme-error",
            note=str(error),
        ) from error


def zeros(path: Path) -> Zeros | None:
    """The zero bytes of a file; None where it has none.

    Raises:
        SourceError: it cannot be opened.
    """
    first, count, at = -1, 0, 0
    for chunk in chunks(path):
        found = chunk.count(b"\0")
        if found and first < 0:
            first = at + chunk.index(b"\0")
        count += found
        at += len(chunk)
    return Zeros(first, count) if count else None


def _without_mark(path: Path, head: bytes) -> str:
    """UTF-16 without its mark; empty where the file is text that holds a few zero bytes.

    Raises:
        SourceError: it is neither.
    """
    few = _is_text_with_zeros(head)
    if few and _is_utf8_so_far(head.replace(b"\0", b"")):
        return ""
    if name := _utf16(path, head):
        return name
    if few:
        return ""
    raise _binary(path, head)


def _is_text_with_zeros(head: bytes) -> bool:
    """Whether a file is text but for its zero bytes: a copy that broke off leaves them, and old databases do.

    A run of them counts once. In UTF-16 about every second byte is zero.
    """
    rest = head.replace(b"\0", b"")
    runs = sum(1 for _ in _ZEROS.finditer(head))
    strange = len(_STRANGE.findall(rest))
    return bool(rest.strip()) and strange <= _STRANGELY * len(rest) and runs < _MANY_ZEROS * len(rest)


def _is_utf8_so_far(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _utf16(path: Path, head: bytes) -> str:
    """UTF-16 without its mark: ASCII letters leave every second byte zero, and lines end; empty where it is not."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    text = head.decode(name, "ignore")
    has_lines = "\n" in text or "\r" in text or not (b"\n" in head or b"\r" in head)
    if (
        min(even, odd) * _LOPSIDED < max(even, odd)
        and has_lines
        and not _CONTROL.search(text)
        and damage(path, name) is None
    ):
        return name
    return ""


def _binary(path: Path, head: bytes) -> SourceError:
    if head.strip(b"\0"):
        return _not_text(path, Text("二进制文件", "a binary file"))
    return SourceError(
        Text(f"{path} 里只有空字节，多半是复制中断了。", f"{path} holds nothing but zero bytes: its copy broke off."),
        Text("请重新复制或导出文件，再提交一次。", "Copy or export the file again, and hand it in once more."),
    )


def _high_bytes(path: Path) -> bytes:
    """Stretches of the file around bytes beyond ASCII, from all over it."""
    found = bytearray()
    for chunk in chunks(path):
        for stretch in () if chunk.isascii() else _stretches(chunk):
            found += stretch + b"\n"
            if len(found) >= _SAMPLE:
                return bytes(found)
    return bytes(found)


def _stretches(chunk: bytes) -> Iterator[bytes]:
    """Bytes beyond ASCII with what stands around them on their line."""
    last = 0
    for run in _RUN.finditer(chunk):
        if run.end() <= last:
            continue
        first = max(last, run.start() - _AROUND)
        begin = max(first, chunk.rfind(b"\n", first, run.start()) + 1)
        end = chunk.find(b"\n", run.end(), run.end() + _AROUND)
        last = end if end >= 0 else run.end() + _AROUND
        yield chunk[begin:last]


def _share_of_utf8(high: bytes) -> float:
    total = sum(byte >= 0x80 for byte in high)  # noqa: PLR2004 (the first byte beyond ASCII)
    good = high.decode("utf-8", "ignore").encode()
    return sum(byte >= 0x80 for byte in good) / max(total, 1)  # noqa: PLR2004 (as above)


def _is_utf8_in_part(path: Path, high: bytes) -> bool:
    """Whether UTF-8 was joined with something else: more of it stands there than any other encoding makes by chance."""
    if _share_in_runs(high, _UTF8_WORDS) >= _WORDS:
        return True
    return _share_in_runs(high, _UTF8_RUN) >= _CLEARLY and not _is_chinese(path, high)


def _share_in_runs(high: bytes, kind: re.Pattern[bytes]) -> float:
    """The share of the bytes beyond ASCII in runs that are of a kind from end to end."""
    runs = _RUN.findall(high)
    return sum(len(run) for run in runs if kind.fullmatch(run)) / max(sum(map(len, runs)), 1)


def _is_chinese(path: Path, high: bytes) -> bool:
    """Whether it is Chinese of two bytes for each character: a column of 男 and 女 is half UTF-8 by chance."""
    if len(_AFTER_LETTER.findall(high)) >= _WITHIN_WORDS * len(_RUN.findall(high)):
        return False
    if _looks_traditional(high):
        return _first_bad(path, "big5hkscs") is None
    return _looks_chinese(high) and _first_bad(path, "gb18030") is None


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
    few = ("cp1252",) if _looks_western(high) or (_may_be_western(high) and not _is_varied(high)) else ()
    if _looks_traditional(high):
        return (*_TRADITIONALS, *few)
    if _looks_chinese(high):
        return (*_SIMPLIFIED, *few)
    if _looks_central(high):
        return ("cp1250", "cp1252")
    if _looks_western(high):
        return ("cp1252", "cp1250")
    return (*_guesses(high), *(("cp1252",) if _may_be_western(high) else ()))


def _looks_central(high: bytes) -> bool:
    """Polish, Czech or Slovak: letters of cp1250 that would be signs, or strangers to each other, in cp1252."""
    return len(_CENTRAL_SIGNS.findall(high)) >= _CENTRAL or all(
        len(letter.findall(high)) >= _CENTRAL for letter in _CZECH
    )


def _likelier(path: Path, encoding: str, high: bytes) -> str:
    """An encoding that fits the text better than the one that is declared; empty where none does."""
    few = _FEW if len(_ONE_CHINESE.decode(encoding, "replace")) == 1 else 1
    fitting = (name for name, fits in _BETTER if encoding not in _SAME[name] and fits(high, few))
    return next((name for name in fitting if _first_bad(path, name) is None), "")


def _is_utf8(high: bytes, few: int) -> bool:
    return len(set(_SEVERAL.findall(high))) >= few and _share_of_utf8(high) >= _NEARLY


def _is_gb18030(high: bytes, few: int) -> bool:
    del few  # of characters of two bytes there must be as many anyhow
    return _is_varied(high) and _looks_chinese(high) and not _looks_traditional(high)


def _is_big5(high: bytes, few: int) -> bool:
    del few  # as above
    return _is_varied(high) and _looks_traditional(high)


def _is_varied(high: bytes) -> bool:
    return len(set(_PAIR.findall(high))) >= _VARIED


def _first_words(high: bytes, encoding: str) -> str:
    """The first stretch of text beyond ASCII, as an encoding reads it."""
    text = high.decode(encoding, "ignore")
    first = next((at for at, char in enumerate(text) if not char.isascii()), 0)
    return text[first : first + _SHOWN].partition("\n")[0].rstrip()


_SEVERAL = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# Where these are all that the text can be, the first has the damage: cp1252 would read it nearly all, without a word
_SIMPLIFIED = ("gb18030",)
_TRADITIONALS = ("big5", "cp950", "big5hkscs", "gb18030")
_NEARLY = 0.98  # share of UTF-8: stretches are cut within a character
_BETTER: tuple[tuple[str, Callable[[bytes, int], bool]], ...] = (
    ("utf-8", _is_utf8),
    ("gb18030", _is_gb18030),
    ("big5", _is_big5),
)
_SAME: Mapping[str, frozenset[str]] = {  # encodings that one cannot tell from this one, or that contain it
    "utf-8": frozenset(),
    "gb18030": frozenset({"gb18030", "gbk", "gb2312", "hz", "johab", "euc_kr", "euc_jp", "euc_jis_2004"}),
    "big5": frozenset({"big5", "big5hkscs", "cp950"}),
}


def _looks_western(high: bytes) -> bool:
    """Accents and signs stand alone between ASCII letters; in Cyrillic or Greek they come in runs.

    A guess would take the pound sign for a Polish letter, and does.
    """
    return _alone(high) >= _ALONE


def _may_be_western(high: bytes) -> bool:
    """Whether it can be text of the West where the bytes do not stand alone throughout."""
    return _alone(high) >= _SIGNS and not any(mark in high for mark in _STRAY_MARKS)


def _alone(high: bytes) -> float:
    """Runs for each byte beyond ASCII: 1 where each stands alone."""
    runs = _RUN.findall(high.replace(_NO_BREAK, b" "))
    return len(runs) / sum(map(len, runs)) if runs else 1.0


def _guesses(high: bytes) -> tuple[str, ...]:
    """Guesses at the encoding, of those in which ASCII stands for itself: UTF-16 would take any two bytes."""
    if sum(map(len, _RUN.findall(high))) < _ENOUGH:
        return ()
    from charset_normalizer import from_bytes  # noqa: PLC0415 (loaded for the few files that need a guess)

    plain = (match.encoding for match in from_bytes(high) if _keeps_ascii(match.encoding))
    return tuple(islice(plain, 3))
