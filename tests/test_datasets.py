"""The sample datasets: every descriptor is complete, and every bad row raises exactly the findings that it names."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from frictionless import Package

from civicat import samples
from civicat.dataset import Dataset, Department, Field, Resource, read_dataset, read_department
from civicat.text import Text
from civicat.vocabulary import FREQUENCIES, THEMES

DATASETS = Path(__file__).parent.parent / "datasets"
NUMBERS = ("integer", "number")
LEAST_DATASETS, LEAST_DEPARTMENTS = 8, 5
LEAST_ROWS_OF_THE_LARGE_ONE = 300_000
MOST_COMMITTED_BYTES = 10_000_000


def _mapping(path: Path) -> dict[str, object]:
    mapping = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(mapping, dict)
    return mapping


def _departments() -> list[Department]:
    return [read_department(_mapping(path), str(path)) for path in sorted(DATASETS.glob("*/department.yaml"))]


def _datasets() -> list[Dataset]:
    paths = sorted(DATASETS.glob("*/*/datapackage.yaml"))
    return [read_dataset(_mapping(path), str(path), path.parent.parent.name, path.parent) for path in paths]


ALL = {dataset.id: dataset for dataset in _datasets()}
RESOURCES = {f"{dataset.id}/{one.name}": (dataset, one) for dataset in ALL.values() for one in dataset.resources}
each_dataset = pytest.mark.parametrize("dataset", ALL.values(), ids=ALL.keys())
each_resource = pytest.mark.parametrize(("dataset", "resource"), RESOURCES.values(), ids=RESOURCES.keys())


def findings_of(dataset: Dataset, resource: Resource, path: Path) -> dict[int, list[str]]:
    """The findings of a file against a resource's schema, as `code field`, by row number (the header is row 1).

    The one place that knows who validates.
    """
    keys, referenced = _foreign_keys(dataset, resource)
    descriptor = {**resource.schema.descriptor, "foreignKeys": keys}
    data = {"data": _records(path)} if path.suffix == ".geojson" else {"path": path.name, "encoding": "utf-8"}
    package = Package.from_descriptor(
        {"resources": [{"name": "checked", **data, "schema": descriptor}, *referenced]}, basepath=str(path.parent)
    )
    findings: dict[int, list[str]] = {}
    for error in package.get_resource("checked").validate().tasks[0].errors:
        fields = getattr(error, "field_name", "") or " ".join(getattr(error, "field_names", []))
        findings.setdefault(getattr(error, "row_number", 0), []).append(f"{error.type} {fields}".strip())
    return findings


def _foreign_keys(dataset: Dataset, resource: Resource) -> tuple[list[object], list[dict[str, Any]]]:
    """The foreign keys as one package can hold them, and a resource with the values of each table referred to."""
    keys: list[object] = []
    referenced = []
    for number, key in enumerate(resource.schema.foreign_keys):
        name = "" if key.resource in ("", resource.name) and not key.dataset else f"referenced-{number}"
        keys.append({"fields": list(key.fields), "reference": {"resource": name, "fields": list(key.reference)}})
        if name:
            other = ALL[key.dataset] if key.dataset else dataset
            table = other.resource(key.resource)
            assert table is not None, f"{dataset.id} refers to {key.dataset}/{key.resource}, which is not there"
            fields = [{"name": one, "type": "string"} for one in key.reference]
            values = _values(other, table, key.reference)
            referenced.append({"name": name, "data": values, "schema": {"fields": fields}})
    return keys, referenced


def _values(dataset: Dataset, resource: Resource, fields: tuple[str, ...]) -> list[list[str]]:
    with (dataset.folder / resource.path).open(encoding=resource.encoding or "utf-8", newline="") as file:
        return [list(fields), *([row[name] for name in fields] for row in csv.DictReader(file))]


def _records(path: Path) -> list[dict[str, object]]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [{**feature["properties"], "geometry": feature["geometry"]} for feature in features]


def _example(dataset: Dataset, resource: Resource) -> Path:
    own = [name for name in ("invalid.csv", "invalid.geojson") if (dataset.folder / "examples" / name).exists()]
    name = own[0] if own and len(dataset.resources) == 1 else f"{resource.name}.invalid.csv"
    return dataset.folder / "examples" / name


def _without_findings(example: Path, target: Path) -> tuple[Path, list[str]]:
    """A copy of an example without its column `finding`, and what that column said of each row."""
    copy = target / f"copy{example.suffix}"
    if example.suffix == ".geojson":
        collection = json.loads(example.read_text(encoding="utf-8"))
        named = [feature["properties"].pop("finding") for feature in collection["features"]]
        copy.write_text(json.dumps(collection), encoding="utf-8")
        return copy, named
    with example.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[0] == "finding"
    with copy.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(row[1:] for row in (header, *rows))
    return copy, [row[0] for row in rows]


@each_resource
def test_bad_rows_raise_exactly_the_findings_that_they_name(
    dataset: Dataset, resource: Resource, tmp_path: Path
) -> None:
    copy, named = _without_findings(_example(dataset, resource), tmp_path)
    findings = findings_of(dataset, resource, copy)
    raised = ["; ".join(sorted(findings.get(number, []))) for number in range(2, len(named) + 2)]
    assert raised == ["; ".join(sorted(filter(None, cell.split("; ")))) for cell in named]
    assert "" in named, "an example needs a good row too"
    assert any(named), "an example needs a bad row"


def test_all_kinds_of_findings_are_shown_by_some_example(tmp_path: Path) -> None:
    codes = {finding.split(" ")[0] for finding in _all_named(tmp_path)}
    assert codes >= {
        *("type-error", "constraint-error", "unique-error", "primary-key", "foreign-key"),
        *("blank-row", "extra-cell", "missing-cell"),
    }


def _all_named(target: Path) -> Iterator[str]:
    for dataset, resource in RESOURCES.values():
        for cell in _without_findings(_example(dataset, resource), target)[1]:
            yield from cell.split("; ")


def test_there_are_enough_datasets_of_enough_departments() -> None:
    assert len(ALL) >= LEAST_DATASETS
    assert len({dataset.department for dataset in ALL.values()}) >= LEAST_DEPARTMENTS
    assert {department.code for department in _departments()} == {dataset.department for dataset in ALL.values()}


def test_the_committed_files_stay_small() -> None:
    unpacked = {dataset.folder / resource.path for dataset, resource in RESOURCES.values() if resource.sample}
    committed = [path for path in DATASETS.rglob("*") if path.is_file() and path not in unpacked]
    assert sum(path.stat().st_size for path in committed) < MOST_COMMITTED_BYTES


def test_git_ignores_a_file_that_is_unpacked() -> None:
    folders = [(dataset.folder / one.path).parent for dataset, one in RESOURCES.values() if one.sample]
    assert [(folder / ".gitignore").read_text(encoding="utf-8") for folder in folders] == ["*\n!.gitignore\n"]


def test_every_theme_of_the_catalogue_has_a_dataset() -> None:
    assert {theme for dataset in ALL.values() for theme in dataset.themes} == set(THEMES)


def test_one_is_in_gb18030_with_characters_that_gbk_lacks() -> None:
    resource = RESOURCES["nbs/townships/townships"][1]
    data = (ALL["nbs/townships"].folder / resource.path).read_bytes()
    assert resource.encoding == "gb18030"
    assert "湖㳇镇" in data.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    with pytest.raises(UnicodeDecodeError):
        data.decode("gbk")


def test_one_is_a_workbook_with_two_sheets() -> None:
    first, second = ALL["bls/employment"].resources
    assert first.path == second.path
    assert first.format == "xlsx"
    assert first.dialect["excel"] != second.dialect["excel"]


def test_one_is_geojson() -> None:
    (resource,) = ALL["usgs/earthquakes"].resources
    records = _records(ALL["usgs/earthquakes"].folder / resource.path)
    assert resource.format == "geojson"
    assert set(records[0]) == {field.name for field in resource.schema.fields}


def test_one_has_columns_with_chinese_names() -> None:
    assert [field.name for field in RESOURCES["nbs/divisions/divisions"][1].schema.fields][:2] == ["代码", "名称"]


def test_one_refers_to_a_table_of_another_department() -> None:
    keys = [(dataset, key) for dataset, one in RESOURCES.values() for key in one.schema.foreign_keys if key.dataset]
    assert any(ALL[key.dataset].department != dataset.department for dataset, key in keys)


def test_flights_join_the_weather_of_another_department() -> None:
    flights, weather = RESOURCES["bts/flights/flights"][1], RESOURCES["noaa/airport-weather/airport-weather"][1]
    assert weather.schema.primary_key == ("origin", "time_hour")
    for name in weather.schema.primary_key:
        assert [one.type for one in (flights.schema.field(name), weather.schema.field(name)) if one] == (
            [one.type for one in (weather.schema.field(name),) if one] * 2
        )


def test_one_has_at_least_300_000_rows() -> None:
    dataset, resource = RESOURCES["bts/flights/flights"]
    path = dataset.folder / resource.path
    if not path.exists():
        pytest.skip("bts/flights is not unpacked here: run `make samples`")
    with path.open("rb") as file:
        assert sum(1 for _ in file) - 1 >= LEAST_ROWS_OF_THE_LARGE_ONE


def test_a_search_for_people_in_either_language_can_find_something() -> None:
    for word in ("人口", "population", "机场", "airport"):
        assert any(
            word in " ".join((dataset.title.zh, dataset.title.en, *dataset.keywords)) for dataset in ALL.values()
        )


@pytest.mark.parametrize("department", _departments(), ids=lambda department: department.code)
def test_a_department_says_who_answers_and_what_is_missing(department: Department) -> None:
    assert department.code == Path(department.code).name
    assert (DATASETS / department.code / "department.yaml").exists()
    assert _unsaid(department.title, department.description, department.contact.title) == []
    assert department.url.startswith("https://")
    assert department.contact.url.startswith("https://")
    assert department.gaps
    assert _unsaid(*department.gaps) == []


@each_dataset
def test_a_dataset_has_all_that_the_house_profile_asks_for(dataset: Dataset) -> None:
    assert dataset.name == dataset.folder.name
    assert _unsaid(dataset.title, dataset.description, *dataset.caveats) == []
    assert dataset.keywords
    assert dataset.licences
    assert all(one.name and one.title and one.path.startswith("https://") for one in dataset.licences)
    assert dataset.sources
    assert all(one.title and one.path.startswith("https://") for one in dataset.sources)
    assert dataset.steward
    assert dataset.steward.email or dataset.steward.path
    assert set(dataset.themes) <= set(THEMES)
    assert dataset.themes
    assert dataset.frequency in FREQUENCIES
    assert len(dataset.caveats) > 1, "one caveat says that this is a copy; the data has its own"
    assert "TODO" not in (dataset.folder / "datapackage.yaml").read_text(encoding="utf-8")


@each_resource
def test_a_resource_describes_every_column_in_both_languages(dataset: Dataset, resource: Resource) -> None:
    assert _unsaid(resource.title, resource.description, *resource.caveats) == []
    assert (dataset.folder / resource.path).exists() or resource.sample
    for field in resource.schema.fields:
        assert _unsaid(field.title, field.description, *field.caveats, *field.categories.values()) == [], field.name
        assert field.example, field.name
        assert field.unit or field.type not in NUMBERS, field.name
        assert _allowed(field) in (None, set(field.categories)), field.name


def _unsaid(*texts: Text) -> list[Text]:
    return [text for text in texts if text.missing()]


def _allowed(field: Field) -> set[object] | None:
    """What `enum` allows in a column with labels for its codes; the two must name the same codes."""
    allowed = field.constraints.get("enum") if field.categories else None
    return set(allowed) if isinstance(allowed, list) else None


@each_dataset
def test_the_readme_tells_why_and_holds_the_columns(dataset: Dataset) -> None:
    readme = (dataset.folder / "README.md").read_text(encoding="utf-8")
    table = readme.partition("<!-- columns -->")[2].partition("<!-- /columns -->")[0]
    names = [field.name for resource in dataset.resources for field in resource.schema.fields]
    assert [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")] == names


ROWS = b"code,name\n1,one\n"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes packages from, and nowhere else: `numbers-of-ours` 1.0 with a zipped and a plain CSV."""
    folder = tmp_path / "packages"
    folder.mkdir()
    inner = tmp_path / "rows.csv.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("rows.csv", ROWS)
    about = "numbers_of_ours-1.0.dist-info"
    with zipfile.ZipFile(folder / "numbers_of_ours-1.0-py3-none-any.whl", "w") as wheel:
        wheel.write(inner, "numbers/rows.csv.zip")
        wheel.writestr("numbers/plain.csv", ROWS)
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: numbers-of-ours\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def _wants(folder: Path, **sample: str) -> Path:
    """A folder of datasets with one, whose file is to be unpacked; the path of that file."""
    dataset = folder / "datasets" / "ours" / "numbers"
    dataset.mkdir(parents=True)
    asked = {"registry": "pypi", "package": "numbers-of-ours", "version": "1.0", "path": "numbers/rows.csv.zip"}
    resource = {"name": "numbers", "path": "data/numbers.csv", "civicat": {"sample": {**asked, **sample}}}
    descriptor = yaml.safe_dump({"name": "numbers", "resources": [resource]})
    (dataset / "datapackage.yaml").write_text(descriptor, encoding="utf-8")
    return dataset / "data" / "numbers.csv"


@pytest.mark.parametrize("path", ["numbers/rows.csv.zip", "numbers/plain.csv", "plain.csv"])
@pytest.mark.usefixtures("packages")
def test_a_large_sample_is_unpacked_from_its_package(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = _wants(tmp_path, path=path, sha256=hashlib.sha256(ROWS).hexdigest())
    assert samples.main([str(tmp_path / "datasets")]) == 0
    assert target.read_bytes() == ROWS
    assert [one.name for one in target.parent.iterdir()] == ["numbers.csv"], "nothing else is left behind"
    said = capsys.readouterr()
    assert said.out.startswith("ours/numbers: unpacked ")
    assert "已从 numbers-of-ours 1.0 解出" in said.out
    assert (said.out.count("\n"), said.err) == (1, "")


@pytest.mark.usefixtures("packages")
def test_a_large_sample_that_is_there_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = _wants(tmp_path)
    target.parent.mkdir()
    target.write_bytes(b"mine")
    assert samples.main([str(tmp_path / "datasets")]) == 0
    assert target.read_bytes() == b"mine"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        ({"version": "2.0"}, "numbers-of-ours==2.0"),
        ({"path": "numbers/other.csv"}, "the package has no numbers/other.csv"),
        ({"sha256": "0" * 64}, "the file is not the one recorded"),
        ({"registry": "attic"}, "there is no registry “attic”"),
        ({"colour": "red"}, "“colour” is not known here"),
    ],
)
@pytest.mark.usefixtures("packages")
def test_a_large_sample_that_cannot_be_had_is_left_out_in_one_line(
    sample: dict[str, str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = _wants(tmp_path, **sample)
    assert samples.main([str(tmp_path / "datasets")]) == 0
    assert not target.exists()
    said = capsys.readouterr()
    assert said.err.startswith("ours/numbers: the large sample is left out: ")
    assert reason in said.err
    assert "ours/numbers 的大样本未取得" in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)


@pytest.mark.usefixtures("packages")
def test_a_sample_is_never_written_outside_its_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _wants(tmp_path)
    descriptor = tmp_path / "datasets" / "ours" / "numbers" / "datapackage.yaml"
    descriptor.write_text(
        descriptor.read_text(encoding="utf-8").replace("data/numbers.csv", "../../numbers.csv"), encoding="utf-8"
    )
    assert samples.main([str(tmp_path / "datasets")]) == 0
    assert "outside the dataset's folder" in capsys.readouterr().err
    assert not (tmp_path / "datasets" / "numbers.csv").exists()
