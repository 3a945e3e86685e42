"""What a department hands in: the dataset folders in the order in which they can be checked, and what each holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from civicat.dataset import Dataset, Department
from civicat.errors import CivicatError, SourceError
from civicat.text import Text
from civicat.validators.descriptors import (
    DEPARTMENT,
    find_descriptor,
    load_dataset,
    load_department,
    no_descriptor,
    same_names,
)
from civicat.validators.places import existing, inside


@dataclass(frozen=True, slots=True)
class Submission:
    """A dataset folder as handed in. `files` are all that a release depends on, in a fixed order.

    `missing_sample` is the first sample file that is not on this machine yet.
    """

    dataset: Dataset
    department: Department
    files: tuple[Path, ...]
    missing_sample: Path | None


def in_order(datasets: Path, names: Sequence[str]) -> list[Path]:
    """The folders of the named datasets (all, where none is named), those that others refer to first.

    Names are `department/dataset`.

    Raises:
        SourceError: no such folder, no dataset of that name, or one that refers to itself by way of others.
    """
    folders = {f"{folder.parent.name}/{folder.name}": folder for folder in _folders(datasets)}
    for name in names:
        if name not in folders:
            raise _unknown(name, datasets, list(folders))
    wanted = set(names or folders)
    return [folders[name] for name in _sorted(folders, wanted) if name in wanted]


def read_submission(folder: Path) -> Submission:
    """What a dataset folder holds.

    Raises:
        DescriptorError: a descriptor is missing or cannot be read, or does not bear the folder's name.
        SourceError: a file is missing, or lies outside the folder.
    """
    path = find_descriptor(folder) or no_descriptor(folder)
    department = load_department(folder.parent / DEPARTMENT)
    dataset = load_dataset(path, department.code)
    same_names(path, dataset, department)
    missing = _missing_sample(dataset)
    files = () if missing else _data_files(dataset)
    return Submission(dataset, department, (path, folder.parent / DEPARTMENT, *files), missing)


def _folders(datasets: Path) -> Iterator[Path]:
    if not datasets.is_dir():
        raise SourceError(Text(f"没有目录 {datasets}。", f"There is no folder {datasets}."))
    for folder in sorted(datasets.glob("*/*")):
        if folder.is_dir() and not folder.name.startswith(".") and not folder.parent.name.startswith("."):
            yield folder


def _unknown(name: str, datasets: Path, known: list[str]) -> SourceError:
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    zh = f"您是指“{near[0]}”吗？" if near else ""
    en = f" Did you mean “{near[0]}”?" if near else ""
    return SourceError(
        Text(f"{datasets} 中没有数据集“{name}”。{zh}", f"There is no dataset “{name}” in {datasets}.{en}")
    )


def _sorted(folders: Mapping[str, Path], wanted: Collection[str]) -> list[str]:
    graph = {name: sorted(_references(folder) & set(folders) - {name}) for name, folder in folders.items()}
    while True:
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle: list[str] = error.args[1]
        if set(circle) & set(wanted):
            raise _circle(circle)
        graph[circle[1]] = []  # a circle of others holds nobody up


def _circle(names: Sequence[str]) -> SourceError:
    circle = " → ".join(reversed(names))
    return SourceError(
        Text(
            f"这些数据集互相引用，绕成了圈：{circle}。谁都要等别人先发布。请删去其中一个 foreignKeys。",
            f"These datasets refer to each other in a circle: {circle}. Each waits for the next to be published first. "
            "Take one of the foreignKeys out.",
        )
    )


def _references(folder: Path) -> set[str]:
    """The datasets that a dataset refers to; none where its descriptor cannot be read: that is said in its turn."""
    path = find_descriptor(folder)
    try:
        resources = load_dataset(path, folder.parent.name).resources if path else ()
    except CivicatError:
        return set()
    return {key.dataset for resource in resources for key in resource.schema.foreign_keys if key.dataset}


def _missing_sample(dataset: Dataset) -> Path | None:
    samples = (inside(dataset.folder, one.path) for one in dataset.resources if one.sample is not None)
    return next((path for path in samples if not path.exists()), None)


def _data_files(dataset: Dataset) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(existing(dataset.folder, one.path) for one in dataset.resources))
