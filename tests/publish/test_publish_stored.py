from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.errors import StoreError
from civicat.publish.stored import stored_batches
from civicat.release import Part, Table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.publish.conftest import Desk


def test_a_bit_that_flipped_on_disk_is_no_other_number(desk: Desk, tmp_path: Path) -> None:
    numbers = pa.table({"id": pa.array([1, 2, 3], pa.int64())})
    file = tmp_path / "counters.parquet"
    pq.write_table(numbers, file, compression="none", use_dictionary=False, write_page_checksum=True)
    table = Table(desk.rows(numbers).resource, "counters", (Part(file, 0, "", 3),))
    assert [batch.to_pydict() for batch in stored_batches(table, 10)] == [{"id": [1, 2, 3]}]

    content = bytearray(file.read_bytes())
    content[content.index((2).to_bytes(8, "little"))] ^= 4
    file.write_bytes(content)

    with pytest.raises(StoreError, match="Run civicat verify"):
        list(stored_batches(table, 10))
