"""boolean: a table of words."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.arrays import Read, marked, valid
from civicat.validators.engine.kernels.asked import Asked
from civicat.validators.engine.kernels.fast import Way

_TRUE = ("true", "True", "TRUE", "1")  # the words of the standard
_FALSE = ("false", "False", "FALSE", "0")


def booleans(asked: Asked) -> Way | None:
    """The way of a boolean."""
    words = _words(asked)
    if words is None or asked.constraints:
        return None
    known = pa.array(list(words), pa.string())
    meant = pa.array(list(words.values()), pa.bool_())

    def texts(cells: pa.Array[Any]) -> Read:
        places = pc.index_in(cells, known)
        unsure = marked(valid(cells) & ~valid(places)) if places.null_count != cells.null_count else None
        return Read(meant.take(places), unsure)

    return Way(texts=texts, kinds={bool: lambda cells: Read(pa.array(cells, pa.bool_()))}, settled=True)


def _words(asked: Asked) -> dict[str, bool] | None:
    """Each word and what it means; a word that means both means no, as frictionless has it."""
    if asked.written is None:
        return None
    true, false = asked.written.get("trueValues", _TRUE), asked.written.get("falseValues", _FALSE)
    words = {**_each(true, meaning=True), **_each(false, meaning=False)}
    return words if words and all(isinstance(word, str) for word in words) else None


def _each(words: object, *, meaning: bool) -> dict[str, bool]:
    return dict.fromkeys(words, meaning) if isinstance(words, (list, tuple)) else {}
