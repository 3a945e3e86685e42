"""How a code is written, before its own rule is asked: what is wrong with the characters of one text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

from civicat.text import Text

_FULL_WIDTH = re.compile("[\uff01-\uff5e]")
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+\d+", re.ASCII)
# Unicode categories: controls, marks of format, characters of private use, half a character.
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})

BLANK = Text("这一格只有空白", "the cell holds nothing but blanks")
SPACE_AROUND = Text("前后有空格", "there is a space before or after it")
SPACE_INSIDE = Text("中间有空格", "there is a space inside it")
SMALL_LETTERS = Text("字母应大写", "its letters must be capitals")
DIGITS = frozenset("0123456789")
NO_SUCH_CODE = Text("没有这个代码", "there is no such code")
ROUNDED = Text(
    "这是表格软件改写成的科学记数，后面的数字已经丢失",
    "a spreadsheet wrote it as a rounded number, and its last digits are lost",
)


def untidy(text: str) -> Text | None:
    """What no code may have: blanks, full-width or unseen characters, a number that a spreadsheet rounded."""
    if text and text.isascii() and text.isprintable() and " " not in text:  # most are, and need no closer look
        return ROUNDED if _ROUNDED.fullmatch(text) else None
    if not text.strip():
        return BLANK
    if text.strip() != text:
        return SPACE_AROUND
    if any(one.isspace() for one in text):
        return SPACE_INSIDE
    return _unusual(text)


def _unusual(text: str) -> Text | None:
    if match := _FULL_WIDTH.search(text):
        half = unicodedata.normalize("NFKC", match[0])
        return Text(
            f"“{match[0]}”是全角字符，应写作“{half}”", f"“{match[0]}” is a full-width character: write “{half}”"
        )
    if any(unicodedata.category(one) in _UNSEEN for one in text):
        return Text("含有看不见的字符", "it holds a character that cannot be seen")
    return ROUNDED if _ROUNDED.fullmatch(text) else None


def check_digit(due: str, found: str) -> Text:
    """That the check digits of a code are not those that its other characters ask for."""
    digits = "digit" if len(due) == 1 else "digits"
    return Text(
        f"按其余各位，校验码应为“{due}”，这里是“{found}”；某一位写错了，或两位写反了",
        f"its other characters ask for the check {digits} “{due}”, not “{found}”; a character is wrong, or two are "
        "swapped",
    )


def coded(text: str, length: int, alphabet: frozenset[str]) -> Text | None:
    """What is wrong with a code of so many characters from an alphabet of digits and capitals."""
    if len(text) == length and alphabet.issuperset(text):
        return None
    if why := untidy(text):
        return why
    if len(text) != length:
        return too_long_or_short(text, Text(f"{length} 位", f"{length} characters"))
    if text.upper() != text and alphabet.issuperset(text.upper()):
        return SMALL_LETTERS
    place, one = next((place, one) for place, one in enumerate(text, 1) if one not in alphabet)
    return Text(f"第 {place} 位不能是“{one}”", f"character {place} cannot be “{one}”")


def too_long_or_short(text: str, due: Text) -> Text:
    """That a text does not have the length that is due."""
    return Text(f"应为 {due.zh}，这里是 {len(text)} 位", f"it must have {due.en}, and has {len(text)}")


def listed(text: str, length: int, known: Collection[str], past: Mapping[str, Text]) -> Text | None:
    """What is wrong with a code of so many capital letters from a list; `past` says what became of some others."""
    if why := untidy(text):
        return why
    if text.upper() in known and text not in known:
        return SMALL_LETTERS
    if len(text) != length:
        return too_long_or_short(text, Text(f"{length} 个字母", f"{length} letters"))
    if text in known:
        return None
    return past.get(text, NO_SUCH_CODE)


def in_small_letters(text: str, length: int, known: Collection[str], now: Mapping[str, str]) -> Text | None:
    """What is wrong with a code of so many small letters from a list; `now` gives the code for some that are not."""
    if why := untidy(text):
        return why
    if text in known:
        return None
    code = now.get(text, text.lower())
    if code in known:
        return write(code)
    due = Text(f"{length} 个字母", f"{length} letters")
    return NO_SUCH_CODE if len(text) == length else too_long_or_short(text, due)


def write(code: str) -> Text:
    """That another code is meant."""
    return Text(f"请写 {code}", f"write {code}")


def matching(text: str, form: re.Pattern[str], due: Text) -> Text | None:
    """What is wrong with a text that must have a form, which `due` shows."""
    if why := untidy(text):
        return why
    return None if form.fullmatch(text) else like(due)


def like(due: Text) -> Text:
    """That a text must be written like an example."""
    return Text(f"应写作 {due.zh}", f"it must be written like {due.en}")
