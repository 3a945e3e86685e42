from pathlib import Path

import pytest

from civicat import publish
from civicat.errors import SourceError
from civicat.publish.inputs import sha256


def _folder(place: Path, files: dict[str, str]) -> list[Path]:
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    return [place / name for name in files]


FILES = {"datapackage.yaml": "name: a", "data/a.csv": "id\n1\n", "data/b.csv": "id\n2\n"}


def test_neither_the_place_nor_the_order_counts(tmp_path: Path) -> None:
    here = _folder(tmp_path / "here", FILES)
    there = _folder(tmp_path / "somewhere/else", FILES)

    assert publish.digest(here) == publish.digest(there[::-1])


@pytest.mark.parametrize(
    "changed",
    [
        {**FILES, "data/b.csv": "id\n3\n"},
        {**FILES, "data/c.csv": ""},
        {"datapackage.yaml": "name: a", "data/a.csv": "id\n2\n", "data/b.csv": "id\n1\n"},
        {"datapackage.yaml": "name: a", "data/a.csv": "id\n1\n", "data/B.csv": "id\n2\n"},
    ],
    ids=["other bytes", "one file more", "contents swapped", "renamed"],
)
def test_any_change_counts(tmp_path: Path, changed: dict[str, str]) -> None:
    before = publish.digest(_folder(tmp_path / "before", FILES))

    assert publish.digest(_folder(tmp_path / "after", changed)) != before


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.csv cannot be read \(No such file or directory\)"):
        publish.digest([tmp_path / "gone.csv"])


def test_what_is_known_of_a_file_is_taken_and_the_file_not_read_again(tmp_path: Path) -> None:
    files = _folder(tmp_path, FILES)
    whole = publish.digest(files)
    known = {file: sha256(file) for file in files}
    for file in files[:1]:
        file.write_bytes(b"something else")

    assert publish.digest(files, known) == whole
    assert publish.digest(files, {files[0]: ""}) == publish.digest(files) != whole, "nothing is known of it"
