"""Releases from the command line: versions, diff, export, retract, verify, keys; what is said and the exit status."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
NAME = "us-census/states"


def run(cwd: Path, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("CIVICAT_", "LC_", "LANG"))}
    return subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "civicat.cli", *map(str, arguments)],
        cwd=cwd,
        env={**clean, "PYTHONUTF8": "1", "CIVICAT_DATASETS": str(cwd / "datasets"), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr
    assert done.returncode == 2, done
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done
    return done.stdout


def _correct(place: Path) -> None:
    """One state is called otherwise: a correction, as a department hands it in."""
    file = place / "datasets/us-census/states/data/states.csv"
    file.write_bytes(file.read_bytes().replace(b"Alabama", b"ALABAMA", 1))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with two releases of a real dataset, signed; no test changes it."""
    place = tmp_path_factory.mktemp("place")
    shutil.copytree(ROOT / "datasets/us-census", place / "datasets/us-census")
    said(run(place, "new-key", "key.pem"))
    said(run(place, "publish", CIVICAT_SIGNING_KEY_FILE="key.pem"))
    _correct(place)
    said(run(place, "publish", CIVICAT_SIGNING_KEY_FILE="key.pem"))
    return place


@pytest.fixture
def place(published: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return shutil.copytree(published, tmp_path / "place", symlinks=True)


def test_versions_say_what_changed(published: Path) -> None:
    first, second = said(run(published, "versions", NAME)).splitlines()
    assert first.startswith("1.0.0  ")
    assert second.startswith("1.1.0  ")
    assert "1" in second.split("rows")[1]


@pytest.mark.parametrize(
    "named",
    [(NAME, "1.0.0", "1.1.0"), (f"{NAME}@1.0.0", f"{NAME}@1.1.0"), (f"{NAME}@1.0.0",), (NAME,)],
    ids=["three words", "two releases", "to the latest", "the last two"],
)
def test_a_diff_names_the_old_and_the_new_cell(published: Path, named: tuple[str, ...]) -> None:
    text = said(run(published, "diff", *named))
    assert "Alabama" in text
    assert "ALABAMA" in text


def test_a_diff_is_data_and_a_page_too(published: Path, tmp_path: Path) -> None:
    found = json.loads(said(run(published, "diff", NAME, "--format", "json")))
    assert (found["old"]["version"], found["new"]["version"]) == ("1.0.0", "1.1.0")
    page = tmp_path / "diff.html"
    said(run(published, "diff", NAME, "--format", "html", "--output", page, "--lang", "zh"))
    assert '<html lang="zh' in page.read_text("utf-8")
    table = tmp_path / "changes.parquet"
    said(run(published, "diff", NAME, "--format", "parquet", "--output", table))
    assert pq.read_table(table).select(["kind", "old", "new"]).to_pylist() == [
        {"kind": "changed", "old": "Alabama", "new": "ALABAMA"}
    ]
    beside = published / "store/releases/us-census/states/1.1.0/changes.parquet"
    assert pq.read_table(beside).equals(pq.read_table(table))


@pytest.mark.parametrize(
    ("named", "en", "zh"),
    [
        ((NAME, "1.0.0", "9.9.9"), f"{NAME} has no version 9.9.9. It has 1.0.0, 1.1.0.", "没有版本 9.9.9"),
        ((NAME, "one"), f"{NAME} has no version one. It has 1.0.0, 1.1.0.", "没有版本 one"),
        (("us-census/state", "1.0.0"), "Did you mean “us-census/states”?", "您是指“us-census/states”吗？"),
        (("a", "b", "c", "d"), "Name a dataset and two versions", "请写明数据集和两个版本"),
        ((), "Name a dataset and two versions", "请写明数据集和两个版本"),
    ],
    ids=["no such version", "no version at all", "no such dataset", "too much", "nothing"],
)
def test_a_diff_of_what_is_not_there_is_one_line(published: Path, named: tuple[str, ...], en: str, zh: str) -> None:
    assert en in refused(run(published, "diff", *named))
    assert zh in refused(run(published, "diff", *named, "--lang", "zh"))


def test_a_diff_across_datasets_is_refused(place: Path) -> None:
    shutil.copytree(ROOT / "datasets/bts/airlines", place / "datasets/bts/airlines")
    shutil.copy(ROOT / "datasets/bts/department.yaml", place / "datasets/bts/department.yaml")
    said(run(place, "publish", "bts/airlines", CIVICAT_SIGNING_KEY_FILE="key.pem"))
    done = run(place, "diff", f"{NAME}@1.0.0", "bts/airlines@1.0.0")
    assert "bts/airlines" in refused(done)


def test_an_export_is_written_once_and_never_over_a_file(place: Path) -> None:
    said(run(place, "export", NAME, "--format", "csv"))
    file = place / "us-census-states-1.1.0.csv"
    rows = list(csv.reader(file.read_text("utf-8").splitlines()))
    assert len(rows) == 53
    assert "stays" in refused(run(place, "export", NAME, "--format", "csv"))
    said(run(place, "export", NAME, "--format", "csv", "--version", "1.0.0", "--output", "old.csv"))
    assert "Alabama" in (place / "old.csv").read_text("utf-8")


@pytest.mark.parametrize("form", ["csv-excel", "ndjson", "xlsx", "arrow", "sqlite", "dump", "kit", "leaflet"])
def test_every_form_can_be_had(place: Path, form: str) -> None:
    (place / "out").mkdir()
    names = () if form == "dump" else (NAME,)
    said(run(place, "export", *names, "--format", form, "--output", "out"))
    assert all(file.stat().st_size for file in (place / "out").iterdir())
    assert len(list((place / "out").iterdir())) == (2 if form == "leaflet" else 1)


@pytest.mark.parametrize("style", ["plain", "bibtex", "ris", "csl", "gbt7714"])
def test_a_citation_names_the_version_and_the_hash(published: Path, style: str) -> None:
    words = said(run(published, "export", NAME, "--format", style))
    assert "1.1.0" in words
    manifest = (published / "store/releases/us-census/states/1.1.0/manifest.json").read_bytes()
    import hashlib  # noqa: PLC0415 - this test alone hashes

    assert hashlib.sha256(manifest).hexdigest()[:12] in words


def test_a_form_or_a_resource_that_is_not_there_names_what_is(published: Path) -> None:
    assert "Did you mean “xlsx”?" in refused(run(published, "export", NAME, "--format", "xslx"))
    assert "您是指“xlsx”吗？" in refused(run(published, "export", NAME, "--format", "xslx", "--lang", "zh"))
    assert "states" in refused(run(published, "export", NAME, "--format", "csv", "--resource", "stats"))
    assert "Name a dataset" in refused(run(published, "export", "--format", "csv"))


WHY = (
    "--reason",
    "名称有误。",
    "--reason",
    "A name is wrong.",
    "--authority",
    "普查局",
    "--authority",
    "Census Bureau",
)


def test_a_release_that_is_taken_down_is_told_of_everywhere(place: Path) -> None:
    key = {"CIVICAT_SIGNING_KEY_FILE": "key.pem"}
    assert "The latest is 1.0.0 now." in said(run(place, "retract", NAME, "1.1.0", *WHY, **key))

    assert "taken down on" in said(run(place, "versions", NAME)).splitlines()[1]
    assert "撤回：名称有误。" in said(run(place, "versions", NAME, "--lang", "zh")).splitlines()[1]
    assert "A name is wrong." in refused(run(place, "export", NAME, "--format", "csv", "--version", "1.1.0"))
    assert "A name is wrong." in refused(run(place, "diff", NAME, "1.0.0", "1.1.0"))
    assert "A name is wrong." in refused(run(place, "retract", NAME, "1.1.0", *WHY, **key))
    assert said(run(place, "verify")).startswith("2 releases, each as it was published; 2 are signed (key ")

    again = run(place, "publish", **key)
    assert again.returncode == 0
    assert "Left down  us-census/states: the same data, version 1.1.0, was taken down on" in again.stderr
    assert "--again" in again.stderr
    assert "Published  us-census/states 1.2.0" in said(run(place, "publish", "--again", **key))


@pytest.mark.parametrize(
    ("words", "en", "zh"),
    [
        ((NAME, "1.1.0", "--authority", "Bureau"), "A retraction needs a reason.", "撤回必须说明理由。"),
        ((NAME, "1.1.0", "--reason", " "), "A retraction needs a reason.", "撤回必须说明理由。"),
        ((NAME, "1.1.0", "--reason", "wrong"), "A retraction needs an authority.", "撤回必须说明由谁决定。"),
        ((NAME, "3.0.0", *WHY), "has no version 3.0.0", "没有版本 3.0.0"),
        (("us-census/none", "1.0.0", *WHY), "“us-census/none” has no release.", "“us-census/none”尚无版本。"),
    ],
    ids=["no reason", "a blank reason", "no authority", "no such version", "no such dataset"],
)
def test_a_retraction_that_is_not_clear_changes_nothing(
    published: Path, words: tuple[str, ...], en: str, zh: str
) -> None:
    before = sorted(published.joinpath("store/releases").rglob("*"))
    key = {"CIVICAT_SIGNING_KEY_FILE": "key.pem"}
    assert en in refused(run(published, "retract", *words, **key))
    assert zh in refused(run(published, "retract", *words, "--lang", "zh", **key))
    assert sorted(published.joinpath("store/releases").rglob("*")) == before


def test_a_wrong_key_or_none_is_refused_and_nothing_changes(place: Path) -> None:
    said(run(place, "new-key", "other.pem"))
    before = sorted(place.joinpath("store/releases").rglob("*"))
    file = place / "datasets/us-census/states/data/states.csv"
    file.write_bytes(file.read_bytes().replace(b"Alaska", b"ALASKA", 1))

    for environment in ({"CIVICAT_SIGNING_KEY_FILE": "other.pem"}, {}):
        done = run(place, "publish", **environment)
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert sorted(place.joinpath("store/releases").rglob("*")) == before
    assert "must be readable" not in done.stderr
    bad = run(place, "publish", CIVICAT_SIGNING_KEY_FILE="nokey.pem")
    assert "nokey.pem" in refused(bad)


def test_a_file_that_was_downloaded_is_checked_by_itself(place: Path, tmp_path: Path) -> None:
    release = place / "store/releases/us-census/states/1.1.0"
    (tmp_path / "away").mkdir()
    for name in ("states.parquet", "manifest.json", "manifest.sig"):
        shutil.copy(release / name, tmp_path / "away" / name)
    away = tmp_path / "away"
    assert "as it was published" in said(run(away, "verify", "states.parquet", "--manifest", "manifest.json"))
    (away / "states.parquet").chmod(0o644)
    content = bytearray((away / "states.parquet").read_bytes())
    content[100] ^= 1
    (away / "states.parquet").write_bytes(content)
    done = run(away, "verify", "states.parquet", "--manifest", "manifest.json")
    assert done.returncode == 1
    assert "states.parquet" in done.stdout
    zh = run(away, "verify", "states.parquet", "--manifest", "manifest.json", "--lang", "zh")
    assert "states.parquet" in zh.stdout
    assert "发布时" in zh.stdout


def test_a_manifest_that_was_tampered_with_is_named(place: Path) -> None:
    manifest = place / "store/releases/us-census/states/1.0.0/manifest.json"
    manifest.chmod(0o644)
    manifest.write_bytes(manifest.read_bytes().replace(b"52", b"53"))
    done = run(place, "verify")
    assert done.returncode == 1
    assert "manifest.json" in done.stdout


def test_a_key_is_not_written_over_a_file(published: Path) -> None:
    assert "key.pem" in refused(run(published, "new-key", "key.pem"))


def test_publishing_says_what_the_checks_warn_of(place: Path) -> None:
    key = {"CIVICAT_SIGNING_KEY_FILE": "key.pem"}
    folder = place / "datasets/us-census/states"
    package = yaml.safe_load((folder / "datapackage.yaml").read_text("utf-8"))
    package["resources"][0].setdefault("civicat", {})["submission"] = "upsert"
    (folder / "datapackage.yaml").write_text(yaml.safe_dump(package, allow_unicode=True), "utf-8")
    file = folder / "data/states.csv"
    first = file.read_bytes()
    said(run(place, "publish", **key))
    file.write_bytes(first.replace(b"Alaska", b"ALASKA", 1))
    said(run(place, "publish", **key))
    file.write_bytes(first)

    told = said(run(place, "publish", **key))

    assert "are not joined again: those online stay as they are." in told
    assert "Published  us-census/states" in told


def test_verify_says_who_signed_and_what_was_left_out(published: Path, place: Path) -> None:
    [key] = [file.stem for file in (published / "store/keys").glob("*.pem")]

    told = said(run(published, "verify")), said(run(published, "verify", "--lang", "zh"))
    assert told == (
        f"2 releases, each as it was published; 2 are signed (key {key[:16]}…).\n",
        f"2 个版本，全部完好；2 个有签名（密钥 {key[:16]}…）。\n",
    )
    said(run(place, "new-key", "other.pem"))
    public = run(place, "verify", "--key", f"store/keys/{key}.pem", "--key", f"store/keys/{key}.pem")
    assert public.returncode == 0

    said(run(place, "export", "--format", "dump", "--output", "dump.tar"))
    copy = place / "copy"
    with tarfile.open(place / "dump.tar") as tar:
        tar.extractall(copy, filter="data")
    lines = said(run(place, "verify", "--store", copy)).splitlines()
    assert lines[0] == f"{NAME}: version 1.0.0 and those before were left out of this dump."
    assert lines[1].startswith("The files of 1 release can be written; as published they cannot. Run chmod -R a-w ")
    assert lines[2] == f"1 release, each as it was published; 1 is signed (key {key[:16]}…)."


def test_verify_says_that_nothing_is_signed(place: Path) -> None:
    shutil.rmtree(place / "store")
    said(run(place, "publish"))

    assert said(run(place, "verify")) == "1 release, each as it was published; none is signed.\n"
    assert said(run(place, "verify", "--lang", "zh")) == "1 个版本，全部完好；均未签名。\n"
    said(run(place, "new-key", "new.pem"))
    _correct_again(place)
    said(run(place, "publish", CIVICAT_SIGNING_KEY_FILE="new.pem"))
    assert "2 releases, each as it was published; 1 is signed (key " in said(run(place, "verify"))
    assert "，1 个没有。" in said(run(place, "verify", "--lang", "zh"))


def _correct_again(place: Path) -> None:
    file = place / "datasets/us-census/states/data/states.csv"
    file.write_bytes(file.read_bytes().replace(b"Alaska", b"ALASKA", 1))
