"""What an identifier is: how its values are judged, and what people are told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from civicat.text import Text

Mask: TypeAlias = npt.NDArray[np.bool_]
# A column of pa.string(), int64, float64 ... -> True for each row that `check` would find good. It may miss some of
# those, never take a wrong one; a null is False.
Sure: TypeAlias = Callable[["pa.Array[Any]"], Mask]


@dataclass(frozen=True, slots=True)
class Identifier:
    """A kind of code that a column may ask for, with its own examples.

    `name` is what a descriptor says: lower-case, hyphens, never changed. `description` says what is checked and what is
    not, `standard` where the rule comes from. `valid` holds good values, `invalid` a value and why it is not. `check`
    answers None for a good text, else why it is not good: a phrase without its full stop. `personal` marks what names
    natural persons, or may well do so. `telling` marks a kind that a column of values shows by itself (a check digit,
    an unmistakable form). `sure` judges a whole column at once where that is cheap. `rewrite` guesses how a text of a
    form that is not ours must be written; nobody is told of a guess that `check` does not find good.
    """

    name: str
    title: Text
    description: Text
    standard: str
    valid: tuple[str, ...]
    invalid: tuple[tuple[str, Text], ...]
    check: Callable[[str], Text | None]
    personal: bool = False
    telling: bool = False
    sure: Sure | None = None
    rewrite: Callable[[str], str] | None = None
