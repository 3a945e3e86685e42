from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from frictionless import Package

if TYPE_CHECKING:
    from tests.publish.conftest import Desk


def _manifest(desk: Desk, package: dict[str, Any] | None = None) -> dict[str, Any]:
    content = (desk.publish(package=package).folder / "datapackage.json").read_bytes()
    manifest: dict[str, Any] = json.loads(content)
    return manifest


def test_frictionless_opens_the_release_as_a_data_package(desk: Desk) -> None:
    folder = desk.publish().folder

    report = Package.validate_descriptor(str(folder / "datapackage.json"))
    package = Package(str(folder / "datapackage.json"))

    assert report.valid, report.flatten(["message"])
    assert package.resource_names == ["counters", "notes"]
    assert package.get_resource("counters").schema.field_names[0] == "编号"
    assert package.get_resource("notes").schema.primary_key == ["row_number"]


def test_each_resource_names_its_file_with_size_hash_and_rows(desk: Desk) -> None:
    release = desk.publish()
    resource = _manifest(desk)["resources"][0]
    content = (release.folder / "counters.parquet").read_bytes()

    assert {key: resource[key] for key in ("path", "format", "mediatype", "bytes", "hash", "rows")} == {
        "path": "counters.parquet",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "rows": 50,
    }


def test_how_to_read_the_file_that_was_handed_in_is_left_out(desk: Desk) -> None:
    package = desk.package()
    package["resources"][0]["schema"]["fields"][2]["missingValues"] = ["-"]
    counters = _manifest(desk, package)["resources"][0]

    assert not {"encoding", "dialect"} & counters.keys()
    assert counters["schema"]["missingValues"] == []
    assert "missingValues" not in counters["schema"]["fields"][2]


def test_words_rules_and_keys_stay_as_they_were_handed_in(desk: Desk) -> None:
    package = desk.package()
    across = {"fields": ["编号"], "reference": {"dataset": "other/places", "resource": "places", "fields": ["id"]}}
    package["resources"][0]["civicat"] = {"foreignKeys": [across]}
    package["resources"][0]["schema"]["foreignKeys"] = [
        {"fields": ["编号"], "reference": {"resource": "notes", "fields": ["note"]}}
    ]

    manifest = _manifest(desk, package)
    counters = manifest["resources"][0]

    assert counters["civicat"] == package["resources"][0]["civicat"]
    assert counters["schema"]["foreignKeys"] == package["resources"][0]["schema"]["foreignKeys"]
    assert counters["schema"]["primaryKey"] == ["编号"]
    assert counters["schema"]["fields"] == package["resources"][0]["schema"]["fields"]
    assert manifest["created"] == "2026-02-22T00:00:00+00:00"
    assert {key: manifest["civicat"][key] for key in package["civicat"]} == package["civicat"]


def test_the_release_says_who_published_it_and_why(desk: Desk) -> None:
    manifest = _manifest(desk)

    assert manifest["version"] == "1.0.0"
    assert manifest["civicat"]["release"] == {
        "department": dict(desk.department().descriptor),
        "version": "1.0.0",
        "change": {"zh": "首次发布。", "en": "First release."},
        "inputs": "a",
    }


def test_a_version_of_the_departments_own_gives_way(desk: Desk) -> None:
    assert _manifest(desk, {**desk.package(), "version": "2024"})["version"] == "1.0.0"


def test_the_row_number_is_described_in_both_languages(desk: Desk) -> None:
    release = desk.publish()
    number = release.tables[1].resource.schema.fields[0]

    assert (number.name, number.type, number.generated, number.unit) == ("row_number", "integer", True, "1")
    assert (number.title.zh, number.title.en) == ("行号", "Row number")
    assert not number.description.missing()


def test_the_row_number_of_a_chinese_package_speaks_chinese_first(desk: Desk) -> None:
    package = desk.package()
    package["civicat"]["language"] = "zh"
    package["civicat"]["en"] = package["civicat"].pop("zh")
    for resource in package["resources"]:
        for field in resource["schema"]["fields"]:
            field["civicat"]["en"] = field["civicat"].pop("zh")

    number = _manifest(desk, package)["resources"][1]["schema"]["fields"][0]

    assert number["title"] == "行号"
    assert number["civicat"]["en"]["title"] == "Row number"


def test_columns_stand_as_they_do_in_the_file(desk: Desk) -> None:
    counters = desk.counters(range(9))
    fewer = counters.select(["name.en", "编号"])

    release = desk.publish(tables=(fewer, desk.notes("静")))

    assert [field.name for field in release.tables[0].resource.schema.fields] == ["name.en", "编号"]
    assert pa.parquet.read_schema(release.tables[0].path).names == ["name.en", "编号"]
