"""Dataset folders: in which order they are checked, and what is refused before anything is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from handing_in import field, package, resource

from civicat.errors import DescriptorError, SourceError
from civicat.validators import in_order, read_submission

HandIn = Callable[..., Path]
COLUMNS = [field("code")]
ROWS = "code\na\n"


def referring(name: str, *others: str) -> dict[str, object]:
    keys = [{"fields": ["code"], "reference": {"dataset": one, "resource": "r", "fields": ["code"]}} for one in others]
    return package(name, [resource(name, "c.csv", COLUMNS, civicat={"foreignKeys": keys})])


def names(folders: list[Path]) -> list[str]:
    return [folder.name for folder in folders]


def test_a_dataset_comes_after_those_it_refers_to(hand_in: HandIn) -> None:
    folder = hand_in(referring("a", "transport/c"), {"c.csv": ROWS})
    hand_in(referring("b"), {"c.csv": ROWS})
    hand_in(referring("c", "transport/b"), {"c.csv": ROWS})
    datasets = folder.parent.parent
    assert names(in_order(datasets, [])) == ["b", "c", "a"]
    assert names(in_order(datasets, ["transport/a", "transport/c"])) == ["c", "a"]


def test_a_circle_is_named(hand_in: HandIn) -> None:
    folder = hand_in(referring("b", "transport/a"), {"c.csv": ROWS})
    hand_in(referring("a", "transport/b"), {"c.csv": ROWS})
    hand_in(referring("c"), {"c.csv": ROWS})
    with pytest.raises(SourceError, match="in a circle: transport/a → transport/b → transport/a"):
        in_order(folder.parent.parent, [])
    assert names(in_order(folder.parent.parent, ["transport/c"])) == ["c"]


def test_a_descriptor_that_cannot_be_read_keeps_its_place(hand_in: HandIn) -> None:
    folder = hand_in(referring("a"), {"c.csv": ROWS})
    (folder.parent / "broken").mkdir()
    (folder.parent / "broken" / "datapackage.yaml").write_text("a: [", "utf-8")
    assert names(in_order(folder.parent.parent, [])) == ["a", "broken"]


def test_a_name_that_is_not_there_gets_the_nearest(hand_in: HandIn) -> None:
    folder = hand_in(referring("counters"), {"c.csv": ROWS})
    with pytest.raises(SourceError, match=r"no dataset “transport/counter” .* Did you mean “transport/counters”"):
        in_order(folder.parent.parent, ["transport/counter"])
    with pytest.raises(SourceError, match="There is no folder"):
        in_order(folder / "nowhere", [])


def test_all_that_a_release_depends_on_is_named_in_a_fixed_order(hand_in: HandIn) -> None:
    twice = [resource("b", "data/b.csv", COLUMNS), resource("a", "data/a.csv", COLUMNS)]
    folder = hand_in(package("counts", twice), {"data/a.csv": ROWS, "data/b.csv": ROWS})
    submission = read_submission(folder)
    found = [os.path.relpath(path, folder) for path in submission.files]
    assert found == ["datapackage.yaml", "../department.yaml", "data/b.csv", "data/a.csv"]
    assert (submission.dataset.id, submission.missing_sample) == ("transport/counts", None)


def test_a_sample_that_is_not_on_this_machine_is_named(hand_in: HandIn) -> None:
    sample = {"sample": {"registry": "pypi", "package": "p", "version": "1", "path": "p/x.csv"}}
    folder = hand_in(package("counts", [resource("counts", "x.csv", COLUMNS, civicat=sample)]), {})
    assert read_submission(folder).missing_sample == folder / "x.csv"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../outside.csv", "lies outside the dataset folder"),
        ("data/../../outside.csv", "lies outside the dataset folder"),
        ("/etc/passwd", "lies outside the dataset folder"),
        ("..\\outside.csv", "lies outside the dataset folder"),
        ("C:\\data.csv", "lies outside the dataset folder"),
        ("https://example.org/x.csv", "is an address, and a file is due"),
        ("file:///etc/passwd", "is an address, and a file is due"),
        ("link.csv", "lies outside the dataset folder"),
        ("data", "is not a file"),
        ("nowhere.csv", "There is no file"),
        ("", "names no file"),
    ],
)
def test_a_path_that_is_no_file_of_the_folder(hand_in: HandIn, path: str, said: str) -> None:
    folder = hand_in(package("counts", [resource("counts", path, COLUMNS)]), {"data/inside.csv": ROWS})
    (folder.parent / "outside.csv").write_text(ROWS, "utf-8")
    (folder / "link.csv").symlink_to(folder.parent / "outside.csv")
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(SourceError) as refused:
        read_submission(folder)
    assert said in refused.value.message.en
    assert refused.value.message.zh
    assert "\n" not in refused.value.message.en
    assert sorted(folder.parent.rglob("*")) == before


def test_a_link_inside_the_folder_is_a_file_of_it(hand_in: HandIn) -> None:
    folder = hand_in(package("counts", [resource("counts", "link.csv", COLUMNS)]), {"data/inside.csv": ROWS})
    (folder / "link.csv").symlink_to("data/inside.csv")
    assert read_submission(folder).files[-1] == folder / "link.csv"


def test_a_schema_cannot_be_fetched_from_outside(hand_in: HandIn) -> None:
    folder = hand_in(
        {**package("counts", []), "resources": [{"name": "r", "path": "c.csv", "schema": "../s.json"}]}, {}
    )
    with pytest.raises(SourceError, match="lies outside"):
        read_submission(folder)


def test_a_folder_bears_the_name_of_its_dataset(hand_in: HandIn) -> None:
    folder = hand_in(referring("counts"), {"c.csv": ROWS})
    with pytest.raises(DescriptorError, match="the name is “counts” and the folder is “other”"):
        read_submission(folder.rename(folder.parent / "other"))


def test_a_folder_without_a_descriptor(tmp_path: Path) -> None:
    with pytest.raises(DescriptorError, match=r"has no datapackage\.yaml"):
        read_submission(tmp_path)


def test_a_dataset_without_a_department(hand_in: HandIn) -> None:
    folder = hand_in(referring("counts"), {"c.csv": ROWS})
    (folder.parent / "department.yaml").unlink()
    with pytest.raises(DescriptorError, match=r"department\.yaml: there is no such file"):
        read_submission(folder)
