"""Descriptors, paths and names that nothing may let through, and what each is told in both languages."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from handing_in import DEPARTMENT, field, package, resource

from civicat.errors import CivicatError, DescriptorError, SourceError
from civicat.layout import Layout
from civicat.report import Report
from civicat.validators import check, describe, open_path, read_submission, render, scaffold, validate
from civicat.validators.descriptors import load, load_dataset
from civicat.validators.house import MOST_COLUMNS
from civicat.validators.messages import quoted, say
from civicat.validators.places import inside

HandIn = Callable[..., Path]
WHOLE = package("counts", [resource("counts", "c.csv", [field("code"), field("count", "integer")])])
ROWS = {"c.csv": "code,count\na,1\n"}


def run(folder: Path, layout: Layout) -> Report:
    submission = read_submission(folder)
    with check(submission.dataset, layout, department=submission.department) as checked:
        return checked.report


def set_at(descriptor: dict[str, Any], value: object, *path: str | int) -> dict[str, Any]:
    changed = copy.deepcopy(descriptor)
    at: Any = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return changed


@pytest.mark.parametrize("count", [MOST_COLUMNS, MOST_COLUMNS + 1])
def test_a_table_has_no_more_columns_than_the_catalogue_holds(hand_in: HandIn, layout: Layout, count: int) -> None:
    columns = [field(f"c{number}") for number in range(count)]
    lines = f"{','.join(one['name'] for one in columns)}\n{',' * (count - 1)}\n"
    report = run(hand_in(package("counts", [resource("counts", "c.csv", columns)]), {"c.csv": lines}), layout)
    assert [one.code for one in report.findings] == ["too-many-columns"] * (count > MOST_COLUMNS)


def test_columns_that_differ_in_letter_case_only_are_one_to_a_database(hand_in: HandIn, layout: Layout) -> None:
    columns = [field("Code"), field("code")]
    folder = hand_in(package("counts", [resource("counts", "c.csv", columns)]), {"c.csv": "Code,code\na,b\n"})
    (finding,) = run(folder, layout).findings
    assert (finding.code, finding.place.key) == ("columns-alike", "resources[0].schema.fields[1].name")


def _wide(folder: Path, columns: int) -> Path:
    source = folder / "wide.csv"
    source.write_text(",".join(f"c{number}" for number in range(columns)) + "\n" + ",".join("a" * columns) + "\n")
    return source


def test_a_file_as_wide_as_a_table_may_be_can_be_begun_with(tmp_path: Path) -> None:
    folder = scaffold("a/wide", _wide(tmp_path, 1000), tmp_path / "datasets")
    assert len(load_dataset(folder / "datapackage.yaml", "a").resources[0].schema.fields) == 1000


def test_a_wider_file_is_refused_before_anything_is_made_of_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="1,001 columns, and a table 1,000 at most") as caught:
        scaffold("a/wide", _wide(tmp_path, 1001), tmp_path / "datasets")
    assert "1,000" in caught.value.message.zh
    assert not (tmp_path / "datasets" / "a" / "wide").exists()


@pytest.mark.parametrize("name", ["data/\0.csv", "x" * 500, "loop/c.csv"])
def test_a_path_that_is_none_is_refused_in_a_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(SourceError, match="cannot be a path") as caught:
        inside(tmp_path, name)
    assert len(caught.value.message.zh) < 400
    assert "\0" not in caught.value.message.zh


def test_a_long_name_on_the_command_line_is_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be a path"):
        open_path(tmp_path / ("x" * 500))


@pytest.mark.parametrize("depth", [100, 1000, 20_000])
@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_descriptor_is_not_deep_without_end(tmp_path: Path, depth: int, suffix: str) -> None:
    path = tmp_path / f"datapackage.{suffix}"
    path.write_text('{"a": ' + "[" * depth + "]" * depth + "}")
    with pytest.raises(DescriptorError, match="nested too deeply"):
        load(path)


def test_a_new_name_has_its_length(tmp_path: Path) -> None:
    source = tmp_path / "c.csv"
    source.write_text("a\n1\n")
    with pytest.raises(SourceError, match="60 characters at most"):
        scaffold(f"cdc/{'x' * 61}", source, tmp_path)
    assert scaffold(f"cdc/{'x' * 60}", source, tmp_path).is_dir()


def test_validate_refuses_the_name_that_publish_refuses(hand_in: HandIn, layout: Layout) -> None:
    folder = hand_in(WHOLE, ROWS)
    (folder / "datapackage.yaml").write_text(json.dumps({**WHOLE, "name": "other"}))
    with pytest.raises(DescriptorError, match="the name is “other” and the folder is “counts”"):
        validate(folder, None, layout)
    with pytest.raises(DescriptorError, match="the name is “other”"):
        validate(folder / "datapackage.yaml", None, layout)


def test_a_dataset_can_be_named_from_within(hand_in: HandIn, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = hand_in(WHOLE, ROWS)
    monkeypatch.chdir(folder / "..")
    assert validate(Path("counts"), None, layout).findings == ()
    monkeypatch.chdir(folder)
    assert validate(Path("../counts"), None, layout).findings == ()


@pytest.mark.parametrize(
    "path",
    [
        ("licenses", 0, "path"),
        ("sources", 0, "path"),
        ("contributors", 0, "path"),
        ("homepage",),
        ("resources", 0, "homepage"),
    ],
)
@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x.org", "a b", "https:// x"])
def test_an_address_is_one_of_the_web(
    hand_in: HandIn, layout: Layout, path: tuple[str | int, ...], address: str
) -> None:
    report = run(hand_in(set_at(WHOLE, address, *path), ROWS), layout)
    assert "address-wrong" in {one.code for one in report.findings}


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("url",), "javascript:alert(1)", "address-wrong"),
        (("contact", "url"), "data:,x", "address-wrong"),
        (("contact", "email"), "nobody", "email-wrong"),
    ],
)
def test_a_departments_addresses_are_looked_at_too(
    hand_in: HandIn, layout: Layout, path: tuple[str, ...], value: str, code: str
) -> None:
    folder = hand_in(WHOLE, ROWS)
    (folder.parent / "department.yaml").write_text(json.dumps(set_at(dict(DEPARTMENT), value, *path)))
    (finding,) = run(folder, layout).findings
    assert (finding.code, finding.place.key) == (code, ".".join(path))


@pytest.mark.parametrize(
    "note",
    [
        "primary key \"['nope']\" does not match the fields \"['a', 'b']\"",
        "foreign key \"{'fields': ['q'], 'reference': {}}\" does not match the fields \"['a', 'b']\"",
        'field type "strin" is not supported',
        'property "contributors[].email" is not valid "email"',
        'example value "x" for field "b" is not valid',
        "5 is not of type 'string' at property 'delimiter'",
        "something that nobody has translated",
    ],
)
def test_no_english_sentence_stands_in_the_chinese(note: str) -> None:
    message = say("schema-error", note=note).message
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", message.zh), message.zh
    assert message.en


def test_the_nearest_type_is_named_in_both_languages() -> None:
    message = say("field-error", note='field type "strin" is not supported').message
    assert "您是指“string”吗？" in message.zh
    assert "Did you mean “string”?" in message.en


@pytest.mark.parametrize(("language", "word"), [("zh", "第"), ("en", "line")])
def test_every_todo_is_listed_a_line_each(hand_in: HandIn, layout: Layout, language: str, word: str) -> None:
    columns = [field(f"c{number}", title="TODO") for number in range(8)]
    header = ",".join(one["name"] for one in columns)
    folder = hand_in(package("counts", [resource("counts", "c.csv", columns)]), {"c.csv": f"{header}\n{'a,' * 7}a\n"})
    lines = render(run(folder, layout), "zh" if language == "zh" else "en")
    for number in range(8):
        (line,) = [line for line in lines if f"fields[{number}].title" in line]
        assert line.startswith(f"  {word}")
    assert len(lines) == 8 + 3


def test_no_cell_steers_a_terminal(check_csv: Callable[..., Report]) -> None:
    report = check_csv("count\n\x1b]0;pwned\x07\u202e\x9b\n", field("count", "integer"))
    for language in ("zh", "en"):
        shown = "\n".join(render(report, "zh" if language == "zh" else "en"))
        assert "pwned" in shown
        assert not set("\x1b\x07\x9b\u202e") & set(shown)
    assert quoted("a\x1b[31mb") == "a�[31mb"


def test_an_address_on_the_command_line_is_called_one() -> None:
    for ask in (open_path, describe):
        with pytest.raises(CivicatError, match=r"“https://example\.org/x\.csv” is an address, and a file is due"):
            ask(Path("https://example.org/x.csv"))


@pytest.mark.parametrize(
    ("lines", "kind", "example"),
    [
        ("n;x\n1,5;a\n2,25;b\n", {"type": "number", "decimalChar": ","}, "1,5"),
        ("n;x\n1,234,567;a\n2;b\n", {"type": "number", "groupChar": ","}, "1,234,567"),
        (f"n;x\n{'a' * 300};a\n{'b' * 200};b\n", {"type": "string"}, "a" * 80),
        (f"n;x\n{'a' * 300};a\nb;b\n", {"type": "string"}, "b"),
    ],
)
def test_an_example_is_as_it_stands_in_the_file_and_short(
    tmp_path: Path, lines: str, kind: dict[str, str], example: str
) -> None:
    (tmp_path / "c.csv").write_text(lines)
    path = tmp_path / "datapackage.yaml"
    path.write_text(describe(tmp_path / "c.csv"))
    one = load_dataset(path, "a").resources[0].schema.fields[0]
    assert one.example == example
    written = load(path).values["resources"][0]["schema"]["fields"][0]
    assert kind.items() <= written.items()
    assert not [one for one in validate(path, None, Layout(tmp_path)).findings if one.code == "field-error"]


def test_one_is_not_many(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("n\n1.5\n2\n")
    assert "At most 1 decimal." in describe(tmp_path / "c.csv")
    assert "1 decimals" not in say("scale-error", cell="1.25", limit="1", rules="r").message.en
