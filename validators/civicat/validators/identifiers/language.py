"""ISO 639-1 codes of languages, of two letters, from the CLDR data that babel brings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import NO_SUCH_CODE, in_small_letters, write

_LENGTH = 2
_WITHDRAWN = frozenset({"sh"})  # Serbo-Croatian, withdrawn in 2000; CLDR still names it


@cache
def _codes() -> frozenset[str]:
    from babel import Locale  # noqa: PLC0415 (90 ms with the names of one language)

    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == _LENGTH) - _WITHDRAWN


@cache
def _now() -> Mapping[str, str]:
    """The code of two letters for others that name the same language: zho is zh, iw is he."""
    from babel.core import get_global  # noqa: PLC0415 (as above)

    known = _codes()
    return {code: now for code, now in get_global("language_aliases").items() if now in known and code not in known}


def _check(text: str) -> Text | None:
    return in_small_letters(text, _LENGTH, _codes(), _now())


LANGUAGE = Identifier(
    name="language",
    title=Text("语言代码（两个字母）", "language code of two letters"),
    description=Text(
        "两个小写字母，ISO 639-1 的 183 个代码（取自 CLDR）。三个字母的用 language-alpha3；不收 zh-CN 一类的标签。",
        "Two small letters: the 183 codes of ISO 639-1, as CLDR has them. For codes of three letters there is "
        "language-alpha3; tags such as zh-CN are not taken.",
    ),
    standard="ISO 639-1",
    valid=("zh", "en", "ug"),
    invalid=(
        ("cn", NO_SUCH_CODE),
        ("ZH", write("zh")),
        ("zho", write("zh")),
        ("iw", write("he")),
        ("zh-CN", Text("应为 2 个字母，这里是 5 位", "it must have 2 letters, and has 5")),
    ),
    check=_check,
)
