"""string and any: lengths, patterns and lists of words over whole columns, formats by the shapes we are sure of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from civicat.validators.engine.arrays import Read, either, marked, parts, valid
from civicat.validators.engine.block import Mask
from civicat.validators.engine.kernels.asked import Asked
from civicat.validators.engine.kernels.fast import Way
from civicat.validators.engine.kernels.limits import Limits
from civicat.validators.engine.patterns import Matcher, matcher

_KNOWN = frozenset({"minLength", "maxLength", "enum", "pattern"})
_LONGEST = 4  # bytes of a character in UTF-8
# What frictionless takes for certain; of everything else it is asked.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?"
_SHAPES = {
    "uuid": r"[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\Z",
    "email": rf"[0-9A-Za-z_+-]{{1,20}}(\.[0-9A-Za-z_+-]{{1,20}}){{0,2}}@({_LABEL}\.){{1,4}}[A-Za-z]{{2,18}}\Z",
    "uri": r"(https?|ftp)://[A-Za-z0-9.-]+(:[0-9]{1,4})?(/[A-Za-z0-9._~/-]*)?(\?[A-Za-z0-9._~/=&-]*)?\Z",
    "binary": r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z",
}


def texts(asked: Asked) -> Way | None:
    """The way of a string, or of anything: as text it is what it is."""
    rules = _rules(asked)
    if rules is None or (asked.format != "default" and asked.field.type == "string" and asked.format not in _SHAPES):
        return None
    shape = matcher(_SHAPES[asked.format]) if asked.field.type == "string" and asked.format in _SHAPES else None

    def read(cells: pa.Array[Any]) -> Read:
        unsure = rules.broken(cells)
        if shape is not None:
            unsure = either(unsure, marked(valid(cells) & ~shape.column(cells)))
        return Read(cells, unsure)

    return Way(texts=read, settled=shape is None)


@dataclass(frozen=True, slots=True)
class _Rules:
    """The constraints of a text."""

    shortest: int | None
    longest: int | None
    words: frozenset[str] | None
    pattern: Matcher | None

    def broken(self, cells: pa.Array[Any]) -> Mask | None:
        """The cells that break one, or may do so."""
        found = None if self.shortest is None and self.longest is None else self._lengths(cells)
        if self.words is not None:
            found = either(found, self._strange(cells))
        if self.pattern is not None:
            found = either(found, marked(valid(cells) & ~self.pattern.column(cells)))
        return found

    def _lengths(self, cells: pa.Array[Any]) -> Mask | None:
        """By the bytes first: a character has one to four."""
        sizes = np.diff(parts(cells)[1])
        if cells.null_count:
            sizes = sizes[valid(cells)]
        least, most = (sizes.min(), sizes.max()) if len(sizes) else (0, 0)
        shortest, longest = self.shortest or 0, most if self.longest is None else self.longest
        if not len(sizes) or (least >= _LONGEST * shortest and most <= longest):
            return None
        lengths = pc.utf8_length(cells)
        return Limits(shortest, int(longest)).broken(lengths)

    def _strange(self, cells: pa.Array[Any]) -> Mask | None:
        encoded = cells.dictionary_encode()
        strange = np.array([word not in (self.words or ()) for word in encoded.dictionary.to_pylist()], np.bool_)
        if not strange.any():
            return None
        codes = encoded.indices.fill_null(len(strange)).to_numpy(zero_copy_only=False)
        return marked(np.append(strange, False)[codes])


def _rules(asked: Asked) -> _Rules | None:
    """None where a constraint is not one that we know how to apply."""
    constraints = asked.constraints
    if not set(constraints) <= _KNOWN or not all(_is_length(constraints, key) for key in ("minLength", "maxLength")):
        return None
    words = constraints.get("enum")
    pattern = constraints.get("pattern")
    if not isinstance(words, (list, tuple, type(None))) or not isinstance(pattern, (str, type(None))):
        return None
    found = None if pattern is None else matcher(pattern)
    if pattern is not None and found is None:
        return None
    return _Rules(
        shortest=_length(constraints, "minLength"),
        longest=_length(constraints, "maxLength"),
        words=None if words is None else frozenset(word for word in words if isinstance(word, str)),
        pattern=found,
    )


def _is_length(constraints: Mapping[str, object], key: str) -> bool:
    return key not in constraints or type(constraints[key]) is int


def _length(constraints: Mapping[str, object], key: str) -> int | None:
    value = constraints.get(key)
    return value if isinstance(value, int) else None
