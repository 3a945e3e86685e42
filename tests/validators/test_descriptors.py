"""Descriptors are read strictly, and each refusal says which line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from civicat.errors import DescriptorError
from civicat.validators.descriptors import load, load_dataset


def write(folder: Path, text: str, name: str = "datapackage.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_the_line_of_a_key_path_is_known(tmp_path: Path) -> None:
    document = load(write(tmp_path, "name: a\nresources:\n  - name: b\n    path: c.csv\n"))
    assert document.line("resources[0].path") == 4
    assert document.line("resources[0].schema.fields[3]") == 3  # the nearest above


def test_what_yaml_1_1_would_turn_into_something_else_stays_text(tmp_path: Path) -> None:
    document = load(write(tmp_path, "a: no\nb: 2026-02-22\nc: 007\nd: 12:30:00\ne: 1e-5\nf: 0x1F\ng: 1_000\n"))
    assert list(document.values.values()) == ["no", "2026-02-22", "007", "12:30:00", "1e-5", "0x1F", "1_000"]


def test_numbers_truths_and_nothing_are_what_they_look_like(tmp_path: Path) -> None:
    document = load(write(tmp_path, "a: 10\nb: -2.5\nc: true\nd: null\ne:\nf: 1.0e+3\n"))
    assert list(document.values.values()) == [10, -2.5, True, None, None, 1000.0]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("name: a\ntitle: b\nname: c\n", "x.yaml", "line 3: “name” is written twice"),
        ('{"name": "a", "name": "b"}', "x.json", "“name” is written twice"),
        ("a: &x {b: 1}\nc: *x\n", "x.yaml", "aliases"),
        ("a: [1\nb: 2\n", "x.yaml", "line 2: not YAML"),
        ("{,}", "x.json", "line 1: not JSON"),
        ("- a\n", "x.yaml", "must hold a mapping"),
        ("", "x.yaml", "this file is empty"),
        ("a: \x07\n", "x.yaml", "characters that YAML does not allow"),
        ("[" * 100_000, "x.json", "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, text: str, name: str, said: str) -> None:
    with pytest.raises(DescriptorError) as refused:
        load(write(tmp_path, text, name))
    assert said in refused.value.message.en
    assert "\n" not in refused.value.message.en + refused.value.message.zh
    assert refused.value.message.zh


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("title: 标题".encode("gb18030"))
    with pytest.raises(DescriptorError, match="this is not UTF-8 text"):
        load(tmp_path / "x.yaml")


def test_an_unknown_key_is_refused_with_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path, "name: a\ntitel: b\ncivicat: {}\n")
    with pytest.raises(DescriptorError, match=r"“titel” is not known here\. Did you mean “title”"):
        load_dataset(path, "")


def test_a_schema_in_a_file_of_its_own_is_read_in(tmp_path: Path) -> None:
    write(tmp_path, "fields: [{name: a, type: integer}]\n", "schema.yaml")
    path = write(tmp_path, "name: x\nresources: [{name: r, path: r.csv, schema: schema.yaml}]\n")
    assert [one.name for one in load_dataset(path, "").resources[0].schema.fields] == ["a"]
