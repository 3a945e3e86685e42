from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.errors import CivicatError, SourceError, StoreError
from civicat.layout import Layout
from civicat.publish import staging
from civicat.publish.damage import differing
from civicat.publish.jsontext import canonical, sha256_of
from civicat.publish.manifest import Entry, load, manifest, previous, seal
from civicat.publish.retract import retract
from civicat.publish.signing import Signer, check_trust, new_key, publish_key
from civicat.publish.single import verify_file
from civicat.publish.verify import Damaged, Verified, verify, verify_size
from civicat.release import Version
from civicat.text import Text

DATASET = "transport/counters"
COLUMNS = ("id", "name", "name.en", "share")
GROUP_ROWS = 250
ROWS = 1000


@dataclass
class Store:
    """A store of synthetic releases that are sealed as publish seals them."""

    layout: Layout
    signer: Signer | None
    keys: Path

    @property
    def folder(self) -> Path:
        return self.layout.dataset(DATASET)

    def publish(self, version: str, dataset: str = DATASET, *, tables: tuple[str, ...] = ("counters",)) -> Path:
        """The next release: its tables, changes, three JSON files, manifest and signature."""
        folder = self.layout.dataset(dataset) / version
        before = previous(self.layout, dataset)
        folder.mkdir(parents=True)
        for name in tables:
            write_table(folder / f"{name}.parquet", dataset, version, name)
        changes = pa.table({"key": ["1"], "old": [version]})
        pq.write_table(changes, folder / "changes.parquet", write_page_checksum=True)
        for name in ("datapackage", "report", "provenance"):
            lines = {"what": name, "version": version, "words": ["静", "quiet"] * 20}
            (folder / f"{name}.json").write_bytes((json.dumps(lines, ensure_ascii=False, indent=2) + "\n").encode())
        for file in folder.iterdir():
            staging.seal(file)
        content = manifest(
            folder,
            dataset=dataset,
            version=parsed(version),
            released="2026-03-03T00:00:00Z",
            inputs="a" * 64,
            previous=before,
            key=self.signer.key_id if self.signer else "",
            rows={f"{name}.parquet": ROWS for name in tables},
        )
        if self.signer:
            publish_key(self.layout, self.signer)
        seal(folder, content, self.signer)
        return folder

    def take_down(self, version: str) -> Path:
        """Leaves a tombstone, the manifest and the provenance, as retract does, and takes the old cells out."""
        folder = self.folder / version
        numbers = [str(one) for one in self.layout.numbers(DATASET)]
        following = numbers[numbers.index(version) + 1 :]
        for name in following[:1]:
            (self.folder / name / "changes.parquet").unlink()
        content = canonical(
            {
                "format": "civicat-tombstone-1",
                "dataset": DATASET,
                "version": version,
                "title": {"zh": "计数", "en": "Counts"},
                "reason": {"zh": "含个人信息。", "en": "Personal data."},
                "authority": {"zh": "数据台", "en": "Data desk"},
                "retracted": "2026-03-04T00:00:00Z",
                "manifest": sha256_of((folder / "manifest.json").read_bytes()),
            }
        )
        for file in folder.iterdir():
            if file.name not in {"manifest.json", "manifest.sig", "provenance.json"}:
                file.unlink()
        if self.signer:
            staging.write(folder / "tombstone.sig", self.signer.sign(content))
        staging.write(folder / "tombstone.json", content)
        return folder

    def damaged(self, **options: object) -> list[tuple[str, str]]:
        found = list(verify(self.layout, **options))  # type: ignore[arg-type] # as the test names them
        return [(str(one.version), one.file) for one in found if isinstance(one, Damaged)]

    def only(self) -> Damaged:
        """The one thing that is wrong."""
        [found] = [one for one in verify(self.layout) if isinstance(one, Damaged)]
        return found


def parsed(version: str) -> Version:
    found = Version.parse(version)
    assert found is not None
    return found


def write_table(file: Path, dataset: str, version: str, resource: str) -> None:
    says = json.dumps({"dataset": dataset, "version": version, "resource": resource})
    numbers = range(ROWS)
    columns = {
        "id": pa.array(numbers, pa.int64()),
        "name": pa.array([f"桥{number * 7919 % 1009}" for number in numbers]),
        "name.en": pa.array([f"Bridge {number % 9}" for number in numbers]),
        "share": pa.array([Decimal(number % 50) / 4 for number in numbers], pa.decimal128(9, 2)),
    }
    table = pa.table(columns).replace_schema_metadata({"civicat:release": says, "for": version})
    pq.write_table(
        table,
        file,
        row_group_size=GROUP_ROWS,
        compression="zstd",
        use_dictionary=["name.en"],
        column_encoding={"id": "DELTA_BINARY_PACKED", "name": "DELTA_LENGTH_BYTE_ARRAY"},
        store_decimal_as_integer=True,
        write_page_index=True,
        write_page_checksum=True,
    )


def make(tmp_path: Path, *, signed: bool) -> Store:
    keys = tmp_path / "private"
    keys.mkdir()
    signer = new_key(keys / "key.pem") if signed else None
    return Store(Layout(tmp_path / "store"), signer, keys)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A signed store without a release."""
    return make(tmp_path, signed=True)


@pytest.fixture
def unsigned(tmp_path: Path) -> Store:
    return make(tmp_path, signed=False)


def rewrite(file: Path, content: bytes | bytearray) -> None:
    if file.exists():
        file.chmod(0o644)
    file.write_bytes(content)
    file.chmod(0o444)


def flip(file: Path, bit: int) -> None:
    content = bytearray(file.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    rewrite(file, content)


def forge(folder: Path, changed: Mapping[str, object], signer: Signer | None = None) -> None:
    """Another manifest in the place of the one there: canonical, and signed if there is somebody to sign it."""
    content = canonical(json.loads((folder / "manifest.json").read_bytes()) | dict(changed))
    rewrite(folder / "manifest.json", content)
    if signer:
        rewrite(folder / "manifest.sig", signer.sign(content))


def chunks(file: Path) -> Iterator[tuple[int, int, int, str]]:
    """First byte, last byte, row group and column of all the pages of a Parquet file."""
    metadata = pq.read_metadata(file)
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(column)
            start = chunk.dictionary_page_offset or chunk.data_page_offset
            yield start, start + chunk.total_compressed_size - 1, group, chunk.path_in_schema


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_releases_as_they_were_published_are_verified(tmp_path: Path, *, signed: bool) -> None:
    store = make(tmp_path, signed=signed)
    folders = [store.publish(version) for version in ("1.0.0", "1.0.1", "2.0.0")]

    found = list(verify(store.layout))

    key = store.signer.key_id if store.signer else ""
    assert found == [
        Verified(DATASET, parsed(folder.name), 6 + signed, sum(one.stat().st_size for one in folder.iterdir()), key)
        for folder in folders
    ]


def test_an_empty_store_has_nothing_to_verify(store: Store) -> None:
    assert list(verify(store.layout)) == []
    assert verify_size(store.layout) == 0


def test_what_a_killed_run_left_behind_is_no_damage(store: Store) -> None:
    store.publish("1.0.0")
    (store.folder / ".staging").mkdir()

    assert store.damaged() == []


def test_one_dataset_can_be_verified_alone(store: Store) -> None:
    store.publish("1.0.0")
    flip(store.publish("1.0.0", "transport/other") / "report.json", 0)

    assert store.damaged(dataset=DATASET) == []
    assert store.damaged(dataset="transport/other") == [("1.0.0", "report.json")]
    with pytest.raises(StoreError, match=r"has no release of transport/none\.") as caught:
        list(verify(store.layout, dataset="transport/none"))
    assert caught.value.message.zh.endswith("中没有 transport/none 的版本。")


def test_progress_tells_of_every_byte_once(store: Store) -> None:
    store.publish("1.0.0")
    flip(store.publish("1.0.1") / "manifest.json", 80)
    told: list[int] = []

    list(verify(store.layout, progress=told.append))

    assert sum(told) == verify_size(store.layout) > 0


@pytest.mark.parametrize("name", ["report.json", "manifest.json", "manifest.sig"])
def test_a_file_that_was_made_writable_is_told_with_the_content_intact(store: Store, name: str) -> None:
    (store.publish("1.0.0") / name).chmod(0o464)

    assert store.only().message == Text(
        f"transport/counters 1.0.0：文件 {name} 的权限被改动：可以写入。内容仍与发布时相同；请运行 chmod 444。",
        f"transport/counters 1.0.0: the file {name} had its permissions changed: it can be written. "
        "Its content is as it was published; run chmod 444.",
    )


def test_fewer_permissions_are_no_damage(store: Store) -> None:
    (store.publish("1.0.0") / "report.json").chmod(0o400)

    assert store.damaged() == []


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "name", ["counters.parquet", "changes.parquet", "datapackage.json", "report.json", "provenance.json"]
)
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_one_flipped_bit_is_found_in_any_file(tmp_path: Path, name: str, seed: int, *, signed: bool) -> None:
    store = make(tmp_path, signed=signed)
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        store.publish(version)
    where = random.Random(f"{name} {seed}")  # noqa: S311 - the same bits in each run
    version = where.choice(["1.0.0", "1.0.1", "1.0.2"])
    file = store.folder / version / name
    flip(file, where.randrange(8 * file.stat().st_size))

    assert store.damaged() == [(version, name)]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig"])
def test_one_flipped_bit_is_found_in_a_proof_that_another_release_vouches_for(
    store: Store, name: str, seed: int
) -> None:
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        store.publish(version)
    where = random.Random(f"{name} {seed}")  # noqa: S311 - the same bits in each run
    version = where.choice(["1.0.0", "1.0.1"])
    file = store.folder / version / name
    flip(file, where.randrange(8 * file.stat().st_size))

    assert store.damaged() == [(version, name)]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig"])
def test_of_the_newest_release_manifest_and_signature_are_told_together(store: Store, name: str, seed: int) -> None:
    store.publish("1.0.0")
    file = store.publish("1.0.1") / name
    flip(file, random.Random(seed).randrange(8 * file.stat().st_size))  # noqa: S311 - the same bits in each run

    assert store.damaged() == [("1.0.1", "manifest.json")]


def test_the_line_says_that_either_has_changed(store: Store) -> None:
    flip(store.publish("1.0.0") / "manifest.sig", 9)

    assert store.only().message.en == (
        "transport/counters 1.0.0: the file manifest.json does not belong to manifest.sig: one of the two has changed. "
        "Restore both from a backup."
    )
    assert store.only().message.zh == (
        "transport/counters 1.0.0：文件 manifest.json 与 manifest.sig 不符：其中之一已被改动。请从备份恢复这两个文件。"
    )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", ["tombstone.json", "tombstone.sig", "manifest.json", "provenance.json"])
def test_one_flipped_bit_is_found_beside_a_tombstone(store: Store, name: str, seed: int) -> None:
    store.publish("1.0.0")
    store.publish("1.0.1")
    file = store.take_down("1.0.0") / name
    flip(file, random.Random(f"{name} {seed}").randrange(8 * file.stat().st_size))  # noqa: S311 - the same each time

    told = {"tombstone.sig": "tombstone.json"}.get(name, name)  # which of the two has changed nobody can say
    assert store.damaged() == [("1.0.0", told)]


def test_an_unsigned_manifest_that_changed_is_found_by_the_next_one(unsigned: Store) -> None:
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        unsigned.publish(version)
    forge(unsigned.folder / "1.0.1", {"inputs": "b" * 64})

    found = unsigned.only()

    assert (str(found.version), found.file) == ("1.0.1", "manifest.json")
    assert "has changed: 1.0.2 was published after another one" in found.message.en
    assert "已被改动：与 1.0.2 发布时所记的 sha256 不同" in found.message.zh


def test_a_signed_manifest_is_believed_more_than_one_that_lost_its_signature(store: Store) -> None:
    store.publish("1.0.0")
    second = store.publish("1.0.1")
    forge(second, {"previous": {"version": "1.0.0", "sha256": "0" * 64}})
    (second / "manifest.sig").unlink()

    assert store.damaged() == [("1.0.1", "manifest.json"), ("1.0.1", "manifest.sig")]


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_bit_of_data_is_told_by_row_group_and_column(unsigned: Store, seed: int) -> None:
    file = unsigned.publish("1.0.0") / "counters.parquet"
    where = random.Random(seed)  # noqa: S311 - the same bits in each run
    first, last, group, column = where.choice(list(chunks(file)))
    # The end is the data of the last page; what a page says of itself stands before it, and readers skip some of that.
    flip(file, 8 * where.randrange(max(first, last - 15), last + 1) + where.randrange(8))

    found = unsigned.only()

    rows = (group * GROUP_ROWS + 1, (group + 1) * GROUP_ROWS)
    assert found.file == "counters.parquet"
    assert found.part.en == (
        f"table counters, row group {group + 1} (rows {rows[0]:,} to {rows[1]:,}), column {column}"
    )
    assert found.part.zh == f"数据表 counters，行组 {group + 1}（第 {rows[0]:,} 至 {rows[1]:,} 行），字段 {column}"
    assert found.message.en == (
        f"transport/counters 1.0.0: the file counters.parquet is not as it was published ({found.part.en}). "
        "Restore it from a backup."
    )
    assert found.message.zh == (
        f"transport/counters 1.0.0：文件 counters.parquet 与发布时不同（{found.part.zh}）。请从备份恢复。"
    )


@pytest.mark.parametrize("seed", range(60))
def test_no_flipped_bit_is_blamed_on_another_column(unsigned: Store, seed: int) -> None:
    file = unsigned.publish("1.0.0") / "counters.parquet"
    where = random.Random(f"anywhere {seed}")  # noqa: S311 - the same bits in each run
    first, last, group, column = where.choice(list(chunks(file)))
    flip(file, 8 * where.randrange(first, last + 1) + where.randrange(8))

    part = unsigned.only().part.en

    named = f"table counters, row group {group + 1} (rows "
    assert (part.startswith(named) and part.endswith(f", column {column}")) or "every page of its data" in part


def test_a_column_inside_another_is_named_by_its_path(tmp_path: Path) -> None:
    boxes = pa.array([{"xmin": number / 7, "ymin": number / 3} for number in range(ROWS)])
    file = tmp_path / "places.0001.parquet"
    pq.write_table(pa.table({"bbox": boxes}), file, use_dictionary=False, write_page_checksum=True)
    entry = Entry(file.name, file.stat().st_size, "0" * 64)
    flip(file, 8 * next(last for _, last, _, column in chunks(file) if column == "bbox.ymin"))

    assert differing(file, entry).en == "table places, row group 1 (rows 1 to 1,000), column bbox.ymin"


def test_a_table_without_rows_has_no_page_that_differs(tmp_path: Path) -> None:
    file = tmp_path / "places.parquet"
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), file)

    assert differing(file, Entry(file.name, file.stat().st_size, "0" * 64)).en.startswith("its footer or metadata")


def test_many_damaged_pages_are_counted(unsigned: Store) -> None:
    file = unsigned.publish("1.0.0") / "counters.parquet"
    for _, last, _, _ in chunks(file):
        flip(file, 8 * last)

    part = unsigned.only().part

    groups = ROWS // GROUP_ROWS
    assert part.en.endswith(f"column name.en; and {groups * len(COLUMNS) - 3} more")
    assert part.zh.endswith(f"字段 name.en；另有 {groups * len(COLUMNS) - 3} 处")


def test_a_changed_footer_is_told_apart_from_changed_data(unsigned: Store) -> None:
    file = unsigned.publish("1.0.0") / "counters.parquet"
    at = file.read_bytes().rindex(b"for\x18\x051.0.0") + 5
    flip(file, 8 * at)

    assert unsigned.only().part.en == "its footer or metadata; every page of its data still holds"
    assert unsigned.only().part.zh == "文件尾或元数据；所有数据页的校验均成立"


def test_a_footer_that_cannot_be_read_is_told(unsigned: Store) -> None:
    file = unsigned.publish("1.0.0") / "counters.parquet"
    content = file.read_bytes()
    size = int.from_bytes(content[-8:-4], "little")
    rewrite(file, content[: -8 - size] + b"\xff" * size + content[-8:])

    assert unsigned.only().part.en == "its footer, which says how the table is built"
    assert unsigned.only().part.zh == "文件尾（表的结构）"


@pytest.mark.parametrize("at", [0, -1])
def test_lost_marks_are_told(unsigned: Store, at: int) -> None:
    file = unsigned.publish("1.0.0") / "counters.parquet"
    content = bytearray(file.read_bytes())
    content[at] = 0
    rewrite(file, content)

    assert unsigned.only().part.en == "its PAR1 marks: it is no Parquet file any more"
    assert unsigned.only().part.zh == "首尾的 PAR1 标记，已不是 Parquet 文件"


@pytest.mark.parametrize("size", [0, 3, 900])
def test_a_truncated_table_is_told_with_its_sizes(unsigned: Store, size: int) -> None:
    file = unsigned.publish("1.0.0") / "counters.parquet"
    content = file.read_bytes()
    rewrite(file, content[:size])

    found = unsigned.only().part

    assert found.en == f"{size} bytes instead of {len(content)}, and it is no Parquet file any more"
    assert found.zh == f"应为 {len(content)} 字节，实为 {size} 字节，已不是 Parquet 文件"


def test_json_is_told_by_the_place_where_it_stops_being_json(unsigned: Store) -> None:
    folder = unsigned.publish("1.0.0")
    for name, old, new in (
        ("datapackage.json", b'"version"', b'"version~'),
        ("report.json", "静".encode(), b"\xff\xff\xff"),
        ("provenance.json", b"quiet", b"loud!"),
    ):
        rewrite(folder / name, (folder / name).read_bytes().replace(old, new, 1))

    parts = {one.file: one.part for one in verify(unsigned.layout) if isinstance(one, Damaged)}

    assert parts["datapackage.json"].en == "no JSON from line 3, column 15 on"
    assert parts["datapackage.json"].zh == "第 3 行第 15 列起已不是 JSON"
    assert parts["report.json"].en == "line 5 is no UTF-8"
    assert parts["report.json"].zh == "第 5 行不是 UTF-8"
    assert not parts["provenance.json"]


@pytest.mark.parametrize("name", ["counters.parquet", "changes.parquet", "report.json", "manifest.sig"])
def test_a_missing_file_is_named(store: Store, name: str) -> None:
    (store.publish("1.0.0") / name).unlink()

    found = store.only()

    assert found.message.en == f"transport/counters 1.0.0: the file {name} is missing. Restore it from a backup."
    assert found.message.zh == f"transport/counters 1.0.0：文件 {name} 缺失。请从备份恢复。"


@pytest.mark.parametrize("name", ["notes.csv", "tombstone.sig"])
def test_an_extra_file_is_named(store: Store, name: str) -> None:
    (store.publish("1.0.0") / name).write_text("note\n")

    found = store.only()

    assert found.file == name
    assert found.message.en.endswith("does not belong to this release. Take it out of its folder.")
    assert found.message.zh.endswith("不属于这个版本。请移出该目录。")


def test_a_signature_beside_an_unsigned_manifest_is_one_too_many(unsigned: Store) -> None:
    (unsigned.publish("1.0.0") / "manifest.sig").write_bytes(b"0" * 64)

    assert unsigned.damaged() == [("1.0.0", "manifest.sig")]


def test_a_folder_and_a_link_are_no_files(store: Store, tmp_path: Path) -> None:
    folder = store.publish("1.0.0")
    elsewhere = tmp_path / "report.json"
    shutil.move(folder / "report.json", elsewhere)
    (folder / "report.json").symlink_to(elsewhere)
    (folder / "provenance.json").unlink()
    (folder / "provenance.json").mkdir()

    found = [one for one in verify(store.layout) if isinstance(one, Damaged)]

    assert [one.file for one in found] == ["provenance.json", "report.json"]
    assert all(one.message.en.endswith("is no plain file. Restore it from a backup.") for one in found)
    assert all(one.message.zh.endswith("不是普通文件。请从备份恢复。") for one in found)


def test_a_manifest_that_is_a_link_is_not_followed(store: Store, tmp_path: Path) -> None:
    folder = store.publish("1.0.0")
    shutil.move(folder / "manifest.json", tmp_path / "manifest.json")
    (folder / "manifest.json").symlink_to(tmp_path / "manifest.json")

    assert store.only().message.en == (
        "transport/counters 1.0.0: the file manifest.json cannot be read, or is no plain file. "
        "Check its permissions, or restore it from a backup."
    )
    assert "manifest.json 无法读取，或不是普通文件。请检查权限，或从备份恢复。" in store.only().message.zh


def test_a_file_without_permission_is_told(store: Store) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    (store.publish("1.0.0") / "report.json").chmod(0)

    assert "cannot be read (Permission denied)" in store.only().message.en


def test_files_of_two_releases_cannot_be_swapped(store: Store) -> None:
    first, second = store.publish("1.0.0"), store.publish("1.0.1")
    for name in ("counters.parquet", "datapackage.json"):
        rewrite(first / name, (second / name).read_bytes())

    assert store.damaged() == [("1.0.0", "counters.parquet"), ("1.0.0", "datapackage.json")]


def test_a_whole_release_cannot_stand_in_for_another(store: Store) -> None:
    first, second = store.publish("1.0.0"), store.publish("1.0.1")
    shutil.rmtree(first)
    shutil.copytree(second, first)

    found = store.only()

    assert (str(found.version), found.file) == ("1.0.0", "manifest.json")
    assert "does not belong here: it is that of transport/counters 1.0.1" in found.message.en
    assert "属于另一版本 transport/counters 1.0.1" in found.message.zh


def test_a_release_that_is_gone_from_the_chain_is_named(store: Store) -> None:
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        store.publish(version)
    shutil.rmtree(store.folder / "1.0.1")

    found = store.only()

    assert (str(found.version), found.file) == ("1.0.1", "manifest.json")
    assert "is missing, as is the whole release, and 1.0.2 was published after it." in found.message.en
    assert "缺失：1.0.2 接在该版本之后发布，而整个版本已不在。" in found.message.zh


def test_a_first_release_that_is_gone_is_named(store: Store) -> None:
    store.publish("1.0.0")
    store.publish("1.0.1")
    shutil.rmtree(store.folder / "1.0.0")

    assert store.damaged() == [("1.0.0", "manifest.json")]


def test_a_release_that_was_slipped_into_the_chain_is_named(unsigned: Store) -> None:
    unsigned.publish("1.0.0")
    third = unsigned.publish("1.0.2")
    aside = third.rename(unsigned.layout.store / "aside")
    unsigned.publish("1.0.1")
    aside.rename(third)

    found = unsigned.only()

    assert (str(found.version), found.file) == ("1.0.1", "manifest.json")
    assert "is not in the chain: 1.0.2 came right after 1.0.0. Take its folder out." in found.message.en
    assert "不在版本链中：1.0.2 接在 1.0.0 之后。请移出该目录。" in found.message.zh


def test_a_release_before_the_first_is_named(unsigned: Store) -> None:
    first = unsigned.publish("1.0.1")
    aside = first.rename(unsigned.layout.store / "aside")
    unsigned.publish("1.0.0")
    aside.rename(first)

    assert unsigned.damaged() == [("1.0.0", "manifest.json")]


def test_a_chain_that_was_signed_does_not_go_on_unsigned(store: Store) -> None:
    store.publish("1.0.0")
    store.signer = None
    store.publish("1.0.1")

    found = store.only()

    assert (str(found.version), found.file) == ("1.0.1", "manifest.sig")
    assert "the releases before are signed and this one is not" in found.message.en
    assert "此前的版本有签名，这一版没有" in found.message.zh


def test_signing_can_begin_later(unsigned: Store) -> None:
    unsigned.publish("1.0.0")
    unsigned.signer = new_key(unsigned.keys / "late.pem")
    unsigned.publish("1.0.1")

    assert unsigned.damaged() == []


def test_a_public_key_that_is_missing_is_named(store: Store) -> None:
    store.publish("1.0.0")
    assert store.signer
    file = store.layout.keys / f"{store.signer.key_id}.pem"
    file.unlink()

    found = store.only()

    assert f"is signed with the key {store.signer.key_id}, and keys/{file.name} is missing" in found.message.en
    assert f"由密钥 {store.signer.key_id} 签名，但 keys/{file.name} 缺失" in found.message.zh


def test_a_public_key_under_the_name_of_another_proves_nothing(store: Store) -> None:
    store.publish("1.0.0")
    assert store.signer
    rewrite(store.layout.keys / f"{store.signer.key_id}.pem", new_key(store.keys / "other.pem").public_pem.encode())

    assert f"it does not hold the key {store.signer.key_id}" in store.only().message.en
    assert f"其中不是密钥 {store.signer.key_id}" in store.only().message.zh


def test_a_signature_by_another_key_does_not_hold(store: Store) -> None:
    folder = store.publish("1.0.0")
    rewrite(folder / "manifest.sig", new_key(store.keys / "o.pem").sign((folder / "manifest.json").read_bytes()))

    assert store.damaged() == [("1.0.0", "manifest.json")]


def test_a_cut_signature_is_named(store: Store) -> None:
    folder = store.publish("1.0.0")
    rewrite(folder / "manifest.sig", b"0" * 63)

    assert "the file manifest.sig has 63 bytes instead of 64." in store.only().message.en
    assert "应为 64 字节，实为 63。" in store.only().message.zh


def public_file(store: Store, signer: Signer) -> Path:
    file = store.keys / f"{signer.key_id}.pub"
    file.write_text(signer.public_pem)
    return file


def test_every_release_can_be_held_to_one_key(store: Store) -> None:
    assert store.signer
    store.publish("1.0.0")
    first = store.signer
    store.signer = new_key(store.keys / "second.pem")
    rewrite(store.layout.keys / f"{store.signer.key_id}.pem", store.signer.public_pem.encode())
    store.publish("1.0.1")

    assert store.damaged() == []
    assert store.damaged(key=public_file(store, first)) == [("1.0.1", "manifest.json")]
    assert store.damaged(key=public_file(store, store.signer)) == [("1.0.0", "manifest.json")]


def test_a_key_that_signed_nothing_is_told_once(store: Store) -> None:
    store.publish("1.0.0")
    store.publish("1.0.1")
    assert store.signer
    other = new_key(store.keys / "other.pem")

    with pytest.raises(CivicatError) as caught:
        list(verify(store.layout, key=public_file(store, other)))

    assert caught.value.message.en == (
        f"No release here is signed with the key {other.key_id}. They are signed with {store.signer.key_id}."
    )
    assert caught.value.message.zh == f"这里没有用密钥 {other.key_id} 签名的版本。签名所用的是 {store.signer.key_id}。"


def test_an_unsigned_store_is_not_that_of_a_key(unsigned: Store) -> None:
    unsigned.publish("1.0.0")

    with pytest.raises(CivicatError, match="They are not signed") as caught:
        list(verify(unsigned.layout, key=public_file(unsigned, new_key(unsigned.keys / "other.pem"))))
    assert caught.value.message.zh.endswith("它们没有签名。")


def test_a_forger_who_exchanges_the_keys_too_is_found_with_the_key_of_old(store: Store) -> None:
    folder = store.publish("1.0.0")
    assert store.signer
    forger = new_key(store.keys / "forger.pem")
    rewrite(store.layout.keys / f"{forger.key_id}.pem", forger.public_pem.encode())
    forge(folder, {"key": forger.key_id}, forger)

    assert store.damaged() == []
    with pytest.raises(CivicatError, match="No release here is signed"):
        list(verify(store.layout, key=public_file(store, store.signer)))


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_what_is_left_of_a_release_that_was_taken_down_is_verified(tmp_path: Path, *, signed: bool) -> None:
    store = make(tmp_path, signed=signed)
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        store.publish(version)
    store.take_down("1.0.1")

    found = list(verify(store.layout))

    assert [(one.version, one.files, one.is_down) for one in found if isinstance(one, Verified)] == [
        (parsed("1.0.0"), 6 + signed, False),
        (parsed("1.0.1"), 3 + 2 * signed, True),
        (parsed("1.0.2"), 5 + signed, False),
    ]


def test_a_dataset_of_which_all_was_taken_down_is_verified_too(store: Store) -> None:
    store.publish("1.0.0")
    flip(store.take_down("1.0.0") / "provenance.json", 0)

    assert store.damaged() == [("1.0.0", "provenance.json")]


def test_data_beside_a_tombstone_is_damage(store: Store) -> None:
    folder = store.publish("1.0.0")
    kept = (folder / "counters.parquet").read_bytes()
    store.take_down("1.0.0")
    (folder / "counters.parquet").write_bytes(kept)

    found = store.only()

    assert found.message.en.startswith(
        "transport/counters 1.0.0: the file counters.parquet is still here, though the release was taken down."
    )
    assert "文件 counters.parquet 还在，而该版本已撤回。" in found.message.zh


def test_changes_may_be_missing_only_after_a_release_that_was_taken_down(store: Store) -> None:
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        store.publish(version)
    store.take_down("1.0.0")
    assert store.damaged() == []
    (store.folder / "1.0.2/changes.parquet").unlink()
    (store.folder / "1.0.1/report.json").unlink()

    assert store.damaged() == [("1.0.1", "report.json"), ("1.0.2", "changes.parquet")]


def test_a_tombstone_that_lost_its_signature_is_named(store: Store) -> None:
    store.publish("1.0.0")
    (store.take_down("1.0.0") / "tombstone.sig").unlink()

    assert store.damaged() == [("1.0.0", "tombstone.sig")]


def test_a_tombstone_by_a_key_that_is_not_trusted_is_named(store: Store) -> None:
    store.publish("1.0.0")
    folder = store.take_down("1.0.0")
    rewrite(folder / "tombstone.sig", new_key(store.keys / "o.pem").sign((folder / "tombstone.json").read_bytes()))

    assert store.damaged() == [("1.0.0", "tombstone.json")]


@pytest.mark.parametrize(
    ("changed", "en", "zh"),
    [
        ({"version": "1.0.1"}, "is that of transport/counters 1.0.1.", "属于另一版本 transport/counters 1.0.1。"),
        ({"manifest": "0" * 64}, "names another manifest.json than the one there.", "所记的不是这个 manifest.json。"),
        ({"retracted": ""}, "“retracted” is missing", "缺少“retracted”"),
    ],
    ids=["version", "manifest", "date"],
)
def test_a_tombstone_of_something_else_is_named(unsigned: Store, changed: dict[str, str], en: str, zh: str) -> None:
    unsigned.publish("1.0.0")
    file = unsigned.take_down("1.0.0") / "tombstone.json"
    rewrite(file, canonical(json.loads(file.read_bytes()) | changed))

    found = unsigned.only()

    assert found.file == "tombstone.json"
    assert en in found.message.en
    assert zh in found.message.zh


def test_a_tombstone_that_is_not_canonical_is_named(unsigned: Store) -> None:
    unsigned.publish("1.0.0")
    file = unsigned.take_down("1.0.0") / "tombstone.json"
    rewrite(file, file.read_bytes() + b"\n")

    assert "it is not in canonical JSON (RFC 8785)" in unsigned.only().message.en


def test_a_release_of_an_earlier_civicat_is_told_as_such(unsigned: Store) -> None:
    folder = unsigned.publish("1.0.0")
    (folder / "manifest.json").unlink()
    rewrite(folder / "provenance.json", b'{\n  "released": "",\n  "files": {\n    "report.json": "sha256:"\n  }\n}\n')

    assert unsigned.only().message.en == (
        "transport/counters 1.0.0: the file manifest.json is missing: made by an earlier civicat. "
        "It cannot be verified."
    )
    assert unsigned.only().message.zh == (
        "transport/counters 1.0.0：文件 manifest.json 缺失：该版本由早期的 civicat 发布，无从校验。"
    )


def test_an_empty_folder_is_no_release(store: Store) -> None:
    (store.folder / "1.0.0").mkdir(parents=True)

    assert store.damaged() == [("1.0.0", "manifest.json")]


HOSTILE: dict[str, dict[str, object]] = {
    "up": {"files": [{"path": "../../../../secret", "bytes": 6, "sha256": "0" * 64}]},
    "absolute": {"files": [{"path": "/etc/passwd", "bytes": 6, "sha256": "0" * 64}]},
    "inside": {"files": [{"path": "a/b", "bytes": 6, "sha256": "0" * 64}]},
    "itself": {"files": [{"path": "manifest.json", "bytes": 6, "sha256": "0" * 64}]},
    "twice": {"files": [{"path": "a", "bytes": 6, "sha256": "0" * 64}] * 2},
    "negative": {"files": [{"path": "a", "bytes": -1, "sha256": "0" * 64}]},
    "text for a size": {"files": [{"path": "a", "bytes": "6", "sha256": "0" * 64}]},
    "truth for a size": {"files": [{"path": "a", "bytes": True, "sha256": "0" * 64}]},
    "no sha256": {"files": [{"path": "a", "bytes": 1, "sha256": "x"}]},
    "more keys": {"files": [{"path": "a", "bytes": 1, "sha256": "0" * 64, "url": "https://example.org"}]},
    "no list": {"files": {"a": 1}},
    "key": {"key": "../../keys"},
    "version": {"version": "1"},
    "later": {"previous": {"version": "9.0.0", "sha256": "0" * 64}},
    "format": {"format": "civicat-manifest-9"},
    "unknown": {"and\nmore": "more"},
    "lines": {"dataset": "a\nb/c"},
    "huge": {"inputs": 2**53},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_manifest_is_damage_and_leads_nowhere(unsigned: Store, name: str) -> None:
    (unsigned.layout.store).mkdir(parents=True, exist_ok=True)
    (unsigned.layout.store / "secret").write_text("secret")
    forge(unsigned.publish("1.0.0"), HOSTILE[name])

    found = unsigned.only()

    assert found.file == "manifest.json"
    assert found.message.en.startswith("transport/counters 1.0.0: the file manifest.json is damaged: ")
    assert found.message.zh.startswith("transport/counters 1.0.0：文件 manifest.json 已损坏：")
    assert "secret\n" not in found.message.en
    assert "\n" not in found.message.en


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"[" + b"9" * 5000 + b"]",
        b'{"a":NaN}',
        b'{"a":1e400}',
        b'{"a":"\\ud800"}',
        b'{"a":1,"a":1}',
        '{"键":1}'.encode(),
        b" " * (16 * 2**20 + 1),
    ],
    ids=[
        *("empty", "list", "null", "binary", "deep lists", "deep mappings", "long number", "nan", "float"),
        *("surrogate", "twice", "not ascii", "large"),
    ],
)
def test_a_manifest_of_something_else_is_damage(unsigned: Store, content: bytes) -> None:
    rewrite(unsigned.publish("1.0.0") / "manifest.json", content)

    found = unsigned.only()

    assert found.file == "manifest.json"
    assert "is damaged: " in found.message.en
    assert len(found.message.en) < 500


def test_a_manifest_of_a_million_files_is_refused(unsigned: Store) -> None:
    files = [{"path": f"{number:07}", "bytes": 0, "sha256": "0" * 64} for number in range(1_000_000)]
    forge(unsigned.publish("1.0.0"), {"files": files})

    assert "it is larger than 16777216 bytes" in unsigned.only().message.en
    assert "大于 16777216 字节" in unsigned.only().message.zh


@pytest.mark.parametrize("name", ["manifest.json", "report.json"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(unsigned: Store, name: str) -> None:
    file = unsigned.publish("1.0.0") / name
    file.unlink()
    os.mkfifo(file)

    assert unsigned.damaged() == [("1.0.0", name)]


def test_a_name_that_cannot_be_printed_is_escaped(store: Store) -> None:
    folder = store.publish("1.0.0")
    Path(os.fsdecode(bytes(folder) + b"/a\n\xff.csv")).write_text("a")

    line = store.only().message.en

    assert line.startswith(r"transport/counters 1.0.0: the file a\n\udcff.csv does not belong")
    assert line.encode()


def test_a_manifest_of_a_terabyte_is_not_read(unsigned: Store) -> None:
    file = unsigned.publish("1.0.0") / "manifest.json"
    file.chmod(0o644)
    with file.open("r+b") as stream:
        stream.truncate(10**12)

    assert "it is larger than 16777216 bytes" in unsigned.only().message.en


def test_an_unsigned_release_is_told_where_a_key_is_asked_for(unsigned: Store) -> None:
    unsigned.publish("1.0.0")
    unsigned.signer = new_key(unsigned.keys / "late.pem")
    unsigned.publish("1.0.1")

    [found] = [
        one for one in verify(unsigned.layout, key=public_file(unsigned, unsigned.signer)) if isinstance(one, Damaged)
    ]

    assert found.message.en.endswith(
        f"1.0.0: the file manifest.json is not signed, and it must be with the key {unsigned.signer.key_id}."
    )
    assert found.message.zh.endswith(f"1.0.0：文件 manifest.json 没有签名，应由密钥 {unsigned.signer.key_id} 签名。")


def test_a_release_that_is_taken_down_meanwhile_is_no_damage(store: Store) -> None:
    store.publish("1.0.0")
    store.publish("1.0.1")
    found = verify(store.layout)
    first = next(found)
    store.take_down("1.0.1")

    rest = list(found)

    assert [type(one) for one in (first, *rest)] == [Verified, Verified]


def downloaded(folder: Path, tmp_path: Path, name: str, *also: str) -> Path:
    """A file of a release as somebody has it in a folder of theirs, with others beside it."""
    there = tmp_path / "downloads"
    there.mkdir(exist_ok=True)
    for one in also:
        shutil.copy(folder / one, there / one)
    return Path(shutil.copy(folder / "counters.parquet", there / name))


@pytest.mark.parametrize("beside", [True, False], ids=["beside", "given"])
def test_a_downloaded_file_is_checked_against_its_manifest(store: Store, tmp_path: Path, *, beside: bool) -> None:
    folder = store.publish("1.0.0")
    assert store.signer
    also = ("manifest.json", "manifest.sig") if beside else ()
    file = downloaded(folder, tmp_path, "whatever.bin", *also)
    given = None if beside else folder / "manifest.json"

    found = verify_file(file, None, given, public_file(store, store.signer))

    size = file.stat().st_size
    assert found == Verified(DATASET, parsed("1.0.0"), 1, size, store.signer.key_id, "counters.parquet")
    assert verify_file(file, None, given) == Verified(DATASET, parsed("1.0.0"), 1, size, "", "counters.parquet")


@pytest.mark.parametrize(
    "name",
    ["counters.parquet", "transport-counters-1.0.0.parquet", "transport-counters-1.0.0 (2).parquet", "renamed.bin"],
)
@pytest.mark.parametrize("beside", [True, False], ids=["manifest", "store"])
def test_a_damaged_download_is_told_by_its_part(store: Store, tmp_path: Path, name: str, *, beside: bool) -> None:
    folder = store.publish("1.0.0")
    store.publish("1.0.1")
    file = downloaded(folder, tmp_path, name)
    _, last, _, _ = list(chunks(file))[5]
    flip(file, 8 * last)

    found = verify_file(file, None if beside else store.layout, folder / "manifest.json" if beside else None)

    assert isinstance(found, Damaged)
    assert (found.dataset, str(found.version), found.file) == (DATASET, "1.0.0", "counters.parquet")
    assert found.part.en == "table counters, row group 2 (rows 251 to 500), column name"
    assert found.message.en.endswith("column name). Download it again.")
    assert found.message.zh.endswith("字段 name）。请重新下载。")


def test_a_cut_download_is_known_by_its_name(store: Store, tmp_path: Path) -> None:
    folder = store.publish("1.0.0", tables=("counters", "notes"))
    file = tmp_path / "transport-counters_notes-1.0.0.parquet"
    file.write_bytes((folder / "notes.parquet").read_bytes()[:1000])

    found = verify_file(file, store.layout)

    assert isinstance(found, Damaged)
    assert found.file == "notes.parquet"
    assert "1000 bytes instead of" in found.message.en


def test_a_downloaded_file_is_known_by_its_content(store: Store, tmp_path: Path) -> None:
    folder = store.publish("1.0.0")
    store.publish("1.0.1")
    assert store.signer
    file = downloaded(folder, tmp_path, "report (3).pdf")

    found = verify_file(file, store.layout)

    assert found == Verified(DATASET, parsed("1.0.0"), 1, file.stat().st_size, store.signer.key_id, "counters.parquet")


def test_a_file_of_a_release_that_was_taken_down_is_known_still(store: Store, tmp_path: Path) -> None:
    file = downloaded(store.publish("1.0.0"), tmp_path, "mine.parquet")
    store.take_down("1.0.0")

    found = verify_file(file, store.layout)

    assert isinstance(found, Verified)
    assert found.is_down


def test_a_downloaded_manifest_is_known_too(store: Store, tmp_path: Path) -> None:
    folder = store.publish("1.0.0")
    store.publish("1.0.1")
    file = Path(shutil.copy(folder / "manifest.json", tmp_path / "1.json"))

    found = verify_file(file, store.layout)

    assert (found.file, str(found.version), type(found)) == ("manifest.json", "1.0.0", Verified)


def test_what_is_verified_is_told_in_a_line() -> None:
    key = "f" * 64
    release, file = (
        Verified(DATASET, parsed("1.0.0"), 6, 9, key),
        Verified(DATASET, parsed("1.0.0"), 1, 9, "", "a.parquet", is_down=True),
    )

    assert release.message.en == f"transport/counters 1.0.0: as it was published; signed with the key {key}."
    assert release.message.zh == f"transport/counters 1.0.0：与发布时相同；由密钥 {key} 签名。"
    assert file.message.en == (
        "transport/counters 1.0.0, the file a.parquet: as it was published; no signature was checked. "
        "That release was taken down."
    )
    assert file.message.zh == ("transport/counters 1.0.0，文件 a.parquet：与发布时相同；未校验签名。该版本已撤回。")


def test_a_file_of_a_release_whose_manifest_changed_proves_nothing(store: Store, tmp_path: Path) -> None:
    folder = store.publish("1.0.0")
    file = downloaded(folder, tmp_path, "mine.parquet")
    forge(folder, {"inputs": "b" * 64})

    found = verify_file(file, store.layout)

    assert isinstance(found, Damaged)
    assert found.file == "manifest.json"


def test_a_file_of_nobody_is_told_in_a_line(store: Store, tmp_path: Path) -> None:
    store.publish("1.0.0")
    file = tmp_path / "other.csv"
    file.write_text("a\n1\n")

    with pytest.raises(SourceError, match="is of no release that") as caught:
        verify_file(file, store.layout)
    assert "不属于" in caught.value.message.zh
    with pytest.raises(SourceError, match="is of no release that"):
        verify_file(file, None, store.folder / "1.0.0/manifest.json")


def test_a_manifest_of_somebody_else_beside_a_file_is_passed_over(store: Store, tmp_path: Path) -> None:
    file = downloaded(store.publish("1.0.0"), tmp_path, "mine.parquet")
    (file.parent / "manifest.json").write_text('{"name": "A web app"}')

    assert isinstance(verify_file(file, store.layout), Verified)


def test_a_tampered_manifest_is_one_line(store: Store, tmp_path: Path) -> None:
    file = downloaded(store.publish("1.0.0"), tmp_path, "mine.parquet", "manifest.json", "manifest.sig")
    forge(file.parent, {"inputs": "b" * 64})
    assert store.signer

    for layout, key in ((store.layout, None), (None, public_file(store, store.signer))):
        with pytest.raises(CivicatError, match=r"is missing or does not hold\. Download both again") as caught:
            verify_file(file, layout, file.parent / "manifest.json", key)
        assert "不成立或缺失。请重新下载这两个文件。" in caught.value.message.zh
    rewrite(file.parent / "manifest.json", b"{}")
    with pytest.raises(CivicatError, match="one key too many or too few"):
        verify_file(file, store.layout, file.parent / "manifest.json")


@pytest.mark.parametrize("in_store", [True, False])
def test_a_wrong_key_is_one_line(store: Store, tmp_path: Path, *, in_store: bool) -> None:
    file = downloaded(store.publish("1.0.0"), tmp_path, "mine.parquet", *(() if in_store else ("manifest.json",)))
    other = new_key(store.keys / "other.pem")
    assert store.signer

    with pytest.raises(CivicatError) as caught:
        verify_file(file, store.layout if in_store else None, None, public_file(store, other))
    assert caught.value.message.en.endswith(f"is signed with the key {store.signer.key_id}, not with {other.key_id}.")
    assert caught.value.message.zh.endswith(f"由密钥 {store.signer.key_id} 签名，而非 {other.key_id}。")


@pytest.mark.parametrize("name", ["none.parquet", "."])
def test_a_file_that_is_not_there_is_one_line(store: Store, tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="is not there, or is no file") as caught:
        verify_file(tmp_path / name, store.layout)
    assert "不存在，或不是文件" in caught.value.message.zh


def test_hashes_are_those_of_the_bytes_on_disk(store: Store) -> None:
    folder = store.publish("1.0.0")
    read = load(folder)

    assert read.sha256 == hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert {one.path: one.sha256 for one in read.files} == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if not file.name.startswith("manifest")
    }


def begin_to_sign(store: Store) -> Signer:
    """One release without a key, and another with the first key."""
    store.publish("1.0.0")
    store.publish("1.0.1")
    store.signer = new_key(store.keys / "late.pem")
    store.publish("1.0.2")
    return store.signer


def stripped(store: Store) -> None:
    """What a forger does who has no key: another file, all manifests made anew, no signature."""
    before: str | None = None
    for version in store.layout.numbers(DATASET):
        folder = store.folder / str(version)
        rewrite(folder / "report.json", b"{}")
        read = json.loads((folder / "manifest.json").read_bytes())
        own = {"path": "report.json", "bytes": 2, "sha256": sha256_of(b"{}")}
        files = [own if one["path"] == "report.json" else one for one in read["files"]]
        link = {**read["previous"], "sha256": before} if read["previous"] else None
        forge(folder, {"files": files, "previous": link, "key": ""})
        (folder / "manifest.sig").unlink(missing_ok=True)
        before = sha256_of((folder / "manifest.json").read_bytes())


def test_a_store_stripped_of_its_signatures_is_found(store: Store) -> None:
    store.publish("1.0.0")
    store.publish("1.0.1")
    stripped(store)

    assert store.damaged() == [("1.0.0", "manifest.sig"), ("1.0.1", "manifest.sig")]
    [told, _] = [one.message for one in verify(store.layout) if isinstance(one, Damaged)]
    assert told.en.endswith("this store has a key, and what was published since must be signed. "
                            "Restore the release from a backup.")  # fmt: skip
    assert told.zh.endswith("缺失：此存储已有密钥，此后发布的版本都须签名。请从备份恢复该版本。")


@pytest.mark.parametrize("signer", [False, True])
def test_nothing_follows_on_a_store_stripped_of_its_signatures(store: Store, *, signer: bool) -> None:
    folder = store.publish("1.0.0")
    stripped(store)

    with pytest.raises(StoreError) as caught:
        check_trust(store.layout, store.signer if signer else None, folder)
    zh = "没有签名，而此存储已有密钥：不能在其后发布。请运行 civicat verify。"
    en = "is not signed, and this store has a key: nothing can follow it. Run civicat verify."
    assert en in caught.value.message.en
    assert zh in caught.value.message.zh


def test_a_new_dataset_of_a_store_with_a_key_is_signed_too(store: Store) -> None:
    store.publish("1.0.0")
    assert store.signer

    with pytest.raises(StoreError) as caught:
        check_trust(store.layout, None, None)
    assert caught.value.message == Text(
        f"{store.layout.store} 已有密钥 {store.signer.key_id}，此后的一切都须签名。请设置 CIVICAT_SIGNING_KEY_FILE。",
        f"{store.layout.store} has the key {store.signer.key_id}: all that follows must be signed. "
        "Set CIVICAT_SIGNING_KEY_FILE.",
    )


def test_what_was_unsigned_when_the_key_came_is_proved_by_it(unsigned: Store) -> None:
    begin_to_sign(unsigned)
    assert unsigned.damaged() == []

    stripped(unsigned)
    found = unsigned.damaged()

    assert ("1.0.1", "manifest.json") in found
    assert ("1.0.2", "manifest.sig") in found


def test_the_newest_unsigned_release_is_missed_where_the_key_lists_it(unsigned: Store) -> None:
    begin_to_sign(unsigned)
    for name in ("1.0.1", "1.0.2"):
        shutil.rmtree(unsigned.folder / name)

    assert unsigned.damaged() == [("1.0.1", "manifest.json")]
    assert "was there when the store's first key came" in unsigned.only().message.en
    assert "首个密钥到来时该版本还在" in unsigned.only().message.zh


@pytest.mark.parametrize("bit", [0, 800, 900, 1900])
def test_a_list_of_the_key_that_was_altered_excuses_nothing(unsigned: Store, bit: int) -> None:
    signer = begin_to_sign(unsigned)
    flip(unsigned.layout.keys / f"{signer.key_id}.pem", bit)

    assert unsigned.damaged() == [("1.0.0", "manifest.sig"), ("1.0.1", "manifest.sig")]


def test_openssl_reads_a_key_with_a_list(unsigned: Store) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed")
    signer = begin_to_sign(unsigned)
    command = [openssl, "pkey", "-pubin", "-in", str(unsigned.layout.keys / f"{signer.key_id}.pem")]

    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - as typed

    assert done.stdout == signer.public_pem


def test_several_keys_can_be_asked_for_after_a_change_of_keys(store: Store) -> None:
    assert store.signer
    store.publish("1.0.0")
    first = store.signer
    store.signer = new_key(store.keys / "second.pem")
    rewrite(store.layout.keys / f"{store.signer.key_id}.pem", store.signer.public_pem.encode())
    folder = store.publish("1.0.1")
    both = [public_file(store, first), public_file(store, store.signer)]

    assert store.damaged(key=both) == []
    found = verify_file(folder / "report.json", store.layout, None, both)
    assert isinstance(found, Verified)
    assert found.key == store.signer.key_id


def test_rows_that_a_manifest_says_are_held_to_the_table(unsigned: Store) -> None:
    folder = unsigned.publish("1.0.0")
    read = json.loads((folder / "manifest.json").read_bytes())
    forge(folder, {"files": [one | ({"rows": ROWS + 1} if "rows" in one else {}) for one in read["files"]]})

    assert unsigned.only().file == "counters.parquet"
    assert "has 1000 rows, and manifest.json says 1001." in unsigned.only().message.en
    assert "有 1000 行，而 manifest.json 称有 1001 行。" in unsigned.only().message.zh


@pytest.mark.parametrize(
    "name",
    ["x.csv", "transport/x.csv", "transport/old/x.csv", "transport/counters/1.0.0.bak", "transport/counters/2.0.0"],
)
def test_what_lies_among_the_releases_and_is_none_is_told(unsigned: Store, name: str) -> None:
    unsigned.publish("1.0.0")
    stray = unsigned.layout.releases / name
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("x")

    assert unsigned.only().message == Text(
        f"releases/{name} 不属于任何版本。请移出。", f"releases/{name} is of no release. Take it out."
    )


def test_what_is_hidden_and_a_dataset_without_a_release_are_no_strays(unsigned: Store) -> None:
    unsigned.publish("1.0.0")
    (unsigned.layout.releases / ".DS_Store").write_text("x")
    (unsigned.layout.releases / "transport/new").mkdir()
    (unsigned.layout.releases / "transport/new/.lock").touch()

    assert unsigned.damaged() == []


def test_a_release_that_is_a_link_is_told_and_not_touched(unsigned: Store, tmp_path: Path) -> None:
    unsigned.publish("1.0.0")
    folder = unsigned.publish("1.0.1")
    unsigned.publish("1.0.2")
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")

    assert unsigned.only().message == Text(
        "transport/counters 1.0.1 是链接：版本须是独立的目录。请放回原来的目录。",
        "transport/counters 1.0.1 is a link: a release must be a folder of its own. "
        "Put the folder itself back in its place.",
    )
    with pytest.raises(StoreError, match="is a link: a release must be a folder of its own"):
        retract(unsigned.layout, DATASET, parsed("1.0.1"), Text("由", "Why"), Text("谁", "Who"))
    assert folder.is_symlink()
    assert len(list((tmp_path / "elsewhere").iterdir())) == 6


def test_a_copy_that_kept_no_modes_is_whole_and_says_so(unsigned: Store) -> None:
    for file in unsigned.publish("1.0.0").iterdir():
        file.chmod(0o644)

    [found] = verify(unsigned.layout)

    assert isinstance(found, Verified)
    assert found.is_writable


def test_a_list_that_the_key_did_not_sign_excuses_nothing(unsigned: Store) -> None:
    signer = begin_to_sign(unsigned)
    stripped(unsigned)
    file = unsigned.layout.keys / f"{signer.key_id}.pem"
    words, _, signature, *pem = file.read_bytes().split(b"\n")
    newest = sha256_of((unsigned.folder / "1.0.2/manifest.json").read_bytes())
    forged = canonical([{"dataset": DATASET, "version": "1.0.2", "sha256": newest}])
    rewrite(file, b"\n".join([words, forged, signature, *pem]))

    assert {version for version, _ in unsigned.damaged()} == {"1.0.0", "1.0.1", "1.0.2"}
