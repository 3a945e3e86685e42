"""Consecutive records of a table, as columns: what the cutters hand on and the kernels judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Mask: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[np.int64]

# One column of a block: text as it stands in the file (pa.string()), values that the tokenizer could read itself (the
# type that the kernel asked for), or the cells of a workbook or a JSON file as Python objects.
Column: TypeAlias = "pa.Array[Any] | list[object]"


@dataclass(frozen=True, slots=True)
class Odd:
    """A record that is not as wide as the table, or wholly empty: its number and its cells as csv.reader cuts them."""

    number: int
    cells: Sequence[object]


class Block(Protocol):
    """Records in their order. Those of the right width stand in `columns`, the others in `odd`.

    `numbers` (int64, ascending) is the record's number of each row of the columns, the header counted: frictionless'
    rowNumber. Records that the dialect leaves out (comments, blank rows to be skipped) are in neither.
    """

    @property
    def numbers(self) -> Numbers:
        """The number of each row of the columns."""

    @property
    def columns(self) -> Sequence[Column]:
        """One for each expected field, all as long as `numbers`."""

    @property
    def odd(self) -> Sequence[Odd]:
        """Records of another width, in their order."""

    def cells(self, rows: Sequence[int]) -> list[list[object]]:
        """The cells of these rows (indices into the columns, ascending), each as csv.reader or the workbook gives it.

        May read the block's bytes again: meant for the few rows that are not sure.
        """
