from __future__ import annotations

import hashlib
import math
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat import validators
from civicat.layout import Layout
from civicat.publish import parquet
from civicat.publish.tables import Ordered, in_order
from civicat.release import Part

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

_DATASETS = Path(__file__).resolve().parents[2] / "datasets"


def _parts(desk: Desk, table: pa.Table, place: Path, key: tuple[str, ...] = (), batch: int = 1000) -> tuple[Part, ...]:
    folder = place / str(batch)
    folder.mkdir()
    ordered = in_order(desk.rows(table, key, batch), place)
    return parquet.write(folder, ordered, ordered.schema)


def _write(desk: Desk, table: pa.Table, place: Path, key: tuple[str, ...] = (), batch: int = 1000) -> Path:
    (part,) = _parts(desk, table, place, key, batch)
    assert part.rows == table.num_rows
    return part.path


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row groups of 100 rows, parts of two of them: what takes millions of rows can be seen with a few hundred."""
    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 100)
    monkeypatch.setattr(parquet, "PART_ROWS", 200)


def _columns(file: Path) -> dict[str, Any]:
    group = pq.ParquetFile(file).metadata.row_group(0)
    return {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}


def test_pyarrow_reads_back_every_cell(desk: Desk) -> None:
    table = desk.counters(range(1, 200))
    release = desk.publish(tables=(table, desk.notes("静", None, "")))

    assert pq.read_table(release.tables[0].path, page_checksum_verification=True).equals(table)
    assert pq.read_table(release.tables[1].path)["note"].to_pylist() == ["静", None, ""]


def test_duckdb_reads_back_every_cell(desk: Desk) -> None:
    table = desk.counters(range(1, 200))
    release = desk.publish(tables=(table, desk.notes("静")))

    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        read = connection.read_parquet(str(release.tables[0].path)).to_arrow_table()

    # DuckDB calls UTC by its long name.
    assert [str(kind).replace("Etc/", "") for kind in read.schema.types] == [str(kind) for kind in table.schema.types]
    assert read.cast(table.schema).equals(table)


def test_a_cell_is_found_through_duckdb_by_a_chinese_column(desk: Desk) -> None:
    path = desk.publish().tables[0].path

    with duckdb.connect() as connection:
        found = connection.execute(
            """select "name.en", share::varchar from read_parquet(?) where 编号 = 9""", [str(path)]
        ).fetchall()

    assert found == [("桥9", "2.25")]


@pytest.mark.parametrize("batch", [997, 51_200, 120_001])
def test_row_groups_hold_exactly_as_many_rows_as_they_should(desk: Desk, tmp_path: Path, batch: int) -> None:
    file = _write(desk, pa.table({"id": range(120_001)}), tmp_path, ("id",), batch)

    metadata = pq.ParquetFile(file).metadata
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [51_200, 51_200, 17_601]


def test_how_the_rows_were_batched_does_not_change_a_byte(desk: Desk, tmp_path: Path) -> None:
    table = pa.table({"id": range(60_000), "text": [f"街道{n}" if n % 5 else None for n in range(60_000)]})

    files = [_write(desk, table, tmp_path, ("id",), batch) for batch in (101, 49_999, 60_000)]

    assert len({file.read_bytes() for file in files}) == 1


def test_the_file_says_how_it_is_sorted_and_guards_its_pages(desk: Desk, tmp_path: Path) -> None:
    file = _write(desk, pa.table({"n": [5, 6], "id": [1, 2]}), tmp_path, ("id",))

    metadata = pq.ParquetFile(file).metadata
    assert metadata.row_group(0).sorting_columns == (pq.SortingColumn(1),)
    assert {column.compression for column in _columns(file).values()} == {"ZSTD"}
    assert all(column.has_offset_index and column.has_column_index for column in _columns(file).values())


def test_a_flipped_bit_is_noticed_by_the_page_checksum(desk: Desk) -> None:
    path = desk.publish(tables=(desk.counters(range(2000)), desk.notes("静"))).tables[0].path
    damaged = bytearray(path.read_bytes())
    column = _columns(path)["编号"]
    damaged[column.data_page_offset + column.total_compressed_size - 1] ^= 1

    with pytest.raises(OSError, match="CRC checksum verification failed"):
        pq.read_table(pa.BufferReader(bytes(damaged)), page_checksum_verification=True)


def test_a_dictionary_is_for_columns_of_few_values_only(desk: Desk, tmp_path: Path) -> None:
    few, many = parquet.DICTIONARY_VALUES, parquet.DICTIONARY_VALUES + 1
    rows = 2 * many
    table = pa.table(
        {
            "id": range(rows),
            "few": [f"{n % few}" for n in range(rows)],
            "many": [f"{n % many}" for n in range(rows)],
            "flag": [n % 2 == 0 for n in range(rows)],
        }
    )

    encodings = {name: set(one.encodings) for name, one in _columns(_write(desk, table, tmp_path, ("id",))).items()}

    assert "RLE_DICTIONARY" in encodings["few"]
    assert encodings["many"] == {"DELTA_LENGTH_BYTE_ARRAY", "RLE"}
    assert encodings["id"] == {"DELTA_BINARY_PACKED", "RLE"}
    assert "RLE_DICTIONARY" not in encodings["flag"]


def test_a_key_of_a_small_table_gets_no_dictionary(desk: Desk, tmp_path: Path) -> None:
    table = pa.table({"id": [f"{n:04}" for n in range(60)], "half": [f"{n % 30}" for n in range(60)]})

    encodings = {name: set(one.encodings) for name, one in _columns(_write(desk, table, tmp_path, ("id",))).items()}

    assert "RLE_DICTIONARY" not in encodings["id"]
    assert "RLE_DICTIONARY" in encodings["half"]


def test_decimals_are_stored_as_integers_where_they_fit(desk: Desk, tmp_path: Path) -> None:
    numbers = [Decimal(n) / 100 for n in range(3000)]
    kinds = {"narrow": pa.decimal128(18, 2), "wide": pa.decimal128(19, 2)}
    table = pa.table({name: pa.array(numbers, kind) for name, kind in kinds.items()})

    columns = _columns(_write(desk, table, tmp_path))

    assert columns["narrow"].physical_type == "INT64"
    assert "DELTA_BINARY_PACKED" in columns["narrow"].encodings
    assert columns["wide"].physical_type == "FIXED_LEN_BYTE_ARRAY"


def test_a_table_without_rows_is_a_file_all_the_same(desk: Desk) -> None:
    release = desk.publish(tables=(desk.counters([]), desk.notes()))

    assert [table.rows for table in release.tables] == [0, 0]
    assert pq.read_table(release.tables[0].path).schema.names[0] == "编号"
    with duckdb.connect() as connection:
        assert connection.read_parquet(str(release.tables[1].path)).fetchall() == []


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (0, ("trips.parquet",)),
        (10_240_000, ("trips.parquet",)),
        (10_240_001, ("trips.0001.parquet", "trips.0002.parquet")),
        (20_480_000, ("trips.0001.parquet", "trips.0002.parquet")),
    ],
)
def test_a_large_table_is_named_in_parts(rows: int, names: tuple[str, ...]) -> None:
    assert parquet.file_names("trips", rows) == names


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(
    ("rows", "groups"), [(200, [[100, 100]]), (201, [[100, 100], [1]]), (450, [[100, 100], [100, 100], [50]])]
)
def test_a_part_is_cut_after_whole_row_groups(desk: Desk, tmp_path: Path, rows: int, groups: list[list[int]]) -> None:
    parts = _parts(desk, pa.table({"id": range(rows)}), tmp_path, ("id",), batch=7)

    assert [part.rows for part in parts] == [sum(group) for group in groups]
    read = [pq.ParquetFile(part.path).metadata for part in parts]
    assert [[one.row_group(n).num_rows for n in range(one.num_row_groups)] for one in read] == groups
    assert pa.concat_tables(pq.read_table(part.path) for part in parts)["id"].to_pylist() == list(range(rows))


@pytest.mark.usefixtures("small_parts")
def test_each_part_says_which_one_it_is_and_whose(desk: Desk, tmp_path: Path) -> None:
    told = [pq.read_metadata(part.path).metadata for part in _parts(desk, pa.table({"id": range(201)}), tmp_path)]
    alone = pq.read_metadata(_write(desk, pa.table({"id": [1]}), tmp_path, batch=1)).metadata

    assert [one[b"civicat:part"] for one in told] == [b'{"number":1,"of":2}', b'{"number":2,"of":2}']
    assert b"civicat:part" not in alone


@pytest.mark.usefixtures("small_parts")
def test_parts_are_sealed_and_known_by_their_bytes(desk: Desk, tmp_path: Path) -> None:
    for part in _parts(desk, pa.table({"id": range(201)}), tmp_path):
        content = part.path.read_bytes()
        assert (part.bytes, part.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert stat.S_IMODE(part.path.stat().st_mode) == 0o444


def test_a_file_that_is_there_is_never_written_over(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "1000").mkdir()
    (tmp_path / "1000" / "counters.parquet").write_text("mine")

    ordered = in_order(desk.rows(pa.table({"id": [1]})), tmp_path)
    with pytest.raises(FileExistsError):
        parquet.write(tmp_path / "1000", ordered, ordered.schema)

    assert (tmp_path / "1000" / "counters.parquet").read_text() == "mine"


_NO_SPACE = """
import resource, signal, sys
from pathlib import Path
import pyarrow as pa
from civicat.dataset import read_dataset
from civicat.publish import parquet
from civicat.publish.tables import Ordered

one = {"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "id"}], "primaryKey": ["id"]}}
dataset = read_dataset({"name": "t", "resources": [one]}, "datapackage.yaml", "", Path())
table = pa.table({"id": [n * n * 7919 % 1_000_003 for n in range(100_000)]})
ordered = Ordered(dataset.resources[0], table.schema, 100_000, lambda: iter(table.to_batches()), ("id",))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    parquet.write(Path(sys.argv[1]), ordered, ordered.schema)
except OSError as error:
    print(error.strerror)
"""


def test_a_file_that_cannot_grow_is_an_error_of_the_system_with_its_reason(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _NO_SPACE, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (our own)

    assert (done.stdout, done.stderr) == ("File too large\n", "")


@pytest.mark.usefixtures("small_parts")
def test_every_chunk_is_shown_to_who_observes(desk: Desk, tmp_path: Path) -> None:
    seen: list[pa.Table] = []
    ordered = in_order(desk.rows(pa.table({"id": range(250)}), ("id",), 7), tmp_path)

    parquet.write(tmp_path, ordered, ordered.schema, seen.append)

    assert [chunk.num_rows for chunk in seen] == [100, 100, 50]
    assert pa.concat_tables(seen)["id"].to_pylist() == list(range(250))


def _bloomed(file: Path) -> set[str]:
    return {name for name, column in _columns(file).items() if column.bloom_filter_length}


def _identified(desk: Desk, rows: int) -> Ordered:
    """A table of one column for each reason to be looked up by, and some without one."""
    names = ("id", "unique", "code", "pair", "foreign", "text", "few", "number")
    package = desk.package()
    fields: list[dict[str, Any]] = [{"name": name, "type": "any", "title": name} for name in names]
    fields[1]["constraints"] = fields[6]["constraints"] = fields[7]["constraints"] = {"unique": True}
    fields[2]["civicat"] = {"identifier": "uscc"}
    schema = {
        "fields": fields,
        "primaryKey": ["id"],
        "uniqueKeys": [["pair", "id"]],
        "foreignKeys": [{"fields": ["foreign"], "reference": {"resource": "notes", "fields": ["note"]}}],
    }
    package["resources"][0]["schema"] = schema
    texts = [f"{n:07}" for n in range(rows)]
    few = ["a" if n % 2 else "b" for n in range(rows)]
    table = pa.table([texts, *([texts] * 5), few, [n / 3 for n in range(rows)]], list(names))
    return Ordered(desk.dataset(package).resources[0], table.schema, rows, lambda: iter(table.to_batches()), ("id",))


@pytest.mark.usefixtures("small_parts")
def test_bloom_filters_are_for_what_rows_are_looked_up_by(desk: Desk, tmp_path: Path) -> None:
    table = _identified(desk, 101)
    (part,) = parquet.write(tmp_path, table, table.schema)

    # Not for the sort key (its bounds do), a text that is no key, two values, doubles that nobody can spell.
    assert _bloomed(part.path) == {"unique", "code", "pair", "foreign"}


@pytest.mark.usefixtures("small_parts")
def test_a_table_of_one_row_group_has_no_bloom_filter(desk: Desk, tmp_path: Path) -> None:
    table = _identified(desk, 100)
    (part,) = parquet.write(tmp_path, table, table.schema)

    assert _bloomed(part.path) == set()


def test_doubles_are_split_where_that_makes_them_smaller(desk: Desk, tmp_path: Path) -> None:
    walk = [round(math.sin(n) * 7 + n / 50, 2) for n in range(5000)]
    table = pa.table({"id": range(5000), "thirds": [n / 3 for n in range(5000)], "walk": walk})

    columns = _columns(_write(desk, table, tmp_path, ("id",)))

    assert "BYTE_STREAM_SPLIT" in columns["thirds"].encodings
    assert "BYTE_STREAM_SPLIT" not in columns["walk"].encodings


KINDS = pa.schema(
    [
        ("id", pa.int64()),
        ("whole", pa.int64()),
        ("money", pa.decimal128(9, 2)),
        ("exact", pa.decimal128(18, 6)),
        ("huge", pa.decimal128(38, 10)),
        ("double", pa.float64()),
        ("day", pa.date32()),
        ("local", pa.timestamp("us")),
        ("moment", pa.timestamp("us", tz="UTC")),
        ("clock", pa.time64("us")),
        ("flag", pa.bool_()),
        ("文本", pa.string()),
        ("bytes", pa.binary()),
        ("nothing", pa.string()),
    ]
)
EDGES: dict[str, Sequence[Any]] = {
    "whole": (-(2**63), 2**63 - 1, 0, -1, 2**53 + 1),
    "money": (Decimal("-9999999.99"), Decimal("9999999.99"), Decimal("0.01"), Decimal("0.00")),
    "exact": (Decimal("-999999999999.999999"), Decimal("999999999999.999999"), Decimal("0.000001")),
    "huge": (Decimal(f"-{'9' * 28}.{'9' * 10}"), Decimal(f"{'9' * 28}.{'9' * 10}"), Decimal("1E-10")),
    "double": (math.nan, math.inf, -math.inf, -0.0, 0.0, 5e-324, 1.7976931348623157e308, 0.1),
    "day": (date(1, 1, 1), date(9999, 12, 31), date(1970, 1, 1), date(1969, 12, 31)),
    "local": (
        datetime.fromisoformat("1677-01-01T00:00:00"),
        datetime.fromisoformat("9999-12-31T23:59:59.999999"),
        datetime.fromisoformat("1970-01-01T00:00:00"),
    ),
    "moment": (datetime(2026, 2, 22, 1, 2, 3, 4, UTC), datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)),
    "clock": (time(0), time(23, 59, 59, 999_999), time(8, 30)),
    "flag": (True, False),
    "文本": ("", "统计局", "𠮷䶮", "a\nb", "\u0000", " ", "é"),
    "bytes": (b"", b"\x00", bytes(range(256))),
    "nothing": (None,),
}


def _of_every_kind(rows: int) -> pa.Table:
    """Every kind of column, each with its extremes in turn and a null at every fifth place."""
    columns = {
        name: [None if n % 5 == 4 else values[n % len(values)] for n in range(rows)] for name, values in EDGES.items()
    }
    return pa.table({"id": range(rows), **columns}, KINDS)


def _duckdb(paths: list[str]) -> pa.Table:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        read = connection.read_parquet(paths).order("id").to_arrow_table()
    assert [str(kind).replace("Etc/", "") for kind in read.schema.types] == [str(kind) for kind in KINDS.types]
    return read


def _polars(paths: list[str]) -> pa.Table:
    read = pl.read_parquet(paths)
    assert read.dtypes == [
        *(pl.Int64, pl.Int64, pl.Decimal(9, 2), pl.Decimal(18, 6), pl.Decimal(38, 10), pl.Float64, pl.Date),
        *(pl.Datetime("us"), pl.Datetime("us", "UTC"), pl.Time, pl.Boolean, pl.String, pl.Binary, pl.String),
    ]
    return read.to_arrow()


def _pandas(paths: list[str]) -> pa.Table:
    read = pd.concat([pd.read_parquet(path, dtype_backend="pyarrow") for path in paths], ignore_index=True)
    assert [kind.pyarrow_dtype for kind in read.dtypes] == KINDS.types
    return pa.Table.from_pandas(read, preserve_index=False)


def _pyarrow(paths: list[str]) -> pa.Table:
    read = pa.concat_tables(pq.read_table(path, page_checksum_verification=True) for path in paths)
    assert read.schema.types == KINDS.types
    return read


def _cells(table: pa.Table) -> dict[str, list[object]]:
    """Every cell; doubles by their bits, so that -0.0 is not 0.0 and NaN is NaN."""
    columns = {name: table[name].to_pylist() for name in table.column_names}
    return {
        name: [value.hex() if isinstance(value, float) else value for value in values]
        for name, values in columns.items()
    }


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("read", [_pyarrow, _duckdb, _polars, _pandas])
def test_every_engine_reads_back_every_cell_of_every_kind(
    desk: Desk, tmp_path: Path, read: Callable[[list[str]], pa.Table]
) -> None:
    table = _of_every_kind(301)
    parts = _parts(desk, table, tmp_path, ("id",), batch=37)

    assert len(parts) == 2
    assert _cells(read([str(part.path) for part in parts])) == _cells(table)


@pytest.mark.parametrize("dataset", ["usgs/habitat", "us-census/states"])
def test_every_engine_reads_back_a_real_table(tmp_path: Path, dataset: str) -> None:
    submission = validators.read_submission(_DATASETS / dataset)
    if submission.missing_sample is not None:
        pytest.skip(f"{submission.missing_sample} is not unpacked: make samples")
    with validators.check(submission.dataset, Layout(tmp_path), department=submission.department) as checked:
        for table in checked.tables:
            ordered = in_order(table, tmp_path)
            want = pa.Table.from_batches(ordered.batches(), ordered.schema)
            (part,) = parquet.write(tmp_path, ordered, ordered.schema)
            with duckdb.connect() as connection:
                connection.execute("set timezone = 'UTC'")
                assert _cells(connection.read_parquet(str(part.path)).to_arrow_table()) == _cells(want)
            assert pq.read_table(part.path).equals(want)
            assert _cells(pl.read_parquet(part.path).to_arrow()) == _cells(want)
            assert _cells(pa.Table.from_pandas(pd.read_parquet(part.path, dtype_backend="pyarrow"))) == _cells(want)


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"id": pa.array([], pa.int64()), "x": pa.array([], pa.float64())}),
        pa.table({"id": [1], "x": [0.5]}),
        pa.table({"id": [1, 2], "x": pa.array([None, None], pa.decimal128(38, 10))}),
        pa.table({"id": [1, 2], "x": pa.array([None, None], pa.float64())}),
        pa.table({f"c{n}": [n, n + 1] for n in range(1000)}),
        pa.table({"id": [1, 2], "x": ["x" * 30_000_000, "short"]}),
        pa.table({"id": [1], "长" * 5_000: ["a"]}),
        pa.table({"id": [1], 'a "quoted" name': ["a"], "with.dot": [1.5], "it's": [2], "空 格": ["b"]}),
    ],
    ids=["empty", "one row", "null decimals", "null doubles", "1000 columns", "30 MB cell", "long name", "odd names"],
)
def test_odd_tables_come_back(desk: Desk, tmp_path: Path, table: pa.Table) -> None:
    file = _write(desk, table, tmp_path, (table.column_names[0],))

    assert pq.read_table(file).equals(table)
    assert pl.read_parquet(file).to_arrow().cast(table.schema).equals(table)
    with duckdb.connect() as connection:
        assert connection.read_parquet(str(file)).to_arrow_table().cast(table.schema).equals(table)


_CHILD = """
import sys
from pathlib import Path
import pyarrow as pa
from civicat.dataset import read_dataset
from civicat.publish import parquet
from civicat.publish.tables import Ordered

fields = [{"name": name, "type": "any"} for name in ("id", "text", "half")]
resource = {"name": "t", "path": "t.csv", "schema": {"fields": fields, "primaryKey": ["id"]}}
dataset = read_dataset({"name": "t", "resources": [resource]}, "datapackage.yaml", "", Path())
rows = 120_001
texts = [f"街道{n}" if n % 5 else None for n in range(rows)]
table = pa.table({"id": range(rows), "text": texts, "half": [n / 2 for n in range(rows)]})
size = int(sys.argv[2])
ordered = Ordered(dataset.resources[0], table.schema, rows, lambda: iter(table.to_batches(size)), ("id",))
(part,) = parquet.write(Path(sys.argv[1]), ordered, ordered.schema)
print(part.sha256)
"""


def test_two_processes_write_the_same_bytes_on_two_paths(tmp_path: Path) -> None:
    places = {tmp_path / "here": "997", tmp_path / "elsewhere" / "deep": "65536"}
    said = []
    for folder, batch in places.items():
        folder.mkdir(parents=True)
        command = [sys.executable, "-c", _CHILD, str(folder), batch]
        said.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 (our own)

    assert said[0] == said[1]
    assert len({(folder / "t.parquet").read_bytes() for folder in places}) == 1
