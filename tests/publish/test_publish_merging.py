"""Rows that are handed in and rows online as one table: which stay, which give way, and what cannot be put together."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.conversion import ColumnConversion
from civicat.dataset import read_dataset
from civicat.errors import StoreError
from civicat.joining import joined_before
from civicat.layout import read
from civicat.publish.merging import Merged, merged
from civicat.publish.tables import in_order
from civicat.release import Release
from civicat.report import Report, ResourceReport
from civicat.source_reading import reading

if TYPE_CHECKING:
    from tests.publish.conftest import Desk, Rows

Json: TypeAlias = Any  # whatever a descriptor may hold
PAIRS = pa.schema([("a", pa.string()), ("b", pa.int64()), ("n", pa.int64())])


def pairs(*rows: tuple[str | None, int | None, int]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(PAIRS.names, row, strict=True)) for row in rows], PAIRS)


def handed_in(
    desk: Desk,
    table: pa.Table,
    submission: str,
    key: Collection[str] = ("a", "b"),
    batch: int = 1000,
    **columns: Json,
) -> Rows:
    """A typed table of a resource `counts` whose columns are told by what `columns` says of each."""
    kinds = {"string": "string", "int64": "integer", "double": "number"}
    fields: list[dict[str, Any]] = [
        {"name": one.name, "type": kinds.get(str(one.type), "any"), **columns.get(one.name, {})} for one in table.schema
    ]
    resource = {
        "name": "counts",
        "path": "counts.csv",
        "schema": {"fields": fields, "primaryKey": list(key)},
        "civicat": {"submission": submission},
    }
    dataset = read_dataset({"name": "counts", "resources": [resource]}, "datapackage.yaml", "", Path())
    return dataclasses.replace(desk.rows(table, (), batch), resource=dataset.resources[0])


def online(
    desk: Desk, table: pa.Table, key: Collection[str] = ("a", "b"), cut: int | None = None, **columns: Json
) -> Release:
    """A release that holds a table, in two parts where it is cut."""
    ordered = in_order(handed_in(desk, table, "replace", key, **columns), desk.folder / "scratch")
    whole = pa.Table.from_batches(list(ordered.batches()), ordered.schema)
    folder = desk.releases / "1.0.0"
    folder.mkdir(parents=True)
    descriptor = dict(handed_in(desk, table, "append", key, **columns).resource.descriptor)
    schema: dict[str, Any] = dict(descriptor["schema"])  # type: ignore[call-overload] # it is a mapping
    if not key:
        generated = {"name": ordered.key[0], "type": "integer", "civicat": {"generated": True}}
        schema = {**schema, "fields": [generated, *schema["fields"]], "primaryKey": list(ordered.key)}
    pieces = [whole] if cut is None else [whole.slice(0, cut), whole.slice(cut)]
    parts = [_part(folder, number, piece) for number, piece in enumerate(pieces, 1)]
    descriptor = {**descriptor, "schema": schema, "civicat": {"submission": "append", "parts": parts}}
    block = {"release": {"version": "1.0.0", "inputs": "a", "department": dict(desk.department().descriptor)}}
    _write(folder / "datapackage.json", {"name": "counters", "resources": [descriptor], "civicat": block})
    report = {"civicat": {"resources": [{"name": "counts", "sha256": "1" * 64}]}}
    _write(folder / "report.json", report)
    _write(folder / "provenance.json", {"released": "2026-01-01T00:00:00Z"})
    return read(folder)


def _part(folder: Path, number: int, piece: pa.Table) -> dict[str, object]:
    path = folder / f"counts.{number:04}.parquet"
    pq.write_table(piece, path)
    return {"path": path.name, "bytes": path.stat().st_size, "hash": "sha256:0", "rows": piece.num_rows}


def _write(file: Path, values: object) -> None:
    file.write_text(json.dumps(values), "utf-8")


def joined(table: Rows, release: Release | None, names: Iterable[str] = ()) -> Merged:
    (made,) = merged([table], release, frozenset(names))
    return made


def rows(made: Merged) -> list[tuple[object, ...]]:
    """The rows of two readings, which are the same, and as many as it says."""
    once, again = ([tuple(row.values()) for batch in made.batches() for row in batch.to_pylist()] for _ in range(2))
    assert once == again
    assert len(once) == made.rows == made.kept + made.submitted
    assert all(batch.schema.equals(made.schema) for batch in made.batches())
    return once


OLD = pairs(("x", 1, 10), ("x", 2, 20), ("y", 1, 30))


def test_what_is_handed_in_first_is_the_table(desk: Desk) -> None:
    for submission in ("replace", "append", "upsert"):
        made = joined(handed_in(desk, OLD, submission), None)
        assert rows(made) == [("x", 1, 10), ("x", 2, 20), ("y", 1, 30)]
        assert (made.submitted, made.kept, made.replaced) == (3, 0, 0)


def test_what_replaces_the_table_is_the_table(desk: Desk) -> None:
    made = joined(handed_in(desk, pairs(("x", 1, 11)), "replace"), online(desk, OLD))

    assert rows(made) == [("x", 1, 11)]
    assert (made.submitted, made.kept, made.replaced) == (1, 0, 3)


@pytest.mark.parametrize("cut", [None, 1, 2], ids=["whole", "cut at 1", "cut at 2"])
def test_appended_rows_come_after_those_online(desk: Desk, cut: int | None) -> None:
    made = joined(handed_in(desk, pairs(("y", 2, 1), ("a", 1, 2)), "append"), online(desk, OLD, cut=cut))

    assert rows(made) == [("x", 1, 10), ("x", 2, 20), ("y", 1, 30), ("y", 2, 1), ("a", 1, 2)]
    assert (made.submitted, made.kept, made.replaced) == (2, 3, 0)


@pytest.mark.parametrize("cut", [None, 1, 2], ids=["whole", "cut at 1", "cut at 2"])
def test_upserted_rows_take_the_place_of_those_with_their_key(desk: Desk, cut: int | None) -> None:
    made = joined(handed_in(desk, pairs(("y", 1, 31), ("x", 3, 1), ("x", 1, 11)), "upsert"), online(desk, OLD, cut=cut))

    assert rows(made) == [("x", 2, 20), ("y", 1, 31), ("x", 3, 1), ("x", 1, 11)]
    assert (made.submitted, made.kept, made.replaced) == (3, 1, 2)


def test_many_rows_in_small_batches_are_matched_one_by_one(desk: Desk) -> None:
    old = pairs(*(("k", number, 0) for number in range(2_000)))
    new = pairs(*(("k", number, 1) for number in range(1_999, -1, -3)))
    made = joined(handed_in(desk, new, "upsert", batch=7), online(desk, old, cut=1_001))
    values = {b: n for _, b, n in rows(made)}

    assert (made.submitted, made.kept, made.replaced) == (667, 1_333, 667)
    assert values == {number: int((1_999 - number) % 3 == 0) for number in range(2_000)}


def test_a_key_that_is_empty_in_part_is_a_key(desk: Desk) -> None:
    old = pairs(("x", None, 10), ("x", 1, 20))
    made = joined(handed_in(desk, pairs(("x", None, 11)), "upsert"), online(desk, old))

    assert sorted(rows(made), key=str) == [("x", 1, 20), ("x", None, 11)]


def test_the_order_of_the_release_is_that_of_its_key(desk: Desk) -> None:
    made = joined(handed_in(desk, pairs(("x", 1, 11), ("a", 9, 1)), "upsert"), online(desk, OLD))
    ordered = in_order(made, desk.folder / "scratch")

    assert [row for batch in ordered.batches() for row in batch.column("a").to_pylist()] == ["a", "x", "x", "y"]


def test_a_file_that_was_joined_before_adds_nothing(desk: Desk) -> None:
    release = online(desk, OLD)
    for submission in ("append", "upsert"):
        made = joined(handed_in(desk, OLD, submission), release, ["counts"])
        assert rows(made) == [("x", 1, 10), ("x", 2, 20), ("y", 1, 30)]
        assert (made.submitted, made.kept, made.replaced) == (0, 3, 0)
    assert joined(handed_in(desk, pairs(("x", 1, 11)), "replace"), release, ["counts"]).submitted == 1


@pytest.mark.parametrize(("sha256", "expected"), [("1" * 64, {"counts"}), ("2" * 64, set()), ("", set())])
def test_a_file_is_known_by_its_sha256(desk: Desk, sha256: str, expected: set[str]) -> None:
    release = online(desk, OLD)
    one = ResourceReport("counts", "counts.csv", ("a",), 3, 10, sha256, (), {})
    given = [handed_in(desk, OLD, "append").resource]

    assert joined_before(desk.layout, release, Report("transport/counters", (), (one,)), given) == expected
    assert joined_before(desk.layout, None, Report("transport/counters", (), (one,)), given) == set()


def test_a_file_is_known_only_as_it_was_read(desk: Desk) -> None:
    release = online(desk, OLD)
    file = release.folder / "datapackage.json"
    told = json.loads(file.read_text("utf-8"))
    report = Report(
        "transport/counters", (), (ResourceReport("counts", "counts.csv", ("a",), 3, 10, "1" * 64, (), {}),)
    )
    ways: list[dict[str, Json]] = [{}, {"missingValues": ["-"]}]
    for way in ways:
        given = handed_in(desk, OLD, "append", n=way).resource
        told["resources"][0]["civicat"]["read"] = reading(given)
        file.write_text(json.dumps(told), "utf-8")
        assert joined_before(desk.layout, read(release.folder), report, [given]) == {"counts"}
    upsert, append = (handed_in(desk, OLD, one).resource for one in ("upsert", "append"))

    assert joined_before(desk.layout, read(release.folder), report, [upsert]) == set()
    with pytest.raises(StoreError) as refused:
        joined_before(desk.layout, read(release.folder), report, [append])
    assert refused.value.message.zh.startswith("counts 的数据文件早在版本 1.0.0 就已加入，读法却不同，不能再追加。")
    assert refused.value.message.en.startswith("The data file of counts was joined with version 1.0.0, and was read")


def test_rows_without_a_key_are_added_and_numbered_anew(desk: Desk) -> None:
    release = online(desk, OLD, key=())
    made = joined(handed_in(desk, pairs(("x", 1, 10)), "append", key=()), release)
    ordered = in_order(made, desk.folder / "scratch")

    assert pq.read_schema(release.tables[0].path).names == ["row_number", "a", "b", "n"]
    assert rows(made) == [("x", 1, 10), ("x", 2, 20), ("y", 1, 30), ("x", 1, 10)]
    assert [row for batch in ordered.batches() for row in batch.column(0).to_pylist()] == [1, 2, 3, 4]


def test_a_column_of_a_name_that_publishing_gives_is_kept(desk: Desk) -> None:
    named = pa.table({"row_number": pa.array([7], pa.int64()), "a": ["x"]})
    release = online(desk, named, key=())
    made = joined(handed_in(desk, named, "append", key=()), release)

    assert pq.read_schema(release.tables[0].path).names == ["_row_number", "row_number", "a"]
    assert rows(made) == [(7, "x"), (7, "x")]


def test_a_new_column_is_empty_in_the_rows_online(desk: Desk) -> None:
    new = pairs(("z", 1, 1)).add_column(0, "note.en", [["wet"]])
    made = joined(handed_in(desk, new, "append"), online(desk, OLD))

    assert [row[0] for row in rows(made)] == [None, None, None, "wet"]
    assert made.schema.names == ["note.en", "a", "b", "n"]


def test_columns_stand_as_in_what_is_handed_in_and_go_by_their_new_names(desk: Desk) -> None:
    new = pa.table({"m": pa.array([1], pa.int64()), "b": pa.array([1], pa.int64()), "a": ["z"]})
    made = joined(handed_in(desk, new, "append", m={"civicat": {"renamed": "n"}}), online(desk, OLD))

    assert rows(made) == [(10, 1, "x"), (20, 2, "x"), (30, 1, "y"), (1, 1, "z")]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ((9, 2), (18, 2), (18, 2)),
        ((18, 2), (9, 2), (18, 2)),
        ((9, 2), (9, 3), (10, 3)),
        ((38, 2), (18, 2), (38, 2)),
    ],
)
def test_decimals_grow_to_hold_both(
    desk: Desk, old: tuple[int, int], new: tuple[int, int], kind: tuple[int, int]
) -> None:
    def table(key: str, digits: tuple[int, int]) -> pa.Table:
        value = Decimal("9" * (digits[0] - digits[1]))
        return pa.table({"a": [key], "p": pa.array([value], pa.decimal128(*digits))})

    release = online(desk, table("x", old), key=("a",))
    made = joined(handed_in(desk, table("y", new), "append", key=("a",)), release)

    assert made.schema.field("p").type == pa.decimal128(*kind)
    assert [row[1] for row in rows(made)] == [Decimal("9" * (one[0] - one[1])) for one in (old, new)]


def refused(table: Rows, release: Release) -> StoreError:
    with pytest.raises(StoreError) as caught:
        joined(table, release)
    return caught.value


def test_a_column_that_is_gone_keeps_rows_apart(desk: Desk) -> None:
    error = refused(handed_in(desk, OLD.drop_columns(["n"]), "append"), online(desk, OLD))

    assert error.what.zh == "counts 的行不能与版本 1.0.0 的行合在一起：缺少“n”一列。"
    assert error.what.en == "The rows of counts cannot join those of version 1.0.0: column n is gone."
    assert "submission: replace" in error.remedy.zh
    assert "submission: replace" in error.remedy.en


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array(["1"]), "column n was integer and is string"),
        (pa.array([1.0]), "column n was integer and is number"),
        (pa.array([1], pa.uint64()), "column n was integer and is any"),
    ],
    ids=["text", "float", "other"],
)
def test_a_column_that_is_retyped_keeps_rows_apart(desk: Desk, column: pa.Array[Any], said: str) -> None:
    new = pairs(("z", 1, 1)).set_column(2, "n", column)

    assert said in refused(handed_in(desk, new, "append"), online(desk, OLD)).what.en


@pytest.mark.parametrize(
    ("old", "new", "values"),
    [
        (pa.decimal128(9, 3), pa.decimal128(9, 2), [Decimal(1)]),
        (pa.timestamp("us", "UTC"), pa.timestamp("us"), [0]),
        (pa.decimal128(38, 2), pa.decimal128(38, 3), [Decimal(1)]),
    ],
    ids=["fewer decimals", "no zone", "too many digits"],
)
def test_values_that_no_type_holds_keep_rows_apart(
    desk: Desk, old: pa.DataType, new: pa.DataType, values: list[object]
) -> None:
    def table(kind: pa.DataType, cells: list[Any], key: str) -> pa.Table:
        return pa.table({"a": [key], "v": pa.array(cells, kind)})

    release = online(desk, table(old, values, "x"), key=("a",))

    assert (
        f"column v was {old} and is {new}"
        in refused(handed_in(desk, table(new, values, "y"), "append", key=("a",)), release).what.en
    )
    blank = joined(handed_in(desk, table(new, [None], "y"), "append", key=("a",)), release)
    assert blank.schema.field("v").type == old
    assert [row[1] is None for row in rows(blank)] == [False, True]


def test_a_column_in_another_unit_keeps_rows_apart(desk: Desk) -> None:
    release = online(desk, OLD, n={"civicat": {"unit": "km"}})
    error = refused(handed_in(desk, pairs(("z", 1, 1)), "append", n={"civicat": {"unit": "mi"}}), release)

    assert "column n was in km and is in mi" in error.what.en
    assert "“n”一列的单位原为 km，现为 mi" in error.what.zh


def test_a_new_column_that_must_not_be_empty_keeps_rows_apart(desk: Desk) -> None:
    new = pairs(("z", 1, 1)).append_column("m", [["x"]])
    error = refused(handed_in(desk, new, "append", m={"constraints": {"required": True}}), online(desk, OLD))

    assert "the new column m must not be empty" in error.what.en
    assert "新增的“m”一列不得为空" in error.what.zh


@pytest.mark.parametrize(
    ("was", "now"), [(("a", "b"), ("a",)), ((), ("a", "b")), (("a", "b"), ()), (("a", "b"), ("b", "a"))]
)
def test_another_primary_key_keeps_rows_apart(desk: Desk, was: tuple[str, ...], now: tuple[str, ...]) -> None:
    error = refused(handed_in(desk, pairs(("z", 1, 1)), "append", key=now), online(desk, OLD, key=was))

    assert f"the primary key was {', '.join(was) or '—'} and is {', '.join(now) or '—'}" in error.what.en


def test_a_key_that_is_online_is_never_appended(desk: Desk) -> None:
    error = refused(handed_in(desk, pairs(("y", 1, 31), ("z", 1, 1)), "append"), online(desk, OLD, cut=2))

    assert error.what.zh == "counts 有 1 行的主键已在版本 1.0.0 中，不能追加。"
    assert error.what.en.startswith("1 row of counts has a primary key that is in version 1.0.0 already")


def test_a_release_that_is_damaged_says_so(desk: Desk) -> None:
    release = online(desk, OLD, cut=2)
    release.tables[0].paths[1].write_bytes(b"PAR1")
    with pytest.raises(StoreError, match="Run civicat verify"):
        rows(joined(handed_in(desk, pairs(("z", 1, 1)), "append"), release))


def test_what_became_of_the_texts_is_handed_on(desk: Desk) -> None:
    told = (ColumnConversion("n", "int64", 1, 0, 1),)

    @dataclasses.dataclass(frozen=True)
    class Converted:
        table: Rows
        conversion: tuple[ColumnConversion, ...] = told

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the table has
            return getattr(self.table, name)

    new = Converted(handed_in(desk, pairs(("z", 1, 1)), "append"))
    (made,) = merged([new], online(desk, OLD), frozenset())
    (first,) = merged([new], None, frozenset())
    assert made.conversion == first.conversion == told
