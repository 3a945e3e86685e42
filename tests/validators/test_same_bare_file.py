"""The oracle, for a file by itself: the report is that of `frictionless validate FILE`, with and without a schema.

Every file of others is checked at least once; where ours differs, it is named here with the reason.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sameness import DATA, EITHER_WAY, Exempt, compared_alone, inferred, one_table, ours_alone, theirs_alone

from civicat.layout import Layout
from civicat.report import Outcome
from civicat.validators import open_path, validate

FIXTURES = DATA / "frictionless-fixtures" / "data"
SPENDING = DATA / "uk-25k-spend"
SECOND = "https://datapackage.org/profiles/2.0/tableschema.json"
pytestmark = pytest.mark.filterwarnings("ignore")  # frictionless leaves packed files open; dateutil guesses at zones
real_data = pytest.mark.skipif(not FIXTURES.is_dir(), reason="the data of others in ../shared/data is not here")

LARGEST = 25_000  # bytes of a file that is compared with schemas, too
KNOWN = frozenset(
    (
        ".csv",
        ".tsv",
        ".tab",
        ".txt",
        ".xlsx",
        ".xls",
        ".ods",
        ".ndjson",
        ".jsonl",
        ".parquet",
        ".geojson",
        ".gz",
        ".zip",
    )
)


EXEMPT = (
    Exempt(
        frozenset(
            {
                *("cast-int-to-string-issue-1251.xls", "merged-cells-boolean.xls", "merged-cells.xls", "sheet2.xls"),
                *("table-with-booleans.xls", "table-with-ints-floats-dates.xls", "table.xls", "spreadsheet.xls"),
                *("BIS_monthly_spend_December_2012.xls", "april-to-may-12th-2010.xls", "table-output.ods"),
                *("table-with-booleans.ods", "table-with-ints-floats-dates.ods", "table-with-two-sheets.ods"),
                *("table.ods", "table.jsonl", "table.ndjson", "table.parquet"),
                "transaction_spend_data_august_10_northern_ireland_office.xls",
                "transaction_spend_data_may_10_northern_ireland_office_.xls",
            }
        ),
        "frictionless asks for a library that is not installed; we read it, and its types are what all rows fit",
    ),
    Exempt(
        frozenset(
            {
                *("file.txt", "long-error-messages-976.txt", "describe-with-required-field.txt", "describe.txt"),
                *("extract.txt", "five-rows-only.txt", "multiline-errors.txt", "multiline-scheme-error.txt"),
                *("issue-647.csv.txt", "text.txt"),
            }
        ),
        "a .txt is delimited text to us; frictionless does not look into it",
    ),
    Exempt(
        frozenset(
            {
                *("innerpath.package.zip", "package-invalid.zip", "package.zip", "resource.zip", "zip_csv.zip"),
                *("table-multiple-files.zip", "ogd10_catalogs.zip"),
            }
        ),
        "several files in a zip: we ask for one; frictionless looks for a descriptor, or takes it for no table",
    ),
    Exempt(
        frozenset({"gzip_csv.gz"}),
        "we look inside for the format and find none that we know; to frictionless it is no table, and so in order",
    ),
    Exempt(
        frozenset({"implicit-gz.csv", "implicit-zip.csv"}),
        "an archive under the name of a CSV: we say so; frictionless takes it for text of an odd encoding",
    ),
    Exempt(
        frozenset({"invalid_excel.xlsx", "bis-spending-january-2016.xlsx"}),
        "a CSV under the name of a workbook: we say so, frictionless that the workbook is invalid",
    ),
    Exempt(frozenset({"[table].csv"}), "the brackets are a pattern of names to frictionless, which no file fits"),
    *EITHER_WAY,
    Exempt(
        frozenset(
            {
                *("CSV_GPC__25K_October_Returns_September_Data_.csv", "DfE_Spend_June_2016.csv"),
                *(
                    "DfE_and_EFA_Spend_December_2016.csv",
                    "november-2012.csv",
                    "BIS_spending_over__25_000_July_2014.csv",
                ),
            }
        ),
        "frictionless guesses UTF-8 from the beginning and gives up at the first byte that is not; we read on",
    ),
)
# Those that only the cells of an error show.
EXEMPT_WITH_SCHEMA = (
    Exempt(
        frozenset({"sheets.xlsx", "table-infer-boolean.xlsx"}),
        "a whole number that the workbook stores as 1.0 is 1 to us, as the program shows it",
    ),
    Exempt(
        frozenset({"table-infer-iso-8859-7.csv"}),
        "which of the encodings of one byte a short text is in can only be guessed, and we guess another",
    ),
)
_EXEMPT = frozenset[str]().union(*(one.names for one in EXEMPT))
_FOLDERS = ("frictionless-fixtures/data", "csvlint-fixtures", "gb18030", "hmt", "taxi-ranks", "parking", "uk-25k-spend")


def _found(folder: str) -> list[Path]:
    return sorted(one for one in (DATA / folder).rglob("*") if one.suffix.lower() in KNOWN and one.is_file())


def _name(path: Path) -> str:
    return str(path.relative_to(DATA))


FILES = [path for folder in _FOLDERS for path in _found(folder)]
SAME = [path for path in FILES if path.name not in _EXEMPT]
SMALL = [
    path
    for path in SAME
    if path.stat().st_size <= LARGEST and not any(path.name in one.names for one in EXEMPT_WITH_SCHEMA)
]


@real_data
def test_there_are_enough_of_them() -> None:
    assert len(SAME) >= 315
    assert len(SMALL) >= 150


@real_data
@pytest.mark.parametrize("path", SAME, ids=_name)
def test_the_report_without_a_schema_is_that_of_frictionless(path: Path) -> None:
    _, their, found = compared_alone(path)
    assert not their.refusal
    assert not found


@real_data
@pytest.mark.parametrize("name", sorted(_EXEMPT))
def test_an_exception_still_differs(name: str) -> None:
    assert any(compared_alone(path)[2] for path in FILES if path.name == name)


@real_data
@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize("name", ["blank-rows-multiple.csv", "table-infer-increase-limit.csv", "issue-277.csv"])
def test_so_it_is_where_the_limit_is_reached(name: str, limit: int) -> None:
    assert not compared_alone(FIXTURES / name, limit=limit)[2]


def _schemas(path: Path) -> list[Mapping[str, Any]]:
    """What frictionless infers, all texts, and a harsher one."""
    schema = inferred(path.parent, one_table(path.name))
    names = [one["name"] for one in schema.get("fields", ())]
    if not names:
        return [schema]
    rules = {"required": True, "unique": True}
    return [
        schema,
        {"fields": [{"name": one, "type": "string"} for one in names], "missingValues": ["1", "-"]},
        {
            "fields": [{"name": one, "type": "integer", "constraints": rules} for one in names],
            "primaryKey": names[:1],
        },
    ]


@real_data
@pytest.mark.parametrize("path", SMALL, ids=_name)
def test_the_report_with_a_schema_is_that_of_frictionless(path: Path, tmp_path: Path) -> None:
    for schema in _schemas(path):
        (tmp_path / "schema.json").write_text(json.dumps(schema), "utf-8")
        _, their, found = compared_alone(path, tmp_path / "schema.json", 100)
        assert not their.refusal, schema
        assert not found, schema


@real_data
@pytest.mark.parametrize("name", sorted(frozenset[str]().union(*(one.names for one in EXEMPT_WITH_SCHEMA))))
def test_an_exception_with_a_schema_still_differs(name: str, tmp_path: Path) -> None:
    path = FIXTURES / name
    (tmp_path / "schema.json").write_text(json.dumps(_schemas(path)[2]), "utf-8")
    assert compared_alone(path, tmp_path / "schema.json")[2]


@real_data
@pytest.mark.parametrize(
    ("folder", "schema", "every"),
    [
        ("uk-25k-spend", "spend-publishing-schema.json", 4),
        ("taxi-ranks", "schema.json", 1),
        ("parking", "schema.json", 1),
    ],
)
def test_the_schemas_of_states_are_applied_as_frictionless_does(folder: str, schema: str, every: int) -> None:
    for path in [one for one in SAME if one.is_relative_to(DATA / folder) and one.stat().st_size < 10**6][::every]:
        assert not compared_alone(path, DATA / folder / schema, 200)[2], path.name


@real_data
@pytest.mark.parametrize(("name", "schema"), [("table-infer-increase-limit.csv", False), ("table.csv.zip", True)])
def test_the_commands_print_the_same(name: str, tmp_path: Path, *, schema: bool) -> None:
    (tmp_path / name).write_bytes((FIXTURES / name).read_bytes())
    (tmp_path / "s.json").write_text('{"fields": [{"name": "id", "type": "date"}, {"name": "name"}]}', "utf-8")
    options = ("--schema", "s.json") if schema else ()
    told = {}
    for tool, form in (("civicat", ("--format", "json")), ("frictionless", ("--json",))):
        command = [str(Path(sys.executable).parent / tool), "validate", name, *options, *form]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603 (ours, and theirs)
        assert done.returncode == 1
        told[tool] = json.loads(done.stdout)
        for level in (told[tool], *told[tool]["tasks"]):
            level["stats"]["seconds"] = 0
    told["civicat"].pop("civicat")
    assert told["civicat"] == told["frictionless"]


# ---- what differs by the name alone, or by the packing ---------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Spend Data (v2).CSV",
        "省份.csv",
        "a.b.c.csv",
        "x__y--z.csv",
        "-.csv",
        "'.csv",
        "Été 2024.csv",
        "t.tsv",
        ".x.csv",
    ],
)
def test_a_table_is_called_as_frictionless_calls_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("id,n\n1,a\n", "utf-8")
    assert not compared_alone(tmp_path / name)[2]


@pytest.mark.parametrize("name", ["Table One.csv.gz", "table.csv.zip", "table.tsv.gz", "book.xlsx.gz"])
def test_a_packed_table_stands_where_frictionless_says(tmp_path: Path, name: str) -> None:
    _packed(tmp_path / name)
    assert not compared_alone(tmp_path / name)[2]
    (tmp_path / "s.json").write_text('{"fields": [{"name": "id", "type": "date"}, {"name": "n"}]}', "utf-8")
    own, their, found = compared_alone(tmp_path / name, tmp_path / "s.json")
    assert (own.errors, their.errors) == (1, 1)
    assert not found


def _packed(path: Path) -> None:
    text = b"id\tn\n1\ta\n" if ".tsv" in path.name else b"id,n\n1,a\n"
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inside.csv", text)
    elif ".xlsx" in path.name:
        book = openpyxl.Workbook()
        for row in (["id", "n"], [1, "a"]):
            book.active.append(row)
        book.save(path.parent / "book.xlsx")
        path.write_bytes(gzip.compress((path.parent / "book.xlsx").read_bytes()))
    else:
        path.write_bytes(gzip.compress(text))


def test_the_place_is_the_path_as_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: Layout) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x.csv").write_text("id\n1\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    (task,) = _tasks(validate(Path("sub/x.csv"), None, layout).to_descriptor())
    assert (task["place"], task["name"]) == ("sub/x.csv", "x")


def _tasks(report: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    tasks: Sequence[Mapping[str, Any]] = report["tasks"]
    return tasks


# ---- the first 100 rows -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [98, 99, 100, 500])
@pytest.mark.parametrize("write", ["csv", "xlsx"])
def test_a_type_is_that_of_the_first_hundred_rows(tmp_path: Path, rows: int, write: str) -> None:
    path = _numbers(tmp_path, [*range(rows), "12a"], write)
    own, _, found = compared_alone(path)
    assert not found
    assert own.errors == 1


@pytest.mark.parametrize(("strange", "valid"), [(9, False), (10, True)])
def test_nine_values_of_ten_make_a_type(tmp_path: Path, strange: int, valid: bool) -> None:  # noqa: FBT001 (a table)
    cells = [*range(99 - strange), *["12a"] * strange]
    own, _, found = compared_alone(_numbers(tmp_path, cells, "csv"))
    assert not found
    assert own.report["valid"] is valid


def _numbers(folder: Path, cells: Sequence[object], kind: str) -> Path:
    path = folder / f"t.{kind}"
    if kind == "csv":
        path.write_text("n\n" + "".join(f"{one}\n" for one in cells), "utf-8")
        return path
    book = openpyxl.Workbook()
    for one in ("n", *cells):
        book.active.append([one])
    book.save(path)
    return path


def test_a_user_reads_where_the_type_is_from(tmp_path: Path, layout: Layout) -> None:
    path = _numbers(tmp_path, [*range(100), "12a"], "csv")
    (table,) = validate(path, None, layout).resources
    (cause,) = table.causes
    assert cause.message.en == (
        "Nobody has described this file, so the types of its columns were taken from its first 100 rows. "
        "Some values are of another type, in: n."
    )
    assert cause.message.zh == "这个文件没有描述，列的类型只能从前 100 行看出。有的值不是这样，在这些列：n。"
    assert f"civicat describe {path}:" in cause.remedy.en
    assert f"civicat describe {path}，" in cause.remedy.zh
    (tmp_path / "s.json").write_text('{"fields": [{"name": "n", "type": "integer"}]}', "utf-8")
    assert validate(path, tmp_path / "s.json", layout).resources[0].causes == ()


def test_a_package_of_others_without_a_schema_is_read_as_frictionless_reads_it(tmp_path: Path, layout: Layout) -> None:
    _numbers(tmp_path, [*range(100), "12a"], "csv")
    package = tmp_path / "datapackage.json"
    package.write_text('{"resources": [{"name": "t", "path": "t.csv"}]}', "utf-8")
    from frictionless import Package  # noqa: PLC0415 (half a second)

    their = json.loads(Package(str(package)).validate().to_json())
    report = validate(package, None, layout)
    assert report.outcome is Outcome.FAILED
    assert json.loads(json.dumps(_tasks(report.to_descriptor())[0]["errors"])) == their["tasks"][0]["errors"]
    assert [one.code for one in report.resources[0].causes] == ["types-guessed"]


def test_formats_that_frictionless_makes_no_table_of_keep_the_types_that_all_rows_fit(
    tmp_path: Path, layout: Layout
) -> None:
    lines = "".join(json.dumps({"n": one}) + "\n" for one in [*range(150), "12a"])
    path = tmp_path / "t.ndjson"
    path.write_text(lines, "utf-8")
    assert validate(path, None, layout).outcome is Outcome.PASSED
    assert not open_path(path)[0].resources[0].guessed


# ---- schemas ---------------------------------------------------------------------------------------------------------

_FAULTY: Sequence[Mapping[str, Any]] = (
    {"fields": [{"name": "id", "constraints": {"exclusiveMinimum": 1}, "type": "integer"}, {"name": "n"}]},
    {
        "$schema": SECOND,
        "fields": [{"name": "id", "constraints": {"exclusiveMinimum": 1}, "type": "integer"}, {"name": "n"}],
    },
    {"fields": [{"name": "id"}, {"name": "n"}], "missingValues": [{"value": "-", "label": "none"}]},
    {"$schema": SECOND, "fields": [{"name": "id"}, {"name": "n"}], "missingValues": [{"value": "-", "label": "none"}]},
    {"fields": [{"name": "id", "type": "nonsense"}, {"name": "n"}]},
    {"fields": [{"name": "id"}, {"name": "n"}], "primaryKey": "other"},
    {"fields": [{"name": "id"}, {"name": "n"}], "missingValues": "-"},
    {"fields": [{"name": "id"}, {"name": "id"}]},
    {"fields": []},
    {
        "fields": [{"name": "id"}, {"name": "n"}],
        "foreignKeys": [{"fields": "n", "reference": {"resource": "", "fields": "id"}}],
    },
)


@pytest.mark.parametrize("schema", _FAULTY, ids=[str(number) for number in range(len(_FAULTY))])
def test_a_faulty_schema_is_an_error_of_the_one_table(tmp_path: Path, schema: Mapping[str, Any]) -> None:
    (tmp_path / "t.csv").write_text("id,n\n1,-\n2,b\n1,b\n", "utf-8")
    (tmp_path / "s.json").write_text(json.dumps(schema), "utf-8")
    assert not compared_alone(tmp_path / "t.csv", tmp_path / "s.json")[2]


_REFUSED = (
    ('{"title": "no fields"}', "is no Table Schema"),
    ("[1]", "must hold a mapping"),
    ('{"fields": [{"type": "integer"}]}', "“name” is missing"),
)


@pytest.mark.parametrize(("schema", "says"), _REFUSED)
def test_what_is_no_schema_is_refused_where_frictionless_has_an_error(tmp_path: Path, schema: str, says: str) -> None:
    (tmp_path / "t.csv").write_text("id\n1\n", "utf-8")
    (tmp_path / "s.json").write_text(schema, "utf-8")
    assert theirs_alone(tmp_path / "t.csv", tmp_path / "s.json").errors == 1
    assert says in ours_alone(tmp_path / "t.csv", tmp_path / "s.json").refusal


def test_a_reference_to_a_table_that_a_file_by_itself_cannot_have(tmp_path: Path) -> None:
    keys = [{"fields": "id", "reference": {"resource": "other", "fields": "id"}}]
    (tmp_path / "t.csv").write_text("id\n1\n", "utf-8")
    (tmp_path / "s.json").write_text(json.dumps({"fields": [{"name": "id"}], "foreignKeys": keys}), "utf-8")
    own, their, found = compared_alone(tmp_path / "t.csv", tmp_path / "s.json")
    assert own.report["valid"] is their.report["valid"] is False
    assert {one.where.rpartition("/")[2] for one in found} == {"message", "note"}  # theirs quotes its own "{fk}"


# ---- what it costs ---------------------------------------------------------------------------------------------------


def test_a_file_with_a_plain_schema_is_checked_without_loading_frictionless(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id,n\n1,a\n", "utf-8")
    (tmp_path / "s.json").write_text('{"fields": [{"name": "id", "type": "integer"}, {"name": "n", "type": "string"}]}')
    script = (
        "import sys; from pathlib import Path; from civicat.layout import Layout;"
        "from civicat.validators import validate;"
        "report = validate(Path('x.csv'), Path('s.json'), Layout(Path('store')));"
        "assert report.outcome == 'passed', report; assert 'slugify' not in sys.modules;"
        "assert 'frictionless' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)  # noqa: S603 (the script above)


def test_the_beginning_of_a_file_is_enough_for_its_types(tmp_path: Path, count_lines: Callable[[Path], int]) -> None:
    path = tmp_path / "t.csv"
    path.write_text("n\n" + "1\n" * 200_000, "utf-8")
    assert count_lines(path) <= 100


@pytest.fixture
def count_lines() -> Callable[[Path], int]:
    """How many records frictionless sees when it infers the types of a file."""

    def run(path: Path) -> int:
        from civicat.dataset import read_dataset  # noqa: PLC0415 (beside its use)
        from civicat.validators.engine.exact import Tables  # noqa: PLC0415 (as above)
        from civicat.validators.engine.opening import start  # noqa: PLC0415 (as above)
        from civicat.validators.formats import find_source  # noqa: PLC0415 (as above)

        dataset = read_dataset({"resources": [{"name": "t", "path": path.name}]}, "t", "", path.parent)
        source = find_source(dataset, dataset.resources[0])
        opened = start(source, Tables(dataset, [source]), None, plain=False).opened
        return opened.fragment_rows if opened else 0

    return run
