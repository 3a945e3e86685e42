"""Whatever was exported can be checked: made again from its release, byte for byte; and what holds many files."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from civicat import publish
from civicat.errors import CivicatError, SourceError
from civicat.layout import Layout
from civicat.publish import exports, kit
from civicat.publish.places import place
from civicat.publish.signing import new_key
from civicat.release import Release, Version
from civicat.text import Text

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

NAME = "transport/counters"
FIRST = Version(1, 0, 0)
REASON, AUTHORITY = Text("含有个人信息。", "It holds personal data."), Text("数据台", "Data desk")
FORMS = ("csv", "csv-excel", "ndjson", "xlsx", "sqlite", "arrow")
SAYS_ITSELF = ("xlsx", "sqlite", "arrow")


def _two(desk: Desk) -> Release:
    """Two releases; the first one."""
    first = desk.publish("a", (desk.counters(range(1, 200)), desk.notes("静", None, "")))
    desk.publish("b", (desk.counters(range(1, 201)), desk.notes("静", None, "吵")))
    return first


def _downloaded(made: Path, folder: Path, name: str = "") -> Path:
    """A copy that can be written; the cache is gone, so that nothing is taken from there."""
    file = Path(shutil.copyfile(made, folder / (name or made.name)))
    shutil.rmtree(made.parents[5])
    return file


def _change(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def _sound(found: object) -> publish.Verified:
    assert isinstance(found, publish.Verified), found
    return found


def _broken(found: object) -> publish.Damaged:
    assert isinstance(found, publish.Damaged), found
    return found


# ------------------------------------------------------------------------------------------------------- single exports


@pytest.mark.parametrize("form", FORMS)
def test_an_export_is_what_its_release_gives(desk: Desk, tmp_path: Path, form: str) -> None:
    made = exports.export(desk.layout, _two(desk), form, "notes")
    name = made.name
    file = _downloaded(made, tmp_path)

    found = _sound(publish.verify_file(file, desk.layout))

    assert (found.dataset, found.version, found.file, found.files) == (NAME, FIRST, name, 1)
    assert found.bytes == file.stat().st_size
    assert not desk.layout.cache.exists()
    _change(file, file.stat().st_size // 2)
    assert _broken(publish.verify_file(file, desk.layout)).file == name


@pytest.mark.parametrize("form", SAYS_ITSELF)
def test_a_renamed_export_is_known_by_what_is_in_it(desk: Desk, tmp_path: Path, form: str) -> None:
    made = exports.export(desk.layout, _two(desk), form, "notes")
    name = made.name
    file = _downloaded(made, tmp_path, "mine.bin")

    found = _sound(publish.verify_file(file, desk.layout))

    assert (found.version, found.file) == (FIRST, name)


def test_a_renamed_map_is_known_by_its_first_line(desk: Desk, tmp_path: Path) -> None:
    package = desk.package()
    fields = package["resources"][0]["schema"]["fields"]
    fields[3]["name"], fields[3]["civicat"]["unit"] = "lon", "°"
    lat = {**fields[3], "name": "lat"}
    fields.insert(4, lat)
    table = desk.counters(range(1, 9))
    place = table.column_names.index("length")
    table = table.rename_columns(["lon" if one == "length" else one for one in table.column_names])
    table = table.add_column(place + 1, pa.field("lat", pa.float64()), table["lon"])
    release = desk.publish("a", (table, desk.notes("静")), package)
    file = _downloaded(exports.export(desk.layout, release, "geojson", "counters"), tmp_path, "map.json")

    assert _sound(publish.verify_file(file, desk.layout)).file == "transport-counters-1.0.0.geojson"
    file.write_bytes(file.read_bytes().replace(b'"lat":', b'"lot":', 1))
    assert re.fullmatch(r"line 2, character \d+", _broken(publish.verify_file(file, desk.layout)).part.en)


def test_a_renamed_csv_says_nothing_and_is_told_what_it_needs(desk: Desk, tmp_path: Path) -> None:
    file = _downloaded(exports.export(desk.layout, _two(desk), "csv", "notes"), tmp_path, "mine.csv")

    with pytest.raises(SourceError) as caught:
        publish.verify_file(file, desk.layout)

    assert caught.value.message == Text(
        f"{file} 不属于 {desk.layout.store} 中的任何版本。"
        "请一并提供与其同时下载的 manifest.json；导出的文件须与存储比对，并保留下载时的文件名。",
        f"{file} is of no release that {desk.layout.store} knows. Give the manifest.json that belongs to it as well; "
        "an export is checked against a store, and must have the name under which it was downloaded.",
    )


@pytest.mark.parametrize("name", ["transport-counters_notes-1.0.0 (2).csv", "transport-counters_notes-1.0.0(1).csv"])
def test_what_a_browser_adds_to_a_name_does_not_matter(desk: Desk, tmp_path: Path, name: str) -> None:
    file = _downloaded(exports.export(desk.layout, _two(desk), "csv", "notes"), tmp_path, name)
    assert _sound(publish.verify_file(file, desk.layout)).version == FIRST


@pytest.mark.parametrize("search", [False, True], ids=["plain", "search"])
def test_a_database_with_full_text_search_is_told_apart(desk: Desk, tmp_path: Path, *, search: bool) -> None:
    file = _downloaded(exports.export(desk.layout, _two(desk), "sqlite", search=search), tmp_path)
    assert _sound(publish.verify_file(file, desk.layout)).version == FIRST
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("update counters set share = 99 where 编号 = 3")
    part = _broken(publish.verify_file(file, desk.layout)).part
    assert part.en.startswith("table counters, row 3, from byte ")
    assert part.zh.startswith("数据表 counters 第 3 行，第 ")


def test_one_name_can_be_that_of_two_datasets(desk: Desk, tmp_path: Path) -> None:
    """Department `transport-counters`, dataset `a`, and department `transport`, dataset `counters-a`."""
    package, other = desk.package(), desk.package()
    package["name"], other["name"] = "counters-a", "a"
    first = desk.publish("a", (desk.counters(range(1, 4)), desk.notes("静")), package)
    folder = desk.layout.releases / "transport-counters"
    assert first.dataset.id == "transport/counters-a"
    made = exports.export(desk.layout, first, "csv", "notes")
    shutil.copytree(desk.layout.dataset("transport/counters-a"), folder / "a")
    file = _downloaded(made, tmp_path)

    assert file.name == "transport-counters-a_notes-1.0.0.csv"
    assert _sound(publish.verify_file(file, desk.layout)).dataset == "transport/counters-a"


# ------------------------------------------------------------------------------------------------------------- where


@pytest.mark.parametrize(
    ("right", "found", "zh", "en"),
    [
        ("a,b\n1,2\n3,4\n", "a,b\n1,2\n3,5\n", "第 3 行第 3 个字符", "line 3, character 3"),
        ("a,b\n桥,静\n", "a,b\n桥,吵\n", "第 2 行第 3 个字符", "line 2, character 3"),
        ("\ufeffa\n1\n", "\ufeffb\n1\n", "第 1 行第 1 个字符", "line 1, character 1"),
        ("a\n1\n", "a\r\n1\n", "第 1 行第 2 个字符", "line 1, character 2"),
        (
            *("a\n1\n", "a\n"),
            *(
                "到第 2 行第 1 个字符为止，应为 4 字节，实为 2 字节",
                "it ends at line 2, character 1: 2 bytes instead of 4",
            ),
        ),
        (
            *("a\n", "a\n1\n"),
            "第 2 行第 1 个字符起为多出的内容，应为 2 字节，实为 4 字节",
            "there is more from line 2, character 1 on: 4 bytes instead of 2",
        ),
        (
            "a\n",
            "",
            "到第 1 行第 1 个字符为止，应为 2 字节，实为 0 字节",
            "it ends at line 1, character 1: 0 bytes instead of 2",
        ),
        ("a\n", "a\n", "", ""),
    ],
    ids=["cell", "chinese", "mark", "line-end", "cut", "longer", "empty", "same"],
)
def test_a_text_is_told_by_line_and_character(tmp_path: Path, right: str, found: str, zh: str, en: str) -> None:
    one, other = tmp_path / "found", tmp_path / "right.csv"
    one.write_bytes(found.encode())
    other.write_bytes(right.encode())
    assert place(one, other) == Text(zh, en)


def test_a_place_past_many_lines_is_counted_right(tmp_path: Path) -> None:
    one, other = tmp_path / "found", tmp_path / "right.ndjson"
    lines = [f'{{"a":{number}}}' for number in range(300_000)]
    other.write_text("\n".join(lines))
    lines[250_000] = '{"a":25000x}'
    one.write_text("\n".join(lines))
    assert place(one, other).en == "line 250,001, character 11"


def test_a_workbook_is_told_by_its_sheet_and_arrow_by_its_column(desk: Desk, tmp_path: Path) -> None:
    first, second = _two(desk), desk.layout.release(NAME)
    assert second is not None
    made = [[exports.export(desk.layout, one, form, "notes") for one in (first, second)] for form in ("xlsx", "arrow")]
    (book, other_book), (arrow, other_arrow) = made
    assert place(other_book, book).en.startswith("sheet “counters_notes”, from byte ")
    assert place(other_book, book).zh.startswith("工作表“counters_notes”，第 ")
    assert place(other_arrow, arrow).en.startswith("how the table is built, from byte ")
    cut = tmp_path / "cut"
    cut.write_bytes(book.read_bytes()[:-9])
    size = book.stat().st_size
    assert place(cut, book).en == f"it is no whole workbook any more, {size - 9} bytes instead of {size}"


def test_values_of_arrow_that_differ_are_told_by_rows_and_column(tmp_path: Path) -> None:
    files = tmp_path / "found", tmp_path / "right.arrow"
    for file, number in zip(files, (3, 2), strict=True):
        table = pa.table({"a": [1, 1], "b": [number, 2]})
        with pa.ipc.new_file(str(file), table.schema) as writer:
            writer.write_table(table, 1)
    part = place(*files)
    assert part.en.startswith("rows 1 to 1, column b, from byte ")
    assert part.zh.startswith("第 1 至 1 行，字段 b，第 ")


# --------------------------------------------------------------------------------------------------- the release first


def test_a_release_that_is_damaged_is_told_before_its_export(desk: Desk, tmp_path: Path) -> None:
    release = _two(desk)
    file = _downloaded(exports.export(desk.layout, release, "csv", "notes"), tmp_path)
    stored = release.folder / "counters.parquet"
    stored.chmod(0o644)
    _change(stored, stored.stat().st_size // 2)

    found = _broken(publish.verify_file(file, desk.layout))

    assert (found.version, found.file) == (FIRST, "counters.parquet")


def test_a_file_in_the_cache_proves_nothing(desk: Desk, tmp_path: Path) -> None:
    made = exports.export(desk.layout, _two(desk), "csv", "notes")
    made.write_text(made.read_text("utf-8").replace("静", "吵"), "utf-8")
    file = Path(shutil.copyfile(made, tmp_path / made.name))

    assert _broken(publish.verify_file(file, desk.layout)).part.en == "line 2, character 3"


def test_an_export_of_a_release_that_was_taken_down_is_told_with_the_reason(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = _two(desk)
    table = Path(shutil.copyfile(release.tables[1].path, tmp_path / "mine.parquet"))
    file = Path(
        shutil.copyfile(
            exports.export(desk.layout, release, "csv", "notes"), tmp_path / "transport-counters_notes-1.0.0.csv"
        )
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    publish.retract(desk.layout, NAME, FIRST, REASON, AUTHORITY)

    with pytest.raises(CivicatError) as caught:
        publish.verify_file(file, desk.layout)

    assert caught.value.message == Text(
        "transport/counters 1.0.0 已于 2026-11-18 撤回，无从比对：含有个人信息。",
        "transport/counters 1.0.0 was taken down on 2026-11-18, there is nothing to compare with: "
        "It holds personal data.",
    )
    told = _sound(publish.verify_file(table, desk.layout)).message
    assert told.en.endswith("no signature was checked. That release was taken down: It holds personal data.")
    assert told.zh.endswith("未校验签名。该版本已撤回：含有个人信息。")


@pytest.mark.parametrize("name", ["transport-counters-9.0.0.csv", "transport-counters_notes-9.0.0.parquet"])
def test_a_version_that_the_store_has_not_is_told(desk: Desk, tmp_path: Path, name: str) -> None:
    _two(desk)
    (tmp_path / name).write_text("a\n")

    with pytest.raises(CivicatError) as caught:
        publish.verify_file(tmp_path / name, desk.layout)

    assert caught.value.message == Text(
        f"{NAME} 没有版本 9.0.0。现有版本：1.0.0、1.1.0。", f"{NAME} has no version 9.0.0. It has 1.0.0, 1.1.0."
    )


def test_an_export_of_a_signed_release_bears_its_key(desk: Desk, tmp_path: Path) -> None:
    signer = new_key(tmp_path / "key.pem")
    release = desk.publish("a", signer=signer)
    file = _downloaded(exports.export(desk.layout, release, "csv", "notes"), tmp_path)
    mine, other = tmp_path / "mine.pem", tmp_path / "other.pem"
    mine.write_text(signer.public_pem)
    other.write_text(new_key(tmp_path / "other-key.pem").public_pem)

    assert _sound(publish.verify_file(file, desk.layout)).key == signer.key_id
    assert _sound(publish.verify_file(file, desk.layout, None, mine)).key == signer.key_id
    with pytest.raises(CivicatError, match=f"is signed with the key {signer.key_id}, not with"):
        publish.verify_file(file, desk.layout, None, other)


# ----------------------------------------------------------------------------------------------------- many in one file


@pytest.fixture
def kitted(desk: Desk, tmp_path: Path) -> Path:
    """The offline kit of a store with two releases."""
    _two(desk)
    return kit.kit(desk.layout, [], tmp_path / "civicat-kit.zip", partial(exports.export, desk.layout))


def _rezipped(file: Path, change: Callable[[dict[str, bytes]], object], *, sums: bool = True) -> Path:
    """The kit with other content, and other checksums too, as a forger would."""
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    if sums:
        lines = (
            f"{hashlib.sha256(one).hexdigest()}  {name}\n" for name, one in sorted(files.items()) if "sums" not in name
        )
        files["checksums.txt"] = "".join(lines).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file


def test_a_kit_is_checked_file_by_file(desk: Desk, kitted: Path) -> None:
    found = _sound(publish.verify_file(kitted, desk.layout))

    with zipfile.ZipFile(kitted) as archive:
        assert found.files == len(archive.namelist())
    assert (found.dataset, str(found.version), found.file) == (NAME, "1.1.0", "civicat-kit.zip")
    elsewhere = _sound(publish.verify_file(kitted, Layout(kitted.parent / "none")))
    assert (elsewhere.file, elsewhere.key) == ("civicat-kit.zip", "")


@pytest.mark.parametrize(
    ("name", "sums", "en", "zh"),
    [
        ("README.txt", False, "is not as it was published", "与发布时不同。请重新下载。"),
        (f"data/{NAME}/datapackage.json", True, "is not as it was published", "与发布时不同。请重新下载。"),
        (f"data/{NAME}/counters.csv", True, "is not as it was published (line 1, character 1)", "第 1 行第 1 个字符"),
    ],
    ids=["page", "original", "table"],
)
def test_a_file_of_a_kit_that_was_changed_is_named(  # noqa: PLR0913 - the case and what is told
    desk: Desk, kitted: Path, name: str, en: str, zh: str, *, sums: bool
) -> None:
    _rezipped(kitted, lambda files: files.update({name: b"x" + files[name][1:]}), sums=sums)

    found = _broken(publish.verify_file(kitted, desk.layout))

    assert found.file == name
    assert found.message.en.startswith(f"civicat-kit.zip: the file {name} {en}")
    assert found.message.zh.startswith(f"civicat-kit.zip：文件 {name} ")
    assert zh in found.message.zh


def test_a_file_too_many_or_missing_in_a_kit_is_named(desk: Desk, kitted: Path) -> None:
    _rezipped(kitted, lambda files: files.update({"more.txt": b"x"}), sums=False)
    assert _broken(publish.verify_file(kitted, desk.layout)).message == Text(
        "civicat-kit.zip：文件 more.txt 不在 checksums.txt 中。请重新下载。",
        "civicat-kit.zip: the file more.txt is not in checksums.txt. Download it again.",
    )
    _rezipped(kitted, lambda files: (files.pop("more.txt"), files.pop("README.txt")), sums=False)
    assert "the file README.txt is missing." in _broken(publish.verify_file(kitted, desk.layout)).message.en


def test_a_flipped_bit_in_a_kit_is_named_or_the_kit_is_damaged(desk: Desk, kitted: Path) -> None:
    whole = kitted.read_bytes()
    with zipfile.ZipFile(kitted) as archive:
        entry = archive.getinfo(f"data/{NAME}/counters.csv")
    kitted.write_bytes(whole)
    _change(kitted, entry.header_offset + 200)
    assert _broken(publish.verify_file(kitted, desk.layout)).file == f"data/{NAME}/counters.csv"


def test_a_cut_kit_is_one_line(desk: Desk, kitted: Path) -> None:
    os.truncate(kitted, kitted.stat().st_size - 9)
    with pytest.raises(SourceError) as caught:
        publish.verify_file(kitted, desk.layout)
    assert caught.value.message == Text(
        f"{kitted} 不完整或已损坏（ZIP）。请重新下载。", f"{kitted} is cut or damaged (ZIP). Download it again."
    )


def test_a_kit_of_a_release_that_was_taken_down_is_told(desk: Desk, kitted: Path) -> None:
    publish.retract(desk.layout, NAME, Version(1, 1, 0), REASON, AUTHORITY)
    with pytest.raises(CivicatError, match="It holds personal data") as caught:
        publish.verify_file(kitted, desk.layout)
    assert "含有个人信息。" in caught.value.message.zh


def _dump(desk: Desk, tmp_path: Path, *, everything: bool) -> Path:
    _two(desk)
    return exports.dump(desk.layout, tmp_path / "all.tar", everything=everything).path


def _retarred(file: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    with tarfile.open(file) as tar:
        members = [(one, tar.extractfile(one)) for one in tar.getmembers()]
        files = [(one, stream.read()) for one, stream in members if stream is not None]
    with tarfile.open(file, "w") as tar:
        for one, content in files:
            changed = change(one.name, content)
            if changed is not None:
                one.size = len(changed)
                tar.addfile(one, io.BytesIO(changed))


@pytest.mark.parametrize("everything", [True, False], ids=["everything", "latest"])
def test_a_dump_is_checked_as_the_store_that_it_is(desk: Desk, tmp_path: Path, *, everything: bool) -> None:
    file = _dump(desk, tmp_path, everything=everything)

    found = _sound(publish.verify_file(file, desk.layout))

    with tarfile.open(file) as tar:
        assert found.files == len(tar.getnames())
    assert found.also == (("transport/counters 1.1.0",) if everything else ())
    assert found.left_out == (None if everything else FIRST)
    elsewhere = _sound(publish.verify_file(file, Layout(tmp_path / "none")))
    assert elsewhere.bytes == file.stat().st_size


@pytest.mark.parametrize(
    "name", ["counters.parquet", "datapackage.json", "manifest.json", "changes.parquet", "catalogue.json"]
)
def test_a_member_of_a_dump_that_was_changed_is_named(desk: Desk, tmp_path: Path, name: str) -> None:
    file = _dump(desk, tmp_path, everything=True)
    _retarred(file, lambda path, whole: whole[:-2] + b"x" + whole[-1:] if path.endswith(name) else whole)

    found = _broken(publish.verify_file(file, Layout(tmp_path / "none")))

    assert found.file == name
    assert found.message.en.startswith("all.tar: ")
    assert found.message.zh.startswith("all.tar：")


def test_words_of_a_dump_that_were_changed_are_told(desk: Desk, tmp_path: Path) -> None:
    file = _dump(desk, tmp_path, everything=False)
    _retarred(file, lambda name, whole: whole.replace(b"Cycle", b"Motor") if name == "catalogue.json" else whole)
    assert _broken(publish.verify_file(file, desk.layout)).message == Text(
        "all.tar：文件 catalogue.json 所列的与包中的版本不符。请重新下载。",
        "all.tar: the file catalogue.json does not list what is in this file. Download it again.",
    )


def test_a_release_gone_from_a_dump_is_told(desk: Desk, tmp_path: Path) -> None:
    file = _dump(desk, tmp_path, everything=True)
    _retarred(file, lambda name, whole: None if "/1.1.0/" in name else whole)
    assert _broken(publish.verify_file(file, desk.layout)).file == "catalogue.json"


def test_a_cut_dump_is_one_line(desk: Desk, tmp_path: Path) -> None:
    file = _dump(desk, tmp_path, everything=True)
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(SourceError, match="is cut or damaged") as caught:
        publish.verify_file(file, desk.layout)
    assert "不完整或已损坏" in caught.value.message.zh


@pytest.mark.parametrize("name", ["../out.txt", "releases/transport/../../../../out.json", "/out.txt", "a/link"])
def test_a_hostile_dump_writes_nowhere(desk: Desk, tmp_path: Path, name: str) -> None:
    file = _dump(desk, tmp_path, everything=False)
    with tarfile.open(file, "a") as tar:
        entry = tarfile.TarInfo(name)
        entry.type = tarfile.SYMTYPE if name == "a/link" else tarfile.REGTYPE
        entry.linkname = "/"
        tar.addfile(entry, io.BytesIO())
    assert _broken(publish.verify_file(file, desk.layout)).message.en.endswith(
        "is not part of a dump. Download it again."
    )


def test_a_dump_with_a_release_that_was_taken_down_since_is_told(desk: Desk, tmp_path: Path) -> None:
    file = _dump(desk, tmp_path, everything=True)
    publish.retract(desk.layout, NAME, FIRST, REASON, AUTHORITY)
    with pytest.raises(CivicatError, match="It holds personal data"):
        publish.verify_file(file, desk.layout)
    after = exports.dump(desk.layout, tmp_path / "after.tar", everything=True).path
    assert _sound(publish.verify_file(after, desk.layout)).also == ("transport/counters 1.0.0",)


def test_a_dump_of_a_signed_store_bears_the_key_that_is_known_elsewhere(desk: Desk, tmp_path: Path) -> None:
    signer = new_key(tmp_path / "key.pem")
    desk.publish("a", signer=signer)
    file = exports.dump(desk.layout, tmp_path / "all.tar").path
    assert _sound(publish.verify_file(file, desk.layout)).key == signer.key_id
    # Its own keys/ say nothing of who made it.
    assert _sound(publish.verify_file(file, Layout(tmp_path / "none"))).key == ""
    mine = tmp_path / "mine.pem"
    mine.write_text(signer.public_pem)
    assert _sound(publish.verify_file(file, Layout(tmp_path / "none"), None, mine)).key == signer.key_id


def test_catalogue_json_of_the_dump_is_what_its_store_would_say(desk: Desk, tmp_path: Path) -> None:
    file = _dump(desk, tmp_path, everything=False)
    with tarfile.open(file) as tar:
        tar.extractall(tmp_path / "unpacked", filter="data")
    copy = Layout(tmp_path / "unpacked")
    said = (copy.store / "catalogue.json").read_bytes()
    assert exports.catalogue(copy) == said
    assert json.loads(said)["datasets"][0]["left_out"] == ["1.0.0"]
    # A dump of the copy says again what neither has.
    again = exports.dump(copy, tmp_path / "again.tar", everything=True)
    assert _sound(publish.verify_file(again.path, copy)).left_out == FIRST
