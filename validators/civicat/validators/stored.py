"""A Parquet file as blocks: columns as they are stored, without a Python value for each cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from civicat.errors import SourceError
from civicat.text import Text
from civicat.validators.engine.block import Column, Numbers, Odd
from civicat.validators.messages import of_file

_ROWS = 1 << 16  # rows of a block


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block (see engine/block.py). The header is row 1."""

    numbers: Numbers
    columns: Sequence[Column]
    odd: Sequence[Odd] = ()

    def cells(self, rows: Sequence[int]) -> list[list[object]]:
        """The cells of these rows."""
        return [[one[row] if isinstance(one, list) else one[row].as_py() for one in self.columns] for row in rows]


def blocks_of_parquet(path: Path) -> Iterator[StoredBlock]:
    """The blocks of a file whose columns are all plain.

    Raises:
        SourceError: the file is damaged.
    """
    first = 2
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS):
                numbers = np.arange(first, first + len(batch))
                first += len(batch)
                yield StoredBlock(numbers, [_column(one) for one in batch.columns])
    except (pa.ArrowException, OSError, UnicodeError) as error:  # the last: text that is no UTF-8
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> SourceError:
    """What to say of a file that cannot be read."""
    why = of_file(str(error))
    return SourceError(
        Text(
            f"{path} 不是可读的 Parquet 文件（{why.zh}）。",
            f"{path} is not a Parquet file that can be read ({why.en}).",
        ),
        note=str(error),
    )


def is_plain(path: Path) -> bool:
    """Whether all columns are of types that are taken as they are stored: text, numbers, truths, dates and times.

    Raises:
        SourceError: the file is damaged.
    """
    try:
        return all(_is_text(kind) or any(is_it(kind) for is_it in _PLAIN) for kind in pq.read_schema(path).types)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise damaged(path, error) from error


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(is_it(kind) for is_it in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view))


def _column(column: pa.Array[Any]) -> Column:
    """Text as text, an empty one where there is none; times to the microsecond, which is what Python has."""
    if _is_text(column.type):
        return pc.fill_null(pc.cast(column, pa.string()), "")
    if pa.types.is_timestamp(column.type):
        return pc.cast(column, pa.timestamp("us", column.type.tz), safe=False)
    return column


_PLAIN = (
    *(pa.types.is_integer, pa.types.is_float32, pa.types.is_float64, pa.types.is_boolean, pa.types.is_date32),
    pa.types.is_timestamp,
)
