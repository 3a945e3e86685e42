"""The command line as a clerk meets it: what is printed, in which language, and the exit status."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("CIVICAT_", "LC_", "LANG"))}
    return subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "civicat.cli", *map(str, arguments)],
        cwd=cwd,
        env={**clean, "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize("name", ["harvest", "push"])
def test_a_command_that_is_not_there_yet_says_so(name: str) -> None:
    done = run(name, "anything", "--whatever")
    assert done.returncode == 2
    assert one_line(done) == f"civicat {name} is not there yet in this version."


def test_what_is_not_there_yet_is_said_in_chinese_too() -> None:
    done = run("push", "a", "b", CIVICAT_LANG="zh")
    assert one_line(done) == "civicat push：此版本尚不提供。"


FAULTY = "day,n\n2026-02-21,1\n2026-02-22\n"


def test_a_report_is_a_page_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FAULTY)
    done = run("validate", "a.csv", "--format", "html", "--output", "report.html", cwd=tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert (done.returncode, page[:15]) == (1, "<!doctype html>")
    assert "a.csv" in page


def test_a_report_is_the_sheet_with_its_cells_marked(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FAULTY)
    done = run("validate", "a.csv", "--format", "xlsx", "--output", "report.xlsx", cwd=tmp_path)
    assert done.returncode == 1
    assert len(load_workbook(tmp_path / "report.xlsx").sheetnames) == 2


def test_a_workbook_is_not_written_to_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FAULTY)
    done = run("validate", "a.csv", "--format", "xlsx", cwd=tmp_path)
    assert done.returncode == 2
    assert one_line(done).endswith("Name a file, for example --output report.xlsx.")
    zh = run("validate", "a.csv", "--format", "xlsx", "--lang", "zh", cwd=tmp_path)
    assert "工作簿不能显示在终端里" in one_line(zh)


def test_all_errors_are_counted_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("day,n\n" + "2026-02-22\n" * 12)
    few = json.loads(run("validate", "a.csv", "--format", "json", "--limit-errors", "3", cwd=tmp_path).stdout)
    options = ("--format", "json", "--limit-errors", "3", "--count-all")
    all_of_them = json.loads(run("validate", "a.csv", *options, cwd=tmp_path).stdout)
    assert (few["civicat"]["errors"], all_of_them["civicat"]["errors"]) == (3, 12)
    assert few["tasks"] != all_of_them["tasks"]  # the rows that were read are counted


def test_help_is_quick_and_in_both_languages() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "Public data" in done.stdout
    assert "公共数据" in done.stdout


def test_a_valid_file_has_status_0(tmp_path: Path) -> None:
    table = tmp_path / "counts.csv"
    table.write_text("id,cycles\n1,20\n2,30\n")
    done = run("validate", table)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_bad_cell_has_status_1_and_says_where_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text("id,cycles\n1,20\n2,-4\n")
    schema = {
        "fields": [
            {"name": "id", "type": "integer"},
            {"name": "cycles", "type": "integer", "constraints": {"minimum": 0}},
        ]
    }
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    done = run("validate", "counts.csv", "--schema", "schema.json", cwd=tmp_path)
    assert done.returncode == 1
    assert "counts.csv, row 3, column cycles" in done.stdout
    assert "-4" in done.stdout
    chinese = run("validate", "counts.csv", "--schema", "schema.json", "--lang", "zh", cwd=tmp_path)
    assert "第 3 行" in chinese.stdout


def test_json_is_a_frictionless_report(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,n\n1,2\n2\n")
    done = run("validate", "a.csv", "--format", "json", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["valid"] is False
    assert [error["type"] for error in report["tasks"][0]["errors"]] == ["missing-cell"]


def bad_inputs(folder: Path) -> dict[str, Path]:
    (folder / "corrupt.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")
    (folder / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8)
    (folder / "empty-folder").mkdir()
    unknown = folder / "unknown-key"
    unknown.mkdir()
    (unknown / "a.csv").write_text("id\n1\n")
    (unknown / "datapackage.yaml").write_text(
        "name: a\ncivicat: {frequancy: daily}\nresources: [{name: a, path: a.csv, schema: {fields: [{name: id}]}}]\n"
    )
    for name, path in {"outside": "../corrupt.xlsx", "address": "https://data.example.org/a.csv"}.items():
        (folder / name).mkdir()
        (folder / name / "datapackage.yaml").write_text(
            f"name: a\ncivicat: {{}}\nresources: [{{name: a, path: '{path}', schema: {{fields: [{{name: id}}]}}}}]\n"
        )
    names = ["nowhere.csv", "corrupt.xlsx", "picture.csv", "empty-folder", "unknown-key", "outside", "address"]
    return {name: folder / name for name in names}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_cannot_be_checked_has_status_2_and_one_clear_line(tmp_path: Path, lang: str) -> None:
    for name, path in bad_inputs(tmp_path).items():
        before = sorted(tmp_path.rglob("*"))
        done = run("validate", path, "--lang", lang)
        assert done.returncode == 2, (name, done.stdout, done.stderr)
        line = one_line(done)
        assert any("\u4e00" <= char <= "\u9fff" for char in line) == (lang == "zh"), line
        assert sorted(tmp_path.rglob("*")) == before
    assert "frequency" in run("validate", tmp_path / "unknown-key", "--lang", lang).stderr


def test_an_empty_file_is_invalid(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    done = run("validate", "empty.csv", cwd=tmp_path)
    assert done.returncode == 1
    assert "empty.csv" in done.stdout


def test_a_header_alone_is_valid_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "header.csv").write_text("id,name\n")
    done = run("validate", "header.csv", cwd=tmp_path)
    assert done.returncode == 0
    assert "header.csv" in done.stdout


@pytest.mark.parametrize("port", ["http", "0", "99999"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    assert "1 to 65535" in one_line(run("verify", CIVICAT_PORT=port))


def test_a_report_is_never_written_over_the_data(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("id\n1\n")
    done = run("validate", "a.csv", "--output", "a.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert "is there already" in one_line(done)
    assert table.read_text() == "id\n1\n"
    assert run("validate", "a.csv", "--output", "report.txt", cwd=tmp_path).returncode == 0
    assert (tmp_path / "report.txt").exists()


@pytest.mark.parametrize("name", ["data/c.csv", "datapackage.json"])
def test_a_report_is_never_written_over_what_is_handed_in(tmp_path: Path, name: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "c.csv").write_text("id\n1\n")
    table = {"name": "c", "path": "data/c.csv", "schema": {"fields": [{"name": "id", "type": "integer"}]}}
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "x", "resources": [table]}))
    before = (tmp_path / name).read_text()
    done = run("validate", ".", "--format", "json", "--output", name, cwd=tmp_path)
    assert (done.returncode, (tmp_path / name).read_text()) == (2, before)
    assert "is there already" in one_line(done)


def test_a_report_that_was_handed_in_stays(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    report = '{"valid": true, "civicat": {}}'
    (tmp_path / "s.json").write_text(report)
    done = run("validate", "a.csv", "--schema", "s.json", "--format", "json", "--output", "s.json", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "s.json").read_text()) == (2, report)
    assert "stays" in done.stderr


@pytest.mark.parametrize("where", [".", "datapackage.json", "../x"])
def test_a_schema_that_a_descriptor_names_stays_whatever_is_in_it(tmp_path: Path, where: str) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    (folder / "c.csv").write_text("id\n1\n")
    table = {"name": "c", "path": "c.csv", "schema": "s.json"}
    (folder / "datapackage.json").write_text(json.dumps({"name": "x", "resources": [table]}))
    schema = '{"valid": true, "civicat": {}, "fields": [{"name": "id", "type": "integer"}]}'
    (folder / "s.json").write_text(schema)
    done = run("validate", where, "--format", "json", "--output", "s.json", cwd=folder)
    assert (done.returncode, (folder / "s.json").read_text()) == (2, schema)
    assert "stays" in one_line(done)


@pytest.mark.parametrize("form", ["json", "html", "xlsx"])
def test_a_report_takes_the_place_of_a_report_and_says_so(tmp_path: Path, form: str) -> None:
    (tmp_path / "a.csv").write_text(FAULTY)
    asked = ("validate", "a.csv", "--format", form, "--output", f"r.{form}")
    assert run(*asked, cwd=tmp_path).stdout == f"Written to r.{form}. a: to be mended (2 rows, 1 finding)\n"
    (tmp_path / "a.csv").write_text("day,n\n2026-02-21,1\n")
    done = run(*asked, "--lang", "zh", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"已写入 r.{form}。a：通过（1 行）\n")


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("json", '{"valid": true}'),
        ("json", '{"civicat": {}, "fields": []}'),
        ("html", FAULTY),
        ("text", ""),
        ("xlsx", "PK"),
    ],
)
def test_what_is_no_report_stays(tmp_path: Path, form: str, content: str) -> None:
    (tmp_path / "a.csv").write_text(FAULTY)
    other = tmp_path / "other"
    other.write_text(content)
    asked = ("validate", "a.csv", "--format", form, "--output", "other")
    done = run(*asked, cwd=tmp_path)
    assert (done.returncode, done.stdout, other.read_text()) == (2, "", content)
    assert one_line(done) == "other is there already and is no report of civicat. Choose another --output."
    zh = one_line(run(*asked, "--lang", "zh", cwd=tmp_path))
    assert zh == "other 已存在，且不是 civicat 写的报告，不能覆盖。请另选 --output。"


def test_a_text_report_stays_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FAULTY)
    assert [run("validate", "a.csv", "--output", "r.txt", cwd=tmp_path).returncode for _ in range(2)] == [1, 2]


def test_the_report_of_a_release_stays(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FAULTY)
    released = tmp_path / "store" / "releases" / "d" / "s" / "1.0.0" / "report.json"
    released.parent.mkdir(parents=True)
    released.write_text('{"valid": true, "civicat": {}}')
    done = run("validate", "a.csv", "--store", "store", "--format", "json", "--output", str(released), cwd=tmp_path)
    assert (done.returncode, released.read_text()) == (2, '{"valid": true, "civicat": {}}')
    assert "stays" in one_line(done)


@pytest.mark.parametrize(
    ("form", "name", "is_refused"),
    [
        ("xlsx", "r.csv", True),
        ("xlsx", "r.xlsm", True),
        ("xlsx", "r.XLSX", False),
        ("html", "r.json", True),
        ("html", "r.htm", False),
        ("html", "r", False),
        ("json", "r.txt", True),
        ("json", "r.report", False),
        ("text", "r.html", True),
        ("text", "r.log", False),
    ],
)
def test_a_name_that_says_another_form_is_refused(tmp_path: Path, form: str, name: str, is_refused: bool) -> None:  # noqa: FBT001 (a table's column)
    (tmp_path / "a.csv").write_text(FAULTY)
    done = run("validate", "a.csv", "--format", form, "--output", name, cwd=tmp_path)
    assert (done.returncode, (tmp_path / name).exists()) == ((2, False) if is_refused else (1, True))


def test_the_right_name_is_said(tmp_path: Path) -> None:
    asked = ("validate", "a.csv", "--format", "xlsx", "--output", "r.csv")
    en, zh = (one_line(run(*asked, "--lang", language, cwd=tmp_path)) for language in ("en", "zh"))
    assert en == "A report of --format xlsx cannot be named r.csv. Name it r.xlsx, or choose another --format."
    assert zh == "--format xlsx 的报告不能存为 r.csv。请改用 r.xlsx，或改 --format。"


def test_a_store_that_is_named_must_be_there_and_the_usual_one_need_not(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    done = run("validate", "a.csv", "--store", "nostore", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done) == "There is no folder nostore. Name it with --store."
    assert run("validate", "a.csv", cwd=tmp_path).returncode == 0
    (tmp_path / "nostore").mkdir()
    assert run("validate", "a.csv", "--store", "nostore", cwd=tmp_path).returncode == 0


def test_a_checklist_with_an_error_that_there_is_not_passes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FAULTY)
    (tmp_path / "c.json").write_text('{"pickErrors": ["type-eror"]}')
    done = run("validate", "a.csv", "--checklist", "c.json", cwd=tmp_path)
    assert done.returncode == 2
    assert one_line(done).endswith("there is no error “type-eror”. Did you mean “type-error”?")


def test_a_report_is_never_written_over_its_schema(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    (tmp_path / "s.json").write_text('{"fields": [{"name": "id", "type": "integer"}]}')
    assert run("validate", "a.csv", "--schema", "s.json", "--output", "s.json", cwd=tmp_path).returncode == 2
    assert json.loads((tmp_path / "s.json").read_text())["fields"]


def test_a_draft_is_never_written_over_a_descriptor(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    (tmp_path / "datapackage.yaml").write_text("name: mine\n")
    done = run("describe", "a.csv", "--output", "datapackage.yaml", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "datapackage.yaml").read_text()) == (2, "name: mine\n")
    assert run("describe", "a.csv", "--output", "new.yaml", cwd=tmp_path).returncode == 0


def test_a_store_that_is_not_there_cannot_be_verified(tmp_path: Path) -> None:
    done = run("verify", "--store", "nostore", cwd=tmp_path)
    assert done.returncode == 2
    assert "nostore" in one_line(done)


def test_an_object_store_is_not_there_yet_and_makes_no_folder(tmp_path: Path) -> None:
    done = run("publish", "--store", "s3://bucket/x", cwd=tmp_path)
    assert done.returncode == 2
    assert "not there yet" in one_line(done)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_behind_stdout_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,n\n1,2\n2\n")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, "-m", "civicat.cli", "validate", str(tmp_path / "a.csv")],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_told_and_nothing_is_promised(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--store", "s", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert done.returncode == 2
    assert "Open http" not in done.stdout
    one_line(done)


def test_a_steward_can_stand_in_the_folder() -> None:
    folder = ROOT / "datasets/nasa/global-temperature"
    done = run("validate", ".", "--format", "json", cwd=folder)
    assert done.returncode == 0
    assert run("validate", folder, "--format", "json").stdout == done.stdout


def test_whoever_opens_the_address_that_is_told_gets_an_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-u", "-m", "civicat.cli", "serve", "--store", str(tmp_path), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 (our own command)
        try:
            assert server.stdout is not None
            told = server.stdout.readline()
            with socket.create_connection(("127.0.0.1", port), timeout=30) as caller:
                caller.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = caller.recv(15)
        finally:
            server.terminate()
    assert f"http://127.0.0.1:{port}" in told
    assert answer == b"HTTP/1.1 200 OK"
