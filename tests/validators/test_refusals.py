"""A refusal is a report, too: what cannot be checked is told in the form that was asked for, as frictionless has it."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest

from civicat.errors import CivicatError, Kind, NotThereYetError, SourceError
from civicat.report import Outcome
from civicat.text import Text
from civicat.validators import refusal, system_error
from civicat.validators.compound import is_circular
from civicat.validators.guesses import WIDEST
from civicat.validators.records import MOST_NAMES
from civicat.validators.silence import silent

PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8
TABLE = b"id,n\n" + b"".join(b"%d,%d\n" % (one, one * 7919) for one in range(9000))
DEEP = b"[" * 100_000 + b"]" * 100_000


def run(*arguments: str, cwd: Path, seconds: int = 60) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("CIVICAT_", "LC_", "LANG"))}
    return subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "civicat.cli", "validate", *arguments],
        cwd=cwd,
        env={**clean, "PYTHONUTF8": "1", "RUST_BACKTRACE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    (line,) = done.stderr.strip().splitlines()
    return line


def zipped(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return target.getvalue()


def workbook(**parts: Callable[[bytes], bytes]) -> bytes:
    """A small workbook, of which some parts are changed: `sheet1` for xl/worksheets/sheet1.xml."""
    whole, target = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["id", "n"])
    book.active.append([1, "a"])
    book.save(whole)
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content, change = before.read(name), parts.get(Path(name).stem)
            after.writestr(name, change(content) if change else content)
    return target.getvalue()


def laughing(content: bytes) -> bytes:
    """XML in which an entity stands for ten of the one before, and so on."""
    entities = b"".join(b'<!ENTITY l%d "%s">' % (one, b"&l%d;" % (one - 1) * 10) for one in range(1, 12))
    doctype = b'<!DOCTYPE a [<!ENTITY l0 "lol">' + entities + b"]>"
    begin = content.index(b"?>") + 2 if content.startswith(b"<?xml") else 0
    return content[:begin] + doctype + content[begin:].replace(b">id<", b">&l11;<").replace(b'"Sheet"', b'"&l11;"')


def compound(chain: int) -> bytes:
    """An old workbook of one sector of numbers and one of names; the latter's chain goes on at sector `chain`."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return head + struct.pack("<128I", 0xFFFFFFFD, chain, *[0xFFFFFFFF] * 126) + bytes(512)


# Of each: the file, frictionless' type of error, what both languages say, and what is to be done.
REFUSED: Mapping[str, tuple[bytes | None, str, str, str]] = {
    "nowhere.csv": (None, "scheme-error", "没有文件 nowhere.csv。", "There is no file nowhere.csv."),
    "nowhere.json": (None, "scheme-error", "没有文件 nowhere.json。", "There is no file nowhere.json."),
    "picture.csv": (PICTURE, "encoding-error", "其实是图片，不是文本。", "is a picture, not text."),
    "fake.xlsx": (b"PK\x03\x04 none", "format-error", "不是可读的工作簿。", "is not a workbook that can be read."),
    "text.xlsx": (b"id,n\n1,2\n", "format-error", "看起来是 CSV", "looks like a CSV under a workbook's name."),
    "cut.xlsx": (workbook()[:-200], "format-error", "不是可读的工作簿。", "is not a workbook that can be read."),
    "cut.csv.gz": (gzip.compress(TABLE)[:-9000], "source-error", "解压不了：文件已损坏", "cannot be unpacked"),
    "no.csv.gz": (b"id,n\n1,2\n", "compression-error", "解压不了：文件已损坏", "cannot be unpacked"),
    "bad.parquet": (b"PAR1xxxxPAR1", "source-error", "不是可读的 Parquet 文件", "is not a Parquet file that can be"),
    "a.foo": (b"id\n1\n", "format-error", "civicat 不认识这种格式。", "civicat does not know this format."),
    "bad.json": (b'[{"id": 1,', "source-error", "不是有效的 JSON", "this is not JSON"),
    "cut.zip": (b"PK\x03\x04 none", "compression-error", "解压不了：文件已损坏", "cannot be unpacked"),
    "two.zip": (zipped(a_csv=b"id\n", b_csv=b"id\n"), "compression-error", "中有 2 个文件", "holds 2 files: a.csv"),
    "bomb.csv.gz": (gzip.compress(b"0" * 40_000_000), "compression-error", "大得不正常", "that is no table"),
    "bomb.zip": (zipped(a_csv=b"0" * 40_000_000), "compression-error", "大得不正常", "that is no table"),
    "nested.zip": (zipped(a_zip=zipped(a_csv=b"0")), "compression-error", "里还是压缩文件", "holds another archive"),
    "twice.csv.gz": (
        gzip.compress(gzip.compress(TABLE)),
        "encoding-error",
        "twice.csv.gz 其实是gzip",
        "twice.csv.gz is",
    ),
    "zeros.csv": (bytes(999), "source-error", "里只有空字节", "holds nothing but zero bytes"),
    "bad.ods": (b"PK\x03\x04 none", "format-error", "不是可读的工作簿。", "is not a workbook that can be read."),
    "bad.xls": (b"\xd0\xcf\x11\xe0 none", "format-error", "不是可读的工作簿。", "is not a workbook that can be read."),
    "circle.xls": (compound(1), "format-error", "不是可读的工作簿。", "is not a workbook that can be read."),
    "laughs.xlsx": (workbook(sheet1=laughing), "format-error", "不是可读的工作簿。", "is not a workbook that can"),
    "laughing.xlsx": (workbook(workbook=laughing), "format-error", "不是可读的工作簿。", "is not a workbook that can"),
    "deep.json": (DEEP, "source-error", "层次不太深的 JSON", "JSON that is not nested too deeply"),
    "deep.ndjson": (b'{"a":' + DEEP + b"}", "source-error", "层次不太深的 JSON", "not nested too deeply"),
    "digits.json": (b'[{"a":' + b"9" * 9000 + b"}]", "source-error", "超过 4300 位", "more than 4,300 digits"),
    "names.json": (
        json.dumps([{f"n{one}": 1 for one in range(MOST_NAMES + 1)}]).encode(),
        "source-error",
        f"有 {MOST_NAMES + 1} 个以上不同的名称",
        f"has {MOST_NAMES + 1:,} different names",
    ),
    "same.csv": (
        b",".join([b"c"] * (WIDEST + 1)) + b"\n",
        "source-error",
        f"有 {WIDEST + 1} 列",
        f"has {WIDEST + 1:,} columns",
    ),
}

# Where frictionless says something else of the same file, and why.
DIFFERENT: Mapping[str, str] = {
    "a.foo": "it takes a file of unknown kind for no table, and calls it valid without a look into it",
    "bad.json": "it takes JSON for a table only where its reader is installed; else it calls the file valid",
    "nowhere.json": "as above: its task is of the type json",
    "deep.json": "as bad.json",
    "digits.json": "as bad.json",
    "names.json": "as bad.json",
    "deep.ndjson": "its reader of JSON is not installed",
    "cut.zip": "it crashes, and prints no JSON",
    "cut.csv.gz": "it reports the rows before the damage, too; we unpack the whole file before we read a row",
    "no.csv.gz": "it gives the checksums of what it could not unpack",
    "two.zip": "it takes the first file of an archive for all of it",
    "nested.zip": "it takes the archive in it for a file of unknown kind, and calls it valid",
    "bomb.zip": "it unpacks whatever it is given",
    "bomb.csv.gz": "it unpacks whatever it is given",
    "twice.csv.gz": "the position that it names is that of the unpacked text",
    "bad.parquet": "it names the file in its note, and we do not",
    "bad.ods": "its reader is not installed",
    "bad.xls": "its reader is not installed",
    "circle.xls": "its reader is not installed; one that is would take all memory",
    "laughs.xlsx": "its reader expands entities, or fails in words of its own",
    "laughing.xlsx": "its reader expands entities, or fails in words of its own",
    "picture.csv": "it counts the bytes that it read",
    "zeros.csv": "it reads zero bytes as the label of a column",
    "same.csv": "it takes minutes over thousands of columns",
}


@pytest.fixture
def handed_in(tmp_path: Path) -> Callable[[str], Path]:
    def write(name: str) -> Path:
        content = REFUSED[name][0]
        if content is not None:
            (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_a_report_in_json(handed_in: Callable[[str], Path], name: str) -> None:
    folder = handed_in(name).parent
    _, kind, zh, en = REFUSED[name]
    done = run(name, "--format", "json", cwd=folder)
    assert done.returncode == 2
    assert en in one_line(done)
    report = json.loads(done.stdout)
    (task,) = report["tasks"]
    (error,) = task["errors"]
    assert (report["valid"], report["errors"], report["stats"]["errors"]) == (False, [], 1)
    assert (task["valid"], task["place"], task["labels"], error["type"]) == (False, name, [], kind)
    assert report["civicat"]["outcome"] == "unchecked"
    (resource,) = report["civicat"]["resources"]
    (finding,) = resource["findings"]
    assert (resource["outcome"], finding["code"], finding["error"]) == ("unchecked", kind, 0)
    assert zh in finding["message"]["zh"]
    assert en in finding["message"]["en"]
    assert re.search("[一-鿿]", finding["remedy"]["zh"])
    assert finding["remedy"]["en"]
    assert one_line(run(name, "--lang", "zh", cwd=folder)).startswith(finding["message"]["zh"])


@pytest.mark.parametrize("name", sorted(REFUSED.keys() - DIFFERENT.keys()))
def test_the_report_is_that_of_frictionless(handed_in: Callable[[str], Path], name: str) -> None:
    from frictionless import Resource, system  # noqa: PLC0415 (half a second)

    folder = handed_in(name).parent
    report = json.loads(run(name, "--format", "json", cwd=folder).stdout)
    before = Path.cwd()
    os.chdir(folder)
    try:
        with system.use_context(trusted=True):
            theirs = json.loads(Resource(name).validate().to_json())
    finally:
        os.chdir(before)
    theirs["stats"]["seconds"] = theirs["tasks"][0]["stats"]["seconds"] = 0
    del report["civicat"]
    assert report == theirs


@pytest.mark.parametrize("kind", get_args(Kind))
def test_an_error_is_written_as_frictionless_writes_it(kind: Kind) -> None:
    from frictionless import Error, errors  # noqa: PLC0415 (half a second)

    known: list[type[Error]] = [Error]
    known += (one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Error))
    theirs = next(one for one in known if one.type == kind)
    ours: Any = refusal(Path("a.csv"), CivicatError(Text("坏", "bad"), kind=kind, note="a note")).to_descriptor()
    assert ours["tasks"][0]["errors"] == [theirs(note="a note").to_descriptor()]


def test_what_is_wrong_with_a_package_stands_before_its_tasks(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "datapackage.yaml").write_text("a: [")
    for name in ("empty.csv", "bad", "bad/datapackage.yaml"):
        done = run(name, "--format", "json", cwd=tmp_path)
        report = json.loads(done.stdout)
        assert (done.returncode, report["valid"], report["tasks"]) == (2, False, [])
        assert [one["type"] for one in report["errors"]] == ["package-error"]
        assert (report["civicat"]["outcome"], len(report["civicat"]["findings"])) == ("unchecked", 1)
    empty = json.loads(run("empty.csv", "--format", "json", cwd=tmp_path).stdout)
    assert empty["errors"][0]["note"] == "'resources' is a required property"  # as frictionless has it
    assert empty["civicat"]["findings"][0]["remedy"]["zh"] == "可用 civicat new 起草一份。"


@pytest.mark.parametrize(("option", "kind"), [("--schema", "schema-error"), ("--checklist", "checklist-error")])
@pytest.mark.parametrize("text", ["{", "[]", None])
def test_what_a_file_is_checked_against_is_told_by_its_kind(
    tmp_path: Path, option: str, kind: str, text: str | None
) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    if text is not None:
        (tmp_path / "s.json").write_text(text)
    done = run("a.csv", option, "s.json", "--format", "json", cwd=tmp_path)
    (task,) = json.loads(done.stdout)["tasks"]
    assert (done.returncode, [one["type"] for one in task["errors"]]) == (2, [kind])


def test_a_refusal_is_a_page(handed_in: Callable[[str], Path]) -> None:
    folder = handed_in("picture.csv").parent
    done = run("picture.csv", "--format", "html", "--output", "r.html", cwd=folder)
    page = (folder / "r.html").read_text("utf-8")
    assert (done.returncode, done.stdout, page[:15]) == (2, "", "<!doctype html>")
    for words in (
        "Not checked to the end",
        "未能检查完",
        "is a picture, not text",
        "其实是图片",
        "Name it by its real",
    ):
        assert words in page


def test_no_workbook_is_made_of_what_cannot_be_read(handed_in: Callable[[str], Path]) -> None:
    folder = handed_in("picture.csv").parent
    done = run("picture.csv", "--format", "xlsx", "--output", "r.xlsx", cwd=folder)
    assert (done.returncode, (folder / "r.xlsx").exists()) == (2, False)
    assert one_line(done).endswith("or save it as CSV. r.xlsx was not written.")
    zh = one_line(run("picture.csv", "--format", "xlsx", "--output", "r.xlsx", "--lang", "zh", cwd=folder))
    assert zh.endswith("没有写出 r.xlsx。")


def test_words_on_a_terminal_are_the_one_line_and_in_a_file_a_report(handed_in: Callable[[str], Path]) -> None:
    folder = handed_in("picture.csv").parent
    assert run("picture.csv", cwd=folder).stdout == ""
    done = run("picture.csv", "--output", "r.txt", cwd=folder)
    told = (folder / "r.txt").read_text("utf-8")
    assert (done.returncode, done.stdout) == (2, "")
    assert "picture.csv is a picture, not text." in told
    assert "could not be checked to the end" in told


@pytest.mark.parametrize("output", ["picture.csv", "s.json"])
def test_a_refusal_is_never_written_over_what_was_named(handed_in: Callable[[str], Path], output: str) -> None:
    folder = handed_in("picture.csv").parent
    (folder / "s.json").write_text("{}")
    before = (folder / output).read_bytes()
    done = run("picture.csv", "--schema", "s.json", "--format", "json", "--output", output, cwd=folder)
    assert (done.returncode, (folder / output).read_bytes()) == (2, before)
    assert "is there already" in one_line(done)


@pytest.mark.parametrize(
    ("descriptor", "output", "stays"),
    [
        ("resources: [{path: data.json", "data.json", True),
        ("resources: [{path: data.json", "report.json", False),
        ("resources: [{path: data.json", "datapackage.yaml", True),
        (None, "data.json", True),
    ],
)
def test_a_refusal_is_never_written_over_what_a_broken_descriptor_may_mean(
    tmp_path: Path, descriptor: str | None, output: str, *, stays: bool
) -> None:
    for name in ("data.json", "report.json"):  # both look like reports of ours, and one may be data
        (tmp_path / name).write_text('{"valid": false, "civicat": {}}')
    if descriptor is not None:
        (tmp_path / "datapackage.yaml").write_text(descriptor)
    before = (tmp_path / output).read_bytes()
    done = run(".", "--format", "json", "--output", output, cwd=tmp_path)
    assert (done.returncode, (tmp_path / output).read_bytes() == before) == (2, stays)


def test_what_the_system_says_is_a_refusal() -> None:
    disk = system_error(Path("a.csv"), OSError(28, "No space left on device"))
    assert disk.message.en == "a.csv could not be checked to its end (No space left on device)."
    assert "没有查完" in disk.message.zh
    memory = system_error(Path("a.csv"), MemoryError())
    assert "memory ran out. Close other programs" in memory.message.en
    assert "内存不够" in memory.message.zh
    assert refusal(Path("a.csv"), memory).outcome is Outcome.UNCHECKED
    never = refusal(Path("a.csv"), NotThereYetError(Text("尚不提供。", "is not there yet.")))
    assert never.resources[0].findings[0].code == "error"


def test_a_refusal_of_an_unpacked_file_names_the_packed_one() -> None:
    error = SourceError(Text("/t/a 坏", "/t/a is bad"), Text("改", "Mend it."), kind="format-error", note="/t/a")
    renamed = error.renamed("/t/a", "a.gz")
    assert (renamed.message.zh, renamed.message.en) == ("a.gz 坏改", "a.gz is bad Mend it.")
    assert (type(renamed), renamed.kind, renamed.note) == (SourceError, "format-error", "a.gz")


# ------------------------------------------------------------------------------------------------ what would never end


@pytest.mark.parametrize(("chain", "circular"), [(1, True), (0, False), (0xFFFFFFFE, False)])
def test_a_chain_that_leads_back_into_itself_is_seen(tmp_path: Path, chain: int, *, circular: bool) -> None:
    (tmp_path / "a.xls").write_bytes(compound(chain))
    assert is_circular(tmp_path / "a.xls") is circular


def test_what_compiled_code_writes_of_its_own_accord_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    with silent():
        os.write(2, b"thread panicked")
    os.write(2, b"told")
    assert capfd.readouterr().err == "told"


@pytest.mark.parametrize("count", [WIDEST, WIDEST + 1])
def test_very_wide_tables_take_seconds(tmp_path: Path, count: int) -> None:
    names = ",".join(f"c{one}" for one in range(count))
    (tmp_path / "a.csv").write_text(f"{names}\n{','.join('1' * count)}\n")
    done = run("a.csv", cwd=tmp_path, seconds=30)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["x.csv", "x.json", "x.xlsx", "x.csv.gz"])
def test_what_is_no_file_ends_in_a_line(tmp_path: Path, name: str, lang: str) -> None:
    path = tmp_path / name
    makers: list[Callable[[], object]] = [
        lambda: os.mkfifo(path),
        path.mkdir,
        lambda: path.symlink_to("/dev/zero"),
        lambda: path.symlink_to("nowhere"),
        lambda: path.symlink_to(path),
    ]
    for make in makers:
        make()
        done = run(name, "--format", "json", "--lang", lang, cwd=tmp_path, seconds=30)
        assert (done.returncode, json.loads(done.stdout)["valid"]) == (2, False)
        assert bool(re.search("[一-鿿]", one_line(done))) == (lang == "zh")
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def test_one_endless_line_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a" * 60_000_000)
    done = run("a.csv", "--format", "json", cwd=tmp_path)
    report: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode, done.stderr, report["civicat"]["outcome"]) == (1, "", "failed")
    (finding,) = report["civicat"]["resources"][0]["findings"]
    assert (finding["code"], "没有结尾" in finding["message"]["zh"]) == ("record-too-long", True)
