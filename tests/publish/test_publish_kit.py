"""The offline kit, unpacked and read as its readers do: by a browser with no network, by a list of checksums."""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import re
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag

import pyarrow.csv as pa_csv
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from civicat.errors import CivicatError, StoreError
from civicat.layout import Layout
from civicat.publish import staging
from civicat.publish.kit import kit
from civicat.publish.kit.archive import archive
from civicat.publish.kit.words import size
from civicat.publish.manifest import load, manifest
from civicat.publish.signing import Signer, new_key
from civicat.publish.stored import stored_batches
from civicat.release import Release

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

pytestmark = pytest.mark.xdist_group("kit")

PHONE, DESK = 320, 1280  # CSS pixels
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "async tags => (await axe.run(document, {runOnly: tags, resultTypes: ['violations']})).violations"
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true })"
PROFILE = {
    "tables": [
        {
            "resource": "counters",
            "columns": [
                {
                    "name": "since",
                    "count": 43,
                    "missing": 7,
                    "distinct": {"value": 28, "exact": True},
                    "min": "2020-01-01",
                    "max": "2020-01-28",
                    "histogram": {"edges": ["2020-01-01", "2020-01-15", "2020-01-29"], "counts": [20, 23]},
                },
                {
                    "name": "open",
                    "count": 43,
                    "missing": 7,
                    "distinct": {"value": 2, "exact": True},
                    "min": "false",
                    "max": "true",
                    "top": {"exact": True, "values": [{"value": "false", "count": 22}, {"value": "true", "count": 21}]},
                },
            ],
        }
    ]
}


def exporter(folder: Path) -> Callable[[Release, str, str | None], Path]:
    """Makes CSV out of a release's tables, as the exports of the catalogue do; Excel's begins with a mark."""

    def export(release: Release, form: str, resource: str | None) -> Path:
        assert form in {"csv", "csv-excel"}
        table = next(one for one in release.tables if one.resource.name == resource)
        file = folder / f"{release.dataset.name}-{resource}{form.removeprefix('csv')}.csv"
        batches = list(stored_batches(table, 1000))
        with pa_csv.CSVWriter(file, batches[0].schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
        if form == "csv-excel":
            file.write_bytes(codecs.BOM_UTF8 + file.read_bytes())
        return file

    return export


def add(release: Release, name: str, content: object) -> None:
    """Puts a JSON file beside a release, as publishing does."""
    file = release.folder / name
    if file.exists():
        file.chmod(0o644)
    file.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def seal(release: Release, signer: Signer | None = None) -> None:
    """Makes the manifest anew, for files that were changed."""
    known = load(release.folder)
    for name in ("manifest.json", "manifest.sig"):
        (release.folder / name).unlink(missing_ok=True)
    whole = manifest(
        release.folder,
        dataset=known.dataset,
        version=known.version,
        released=known.released,
        inputs=known.inputs,
        previous=None,
        key=signer.key_id if signer else "",
    )
    staging.write(release.folder / "manifest.json", whole)
    if signer is not None:
        staging.write(release.folder / "manifest.sig", signer.sign(whole))


def publish(desk: Desk, signer: Signer | None = None) -> Release:
    package = desk.package()
    package["title"] = "Cycle counters <script>alert(1)</script> & more"
    package["resources"][0]["schema"]["fields"][1] |= {"categories": [{"value": "桥1", "label": "Bridge 1"}]}
    release = desk.publish(package=package, signer=signer)
    add(release, "profile.json", PROFILE)
    provenance = json.loads((release.folder / "provenance.json").read_bytes())
    add(release, "provenance.json", provenance | {"sentence": {"zh": "交通局提交。", "en": "The office handed it in."}})
    seal(release, signer)
    return release


@pytest.fixture
def made(desk: Desk, tmp_path: Path) -> Path:
    """The zip."""
    publish(desk)
    return kit(desk.layout, [], tmp_path / "kit.zip", exporter(tmp_path), "https://data.example.org/")


@pytest.fixture
def unpacked(made: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "kit"
    with zipfile.ZipFile(made) as zipped:
        zipped.extractall(folder)
    return folder


class Links(HTMLParser):
    """Every address in a page, and every place that one can point at."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.places: set[str] = set()
        self.tags: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"{tag} {name}"
            if name in {"href", "src", "srcset", "action", "data", "poster"}:
                self.addresses.append(value or "")
            if name == "id":
                self.places.add(value or "")


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def test_what_is_in_it(unpacked: Path) -> None:
    found = {str(file.relative_to(unpacked)) for file in unpacked.rglob("*") if file.is_file()}

    assert found == {
        *("index.html", "kit.css", "README.txt", "checksums.txt", "zh/index.html", "en/index.html"),
        *("zh/transport/counters.html", "en/transport/counters.html"),
        *("data/transport/counters/counters.csv", "data/transport/counters/counters_notes.csv"),
        *("data/transport/counters/datapackage.json", "data/transport/counters/provenance.json"),
        *(f"data/transport/counters/{name}.json" for name in ("manifest", "report", "profile", "conversion")),
        *("data/transport/counters/counters.parquet", "data/transport/counters/notes.parquet"),
        *(f"data/transport/counters/excel/{name}-excel.csv" for name in ("counters", "counters_notes")),
        *("leaflets/transport_counters.zh.pdf", "leaflets/transport_counters.en.pdf"),
        *("cite/transport_counters.bib", "cite/transport_counters.ris", "cite/transport_counters.json"),
    }


def test_every_link_is_relative_and_leads_to_a_file_in_the_zip(unpacked: Path) -> None:
    reached = {unpacked / "index.html"}
    for page in pages(unpacked):
        for address in Links(page).addresses:
            target, place = urldefrag(address)
            assert not re.match(r"[a-z]+:|/", target), f"{page}: {address}"
            file = (page.parent / unquote(target)).resolve() if target else page
            assert file.is_file(), f"{page}: {address}"
            assert file.is_relative_to(unpacked.resolve())
            assert not place or place in Links(file).places, f"{page}: {address}"
            reached.add(file)
    left = {file for file in unpacked.rglob("*") if file.is_file()} - reached
    assert {file.name for file in left} == {"report.json", "profile.json", "conversion.json"}  # for machines


def test_no_page_holds_a_script_or_asks_for_anything(unpacked: Path) -> None:
    for page in pages(unpacked):
        assert not Links(page).tags & {"script", "iframe", "img", "form", "object", "embed", "base"}
    style = (unpacked / "kit.css").read_text("utf-8")
    assert "url(" not in style
    assert "@import" not in style


def test_the_checksums_are_those_of_all_other_files(unpacked: Path) -> None:
    lines = (unpacked / "checksums.txt").read_text("utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}

    there = {str(one.relative_to(unpacked)) for one in unpacked.rglob("*") if one.is_file()} - {"checksums.txt"}
    assert list(listed) == sorted(there)
    for name, digest in listed.items():
        assert hashlib.sha256((unpacked / name).read_bytes()).hexdigest() == digest


def test_sha256sum_reads_the_checksums_and_finds_a_file_that_was_changed(unpacked: Path) -> None:
    tool = shutil.which("sha256sum")
    if tool is None:
        pytest.skip("no sha256sum on this machine")
    command = [tool, "--check", "--strict", "--quiet", "checksums.txt"]

    assert subprocess.run(command, cwd=unpacked, check=False).returncode == 0  # noqa: S603 - as the README says

    with (unpacked / "zh/index.html").open("a") as page:
        page.write("x")
    assert subprocess.run(command, cwd=unpacked, check=False, capture_output=True).returncode == 1  # noqa: S603


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            (
                *("1.0.0", "Fewer in rain.", "Bridge 1", "The office handed it in.", "Public domain", "Data desk"),
                *(
                    "Rows by “Since”; one bar is 2 weeks",
                    "Distribution from 2020-01-01 to 2020-01-28, one bar is 2 weeks",
                    "10 of 50 rows",
                    "Transport office",
                ),
            ),
        ),
        (
            "zh",
            (
                *("1.0.0", "雨天少。", "自行车计数器", "桥1", "交通局提交。", "Public domain", "数据台", "交通局"),
                *(
                    "行数：按“Since（中）”；每条 2 周",
                    "从 2020-01-01 到 2020-01-28 的分布，每条 2 周",
                    "10 行，共 50 行",
                ),
            ),
        ),
    ],
)
def test_the_page_of_a_dataset_says_it_all(unpacked: Path, language: str, told: tuple[str, ...]) -> None:
    page = (unpacked / f"{language}/transport/counters.html").read_text("utf-8")
    manifest = hashlib.sha256((unpacked / "data/transport/counters/manifest.json").read_bytes()).hexdigest()

    for words in (*told, manifest, f"sha256: {manifest[:16]}", "50", "%"):
        assert words in page, words
    assert "https://data.example.org/d/transport/counters/1.0.0" in page
    assert "<script>" not in page


def test_the_csv_is_the_export_byte_by_byte(unpacked: Path, tmp_path: Path) -> None:
    for name, export in (("counters", "counters-counters"), ("counters_notes", "counters-notes")):
        in_kit = (unpacked / f"data/transport/counters/{name}.csv").read_bytes()
        assert in_kit == (tmp_path / f"{export}.csv").read_bytes()
        for_excel = (unpacked / f"data/transport/counters/excel/{name}-excel.csv").read_bytes()
        assert for_excel == (tmp_path / f"{export}-excel.csv").read_bytes()


@pytest.mark.parametrize(
    ("language", "plain", "excel"),
    [
        ("en", "for programs, or to import into a spreadsheet", "opens in Excel by a double click"),
        ("zh", "供程序读取，或在表格软件中导入", "双击即可用 Excel 打开"),
    ],
)
def test_the_page_says_which_csv_is_for_a_double_click(unpacked: Path, language: str, plain: str, excel: str) -> None:
    page = (unpacked / f"{language}/transport/counters.html").read_text("utf-8")

    _, files = page.split('<h2 id="files">')
    first = re.findall(r"<h3>.*?>([^<,，]*)[,，].*?</h3><p>(.*?)</p>", files)[:4]
    assert [name for name, _ in first] == [
        *("counters.csv", "counters-excel.csv", "counters_notes.csv", "counters_notes-excel.csv")
    ]
    for (_, note), words in zip(first, (plain, excel, plain, excel), strict=True):
        assert words in note
    assert "any spreadsheet" not in page
    assert "任何表格软件" not in page


@pytest.fixture(scope="module")
def openssl() -> str:
    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("no openssl on this machine")
    return tool


@pytest.fixture
def signed(desk: Desk, tmp_path: Path) -> Path:
    """An unpacked kit of a signed release, whose checksums are signed too."""
    signer = new_key(tmp_path / "key")
    publish(desk, signer)
    made = kit(desk.layout, [], tmp_path / "kit.zip", exporter(tmp_path), signer=signer)
    folder = tmp_path / "kit"
    with zipfile.ZipFile(made) as zipped:
        zipped.extractall(folder)
    return folder


def commands(folder: Path, tool: str) -> list[str]:
    """The commands of the README that begin with a tool; those of both languages must be the same."""
    lines = [line.strip() for line in (folder / "README.txt").read_text("utf-8").splitlines()]
    found = [line for line in lines if line.startswith(tool)]
    half = len(found) // 2
    assert found[:half] == [line.replace("ID.pem", "编号.pem") for line in found[half:]]
    return found[:half]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["/bin/sh", "-c", command], cwd=folder, check=False, capture_output=True)  # noqa: S603 - as the README says


def test_the_commands_of_the_readme_prove_every_csv_of_a_signed_kit(signed: Path, openssl: str) -> None:
    assert openssl
    sums, release = commands(signed, "openssl pkeyutl")
    assert run(sums, signed).returncode == 0
    assert run(release, signed).returncode == 0
    assert "data/transport/counters/counters.csv\n" in (signed / "checksums.txt").read_text("utf-8")

    with (signed / "checksums.txt").open("a") as file:
        file.write("0" * 64 + "  data/transport/counters/another.csv\n")
    assert run(sums, signed).returncode == 1


def test_the_command_of_the_readme_gives_the_id_of_the_key(signed: Path, openssl: str) -> None:
    assert openssl
    (key,) = (signed / "keys").iterdir()
    (command,) = commands(signed, "openssl pkey ")

    told = run(command.replace("keys/编号.pem", f"keys/{key.name}"), signed).stdout.decode()

    assert told.split()[0] == key.stem


def test_the_command_of_the_readme_holds_the_files_of_a_release_to_its_manifest(signed: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum on this machine")
    folder = signed / "data/transport/counters"
    (command,) = commands(signed, "tr ")

    told = run(command, folder)
    assert told.returncode == 0, told.stderr
    listed = {one["path"] for one in json.loads((folder / "manifest.json").read_bytes())["files"]}
    assert {line.split(":")[0] for line in told.stdout.decode().splitlines()} == listed
    assert {"counters.parquet", "notes.parquet"} < listed

    with (folder / "counters.parquet").open("ab") as file:
        file.write(b"x")
    assert run(command, folder).returncode == 1


def test_a_kit_that_nobody_signs_says_what_it_cannot_prove(unpacked: Path) -> None:
    readme = (unpacked / "README.txt").read_text("utf-8")

    assert not (unpacked / "checksums.sig").exists()
    assert not (unpacked / "keys").exists()
    assert "checksums.txt is not signed: step 1 finds damage, not somebody who changed a file" in readme
    assert "checksums.txt 未签名：第 1 步只能发现意外损坏" in readme
    assert "openssl" not in readme
    assert "Cycle counters <script>alert(1)</script> & more" in readme  # as it is: this is no page


def test_a_signed_release_brings_its_key_into_a_kit_that_is_not_signed(desk: Desk, tmp_path: Path) -> None:
    signer = new_key(tmp_path / "key")
    publish(desk, signer)

    made = kit(desk.layout, [], tmp_path / "kit.zip", exporter(tmp_path))

    with zipfile.ZipFile(made) as zipped:
        assert zipped.read(f"keys/{signer.key_id}.pem").decode() == signer.public_pem
        assert "checksums.sig" not in zipped.namelist()
        for language, words in (("en", "public key"), ("zh", "公钥")):
            page = zipped.read(f"{language}/transport/counters.html").decode()
            assert f'<a href="../../keys/{signer.key_id}.pem">{words}' in page
            assert '<a href="../../data/transport/counters/manifest.json">' in page
            assert '<a href="../../data/transport/counters/manifest.sig">' in page


def test_a_key_that_the_store_does_not_trust_signs_no_kit(desk: Desk, tmp_path: Path) -> None:
    publish(desk, new_key(tmp_path / "key"))

    with pytest.raises(StoreError) as caught:
        kit(desk.layout, [], tmp_path / "kit.zip", exporter(tmp_path), signer=new_key(tmp_path / "another"))

    assert "is not trusted here" in caught.value.message.en


@pytest.mark.parametrize("less", [0, 1])
def test_a_release_that_is_too_large_is_in_the_kit_without_its_tables(desk: Desk, tmp_path: Path, less: int) -> None:
    release = publish(desk)
    size_of = {one.path: one.bytes for one in load(release.folder).files}

    most = sum(size_of.values()) - less
    made = kit(desk.layout, [], tmp_path / "kit.zip", exporter(tmp_path), most_bytes=most)

    with zipfile.ZipFile(made) as zipped:
        names = {name.rpartition("/")[2] for name in zipped.namelist()}
        english, chinese = (zipped.read(f"{one}/transport/counters.html").decode() for one in ("en", "zh"))
    assert ("counters.parquet" in names) == (not less)
    assert names > {"manifest.json", "datapackage.json", "provenance.json", "counters.csv"}
    left = size(sum(number for name, number in size_of.items() if name not in names))
    assert (f"The other files that it lists ({left}) are too large for the kit" in english) == bool(less)
    assert (f"清单所列的其他文件（{left}）太大，不在包中" in chinese) == bool(less)


@pytest.mark.parametrize(("rows", "there"), [(1_048_575, True), (1_048_576, False)])
def test_a_table_of_more_rows_than_excel_opens_has_no_csv_for_it(
    desk: Desk,
    tmp_path: Path,
    rows: int,
    there: bool,  # noqa: FBT001 - what is expected
) -> None:
    release = publish(desk)
    described = json.loads((release.folder / "datapackage.json").read_bytes())
    described["resources"][0]["rows"] = rows  # it is only said so
    add(release, "datapackage.json", described)
    seal(release)

    with zipfile.ZipFile(kit(desk.layout, [], tmp_path / "kit.zip", exporter(tmp_path))) as zipped:
        names = zipped.namelist()
        page = zipped.read("en/transport/counters.html").decode()

    assert ("data/transport/counters/excel/counters-excel.csv" in names) == there
    assert ("counters-excel.csv" in page) == there
    assert "data/transport/counters/excel/counters_notes-excel.csv" in names


def test_a_file_that_is_not_as_its_manifest_says_stops_the_kit(desk: Desk, tmp_path: Path) -> None:
    release = publish(desk)
    add(release, "profile.json", {})

    with pytest.raises(StoreError) as caught:
        kit(desk.layout, [], tmp_path / "kit.zip", exporter(tmp_path))

    file = release.folder / "profile.json"
    assert caught.value.message.en == f"{file} is not as its manifest says. Run civicat verify."
    assert caught.value.message.zh == f"{file} 与其清单不符。请运行 civicat verify。"
    assert not (tmp_path / "kit.zip").exists()


def test_a_release_whose_manifest_is_damaged_stops_the_kit(desk: Desk, tmp_path: Path) -> None:
    add(publish(desk), "manifest.json", {"format": "none"})

    with pytest.raises(StoreError) as caught:
        kit(desk.layout, [], tmp_path / "kit.zip", exporter(tmp_path))

    assert caught.value.message.en.startswith("The manifest of transport/counters 1.0.0 is damaged")


def test_the_same_releases_give_the_same_bytes_in_another_place(
    desk: Desk, another_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1771718400")
    zips = []
    for number, one in enumerate((desk, another_desk)):
        publish(one)
        folder = tmp_path / str(number)
        folder.mkdir()
        zips.append(kit(one.layout, ["transport/counters"], folder / "kit.zip", exporter(folder)).read_bytes())

    assert zips[0] == zips[1]


def test_a_release_with_neither_profile_nor_manifest_is_told_without_pictures_and_hash(
    desk: Desk, tmp_path: Path
) -> None:
    release = desk.publish()
    for name in ("profile.json", "manifest.json"):
        (release.folder / name).unlink(missing_ok=True)

    made = kit(desk.layout, [], tmp_path / "kit.zip", exporter(tmp_path))

    with zipfile.ZipFile(made) as zipped:
        assert not [name for name in zipped.namelist() if name.startswith("cite/")]
        page = zipped.read("en/transport/counters.html").decode()
    assert "this version has no manifest" in page
    assert "At a glance" not in page
    assert "sha256:" not in page
    assert 'class="v ' not in page


def test_a_large_file_goes_through_a_piece_at_a_time(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as stream:
        for _ in range(48):
            stream.write(os.urandom(1 << 20))

    tracemalloc.start()
    with archive(tmp_path / "kit.zip") as zipped:
        zipped.add("data/large.csv", large)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 8 << 20
    assert zipped.sizes == {"data/large.csv": 48 << 20}
    assert zipped.sums == {"data/large.csv": hashlib.sha256(large.read_bytes()).hexdigest()}


@pytest.mark.parametrize(
    ("names", "zh", "en"),
    [
        (
            ["transport/counter"],
            "没有已发布的数据集“transport/counter”。您是指“transport/counters”吗？",
            "no dataset “transport/counter” is published. Did you mean “transport/counters”?",
        ),
        (
            ["transport/counters", "zzz"],
            "没有已发布的数据集“zzz”。请写成 部门/数据集 的样子。",
            "no dataset “zzz” is published. Write it as department/dataset.",
        ),
    ],
)
def test_a_name_that_is_not_there_is_refused_and_nothing_is_written(
    desk: Desk, tmp_path: Path, names: list[str], zh: str, en: str
) -> None:
    desk.publish()

    with pytest.raises(CivicatError) as caught:
        kit(desk.layout, names, tmp_path / "kit.zip", exporter(tmp_path))

    assert (caught.value.message.zh, caught.value.message.en) == (zh, en)
    assert not list(tmp_path.glob("*kit.zip*"))


def test_an_empty_store_is_said_so(tmp_path: Path) -> None:
    store = tmp_path / "store"

    with pytest.raises(CivicatError) as caught:
        kit(Layout(store), [], tmp_path / "kit.zip", exporter(tmp_path))

    assert caught.value.message.en == f"{store} has no dataset yet. Run civicat publish first."
    assert caught.value.message.zh == f"{store} 中还没有发布任何数据集。请先运行 civicat publish。"


def test_a_place_that_cannot_be_written_is_said_so(desk: Desk, tmp_path: Path) -> None:
    desk.publish()
    target = tmp_path / "nowhere/kit.zip"

    with pytest.raises(CivicatError) as caught:
        kit(desk.layout, [], target, exporter(tmp_path))

    assert caught.value.message.en.startswith(f"{target} cannot be written (No such file or directory). ")
    assert caught.value.message.zh.startswith(f"{target} 无法写入（No such file or directory）。")


def test_a_kit_that_fails_half_way_leaves_the_one_that_was_there(desk: Desk, tmp_path: Path) -> None:
    desk.publish()
    target = tmp_path / "kit.zip"
    target.write_bytes(b"the one of last week")

    with pytest.raises(CivicatError) as caught:
        kit(desk.layout, [], target, lambda *_: tmp_path / "never made")

    assert caught.value.message.en == f"{tmp_path}/never made cannot be read (No such file or directory)."
    assert target.read_bytes() == b"the one of last week"
    assert [one.name for one in tmp_path.glob("*kit.zip*")] == ["kit.zip"]


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_949, "9.9 kB"), (9_950, "10 kB"), (2_500_000_000, "2.5 GB")],
)
def test_sizes_are_said_in_steps_of_a_thousand(number: int, shown: str) -> None:
    assert size(number) == shown


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Without one the tests are skipped, but not on CI: there it has to be."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        reason = "no chromium: install it, or name it in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


def violations(page: Page) -> list[str]:
    page.evaluate(OPEN_ALL)
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    return [f"{one['id']}: {node['html'][:160]} ({one['help']})" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_it_opens_from_disk_with_no_network_and_axe_finds_nothing(
    browser: Browser,
    unpacked: Path,
    width: int,
    scheme: Any,  # noqa: ANN401 - a word of Playwright's
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    page = context.new_page()
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("console", lambda message: failed.append(message.text))

    for file in pages(unpacked):
        page.goto(file.as_uri())
        assert page.locator("h1").count() == 1
        assert page.evaluate("getComputedStyle(document.body).margin") == "0px"  # the stylesheet is there
        assert page.evaluate("document.documentElement.scrollWidth") <= width, file.name
    assert failed == []
    assert all(address.startswith(unpacked.as_uri()) for address in asked)

    checked = context.new_page()  # axe itself asks for the stylesheet again, which a page on disk may not
    for file in pages(unpacked):
        checked.goto(file.as_uri())
        assert violations(checked) == [], file.name
    context.close()


def test_somebody_finds_the_data_by_links_alone(browser: Browser, unpacked: Path) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True, locale="zh-CN")
    page = context.new_page()

    page.goto((unpacked / "index.html").as_uri())
    page.get_by_role("link", name="打开中文目录").click()
    page.get_by_role("link", name="自行车计数器", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text() == "自行车计数器"
    page.get_by_role("link", name="English", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Cycle counters <script>")
    page.get_by_role("link", name="Transport office").click()

    assert page.url == (unpacked / "en/index.html").as_uri() + "#transport"
    context.close()
