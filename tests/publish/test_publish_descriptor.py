from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from frictionless import Package

from civicat.publish.descriptor import release_form, with_files, words
from civicat.publish.tables import Ordered
from civicat.release import Part
from civicat.shapes import MADE
from civicat.source_reading import reading

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


def _form(desk: Desk, table: pa.Table, package: dict[str, Any] | None = None) -> dict[str, Any]:
    """The descriptor of a dataset whose first table has the columns of `table`."""
    dataset = desk.dataset(package)
    key = dataset.resources[0].schema.primary_key
    ordered = Ordered(dataset.resources[0], table.schema, table.num_rows, lambda: iter(table.to_batches()), key)
    return release_form(dataset, [ordered])


def test_a_table_in_parts_names_each_with_its_size_hash_and_rows(desk: Desk) -> None:
    parts = [Part(Path(f"/store/counters.000{n}.parquet"), 10 * n, f"{n}" * 64, n) for n in (1, 2)]

    (counters,) = with_files(_form(desk, desk.counters([1])), {"counters": parts})["resources"]

    assert counters["path"] == ["counters.0001.parquet", "counters.0002.parquet"]
    assert (counters["bytes"], counters["rows"]) == (30, 3)
    assert "hash" not in counters
    assert counters["civicat"]["parts"] == [
        {"path": "counters.0001.parquet", "bytes": 10, "hash": f"sha256:{'1' * 64}", "rows": 1},
        {"path": "counters.0002.parquet", "bytes": 20, "hash": f"sha256:{'2' * 64}", "rows": 2},
    ]


def test_what_was_handed_in_says_nothing_of_parts(desk: Desk) -> None:
    package = desk.package()
    package["resources"][0]["civicat"] = {"parts": [{"path": "mine.parquet"}], "caveats": []}

    form = _form(desk, desk.counters([1]), package)

    (counters,) = with_files(form, {"counters": [Part(Path("counters.parquet"), 1, "0" * 64, 1)]})["resources"]
    assert (counters["path"], counters["civicat"]["caveats"]) == ("counters.parquet", [])
    assert "parts" not in counters["civicat"]


def test_in_how_many_parts_a_table_is_does_not_change_its_words(desk: Desk) -> None:
    form = _form(desk, desk.counters([1]))
    one, two = (Part(Path(f"counters.000{n}.parquet"), n, "0" * 64, n) for n in (1, 2))

    whole, cut = ({**with_files(form, {"counters": files}), "version": "1.0.0"} for files in ([one], [one, two]))

    assert whole != cut
    assert words(whole) == words(cut)


def test_a_column_that_was_added_for_maps_is_no_field(desk: Desk) -> None:
    table = desk.counters([1])
    added = table.append_column(pa.field("box", pa.float64(), metadata={MADE: b"1"}), [[1.0]])

    plain, mapped = (_form(desk, one)["resources"][0]["schema"] for one in (table, added))

    assert mapped["fields"] == plain["fields"]
    assert ("fieldsMatch" in plain, mapped["fieldsMatch"]) == (False, "subset")


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

    assert counters["civicat"]["foreignKeys"] == package["resources"][0]["civicat"]["foreignKeys"]
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


def test_how_the_file_was_read_is_kept_and_is_no_word(desk: Desk) -> None:
    package, other = desk.package(), desk.package()
    package["resources"][0]["civicat"] = {"read": "mine"}
    other["resources"][0]["encoding"] = "utf-8"
    one, two = (_form(desk, desk.counters([1]), each) for each in (package, other))

    kept = [form["resources"][0]["civicat"]["read"] for form in (one, two)]
    assert kept[0] == reading(desk.dataset(package).resources[0])
    assert kept[1] == reading(desk.dataset(other).resources[0])
    assert kept[0] != kept[1]
    assert words(one)["resources"] == words(two)["resources"]
