"""How a value must be written that is good but for its spaces, its width, its case or its hyphens."""

from __future__ import annotations

import re
import unicodedata

from civicat.text import Text
from civicat.validators.identifiers.identifier import Identifier

# Cc controls, Cf marks of format, Zs Zl Zp spaces: nothing of them belongs into a code.
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_MARKS = re.compile(r"[-‐‑–—·•.]")


def mended(identifier: Identifier, text: str, why: Text) -> Text:
    """Why a text is not good, and the same text as it must be written where that is certain."""
    tidy = _tidy(text)
    tries = dict.fromkeys([tidy, tidy.upper(), _MARKS.sub("", tidy.upper()), _rewritten(identifier, tidy)])
    good = next((one for one in tries if one != text and identifier.check(one) is None), None)
    return why if good is None else Text(f"{why.zh}。请写成“{good}”", f"{why.en}. Write “{good}”")


def _rewritten(identifier: Identifier, text: str) -> str:
    return text if identifier.rewrite is None else identifier.rewrite(text)


def _tidy(text: str) -> str:
    """The text in half-width characters, without what is not seen."""
    half = unicodedata.normalize("NFKC", text)
    return half if half.isascii() and half.isprintable() and " " not in half else _seen(half)


def _seen(text: str) -> str:
    return "".join(one for one in text if unicodedata.category(one) not in _UNSEEN)
