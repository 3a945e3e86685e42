"""The oracle: on the files of others, our report is frictionless' own, but for the exceptions that are listed here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sameness import DATA, EITHER_WAY, Answer, Difference, Exempt, compared, inferred, one_table, ours, theirs

FIXTURES = DATA / "frictionless-fixtures" / "data"
SPENDING = DATA / "uk-25k-spend"
pytestmark = [
    pytest.mark.skipif(not FIXTURES.is_dir(), reason="the data of others in ../shared/data is not here"),
    pytest.mark.filterwarnings("ignore"),  # frictionless leaves packed files open; dateutil guesses at time zones
]

LARGEST = 25_000  # bytes of a file that is compared in many ways; frictionless takes long over more
LIMITS = (1000, 0, 1, 3)

Schema = Mapping[str, Any]


# ---- what is compared ----------------------------------------------------------------------------------------------


def _schemas(names: Sequence[str]) -> dict[str, Schema]:
    """Rules that the rows of any table break."""

    def of(kind: str, constraints: Schema, **more: Any) -> Schema:  # noqa: ANN401 (whatever a schema may hold)
        return {"fields": [{"name": one, "type": kind, "constraints": constraints} for one in names], **more}

    itself = {"resource": "", "fields": [names[-1]]}
    two = {"resource": "", "fields": [names[-1], names[0]]}
    return {
        "dates": of("date", {"required": True}, primaryKey=names[:1]),
        "unique": of("string", {"unique": True}, primaryKey=names[:2]),
        "texts": of("string", {"pattern": "[a-z]+", "minLength": 2, "maxLength": 5, "enum": ["one", "english", "1"]}),
        "bounds": of("number", {"minimum": 2, "maximum": 100}, missingValues=["", "1", "-"]),
        "references": of("any", {}, foreignKeys=[{"fields": names[:1], "reference": itself}]),
        "pairs": of("string", {}, foreignKeys=[{"fields": [names[0], names[-1]], "reference": two}]),
        "moments": of("datetime", {"required": True}, fieldsMatch="subset"),
        "wholes": of("integer", {}, primaryKey=names[-1:], fieldsMatch="partial"),
    }


# Of what frictionless reads only with libraries that are not installed here (xls, ods, JSON) there is nothing
# to hold ours against: test_the_oracle_lacks_readers says so as long as it is true.
_LACKING = ("table.xls", "table.ods", "table.json", "table.ndjson")

EXEMPT = (
    Exempt(
        frozenset({"sheets.xlsx", "table-infer-boolean.xlsx"}),
        "a whole number that the workbook stores as 1.0 is 1 to us, as the program shows it",
    ),
    *EITHER_WAY,
    Exempt(frozenset({"table.csv.bz2", "table.csv.xz"}), "we unpack gz and zip, and ask for one of them"),
    Exempt(
        frozenset({"file.txt", "describe.txt"}), "a .txt is delimited text to us; frictionless knows no such format"
    ),
    Exempt(
        frozenset({"gzip_csv.gz", "zip_csv.zip"}), "we look inside for the format; frictionless at the suffix alone"
    ),
    Exempt(
        frozenset({"table-infer-iso-8859-7.csv"}),
        "which of the encodings of one byte a short text is in can only be guessed, and we guess another",
    ),
)
_UNINFERRED = frozenset({"file.txt", "describe.txt", "gzip_csv.gz", "zip_csv.zip", "areas-utf16le-bom-tab.csv"})
_EXEMPT = frozenset[str]().union(*(one.names for one in EXEMPT))


def _found(folder: Path, suffixes: Sequence[str], largest: int = LARGEST) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in suffixes)
    return sorted(path for path in files if path.stat().st_size <= largest)


def _files() -> list[Path]:
    """Every file of others that both sides read, but the large ones and those of uk-25k-spend."""
    known = (".csv", ".tsv", ".xlsx", ".gz", ".zip", ".bz2", ".xz", ".txt")
    folders = ("frictionless-fixtures/data", "csvlint-fixtures", "gb18030", "hmt", "taxi-ranks", "parking")
    found = [path for name in folders for path in _found(DATA / name, known)]
    return [path for path in found if _is_table(path)]


def _is_table(path: Path) -> bool:
    """Packages, archives of several files, texts and files that are not what they are called are no tables."""
    packages = path.suffix in {".zip", ".gz"} and not path.name.endswith((".csv.zip", ".csv.gz"))
    named_only = path.parent.name == "compression" and path.name.startswith("implicit")
    other = path.name in {"text.txt", "invalid_excel.xlsx", "LICENSE.txt", "issue-647.csv.txt"}
    return not (packages or named_only or other or (path.suffix == ".txt" and path.name not in _EXEMPT))


def _name(path: Path) -> str:
    return str(path.relative_to(DATA))


def _given(path: Path) -> dict[str, Schema]:
    """The schema that frictionless infers, and the harsher ones; some schema where it cannot read the file."""
    if path.name in _UNINFERRED:
        return {"inferred": {"fields": [{"name": "a"}, {"name": "b"}]}}
    schema = inferred(path.parent, one_table(path.name))
    names = [one["name"] for one in schema.get("fields", ())]
    return {"inferred": schema, **(_schemas(names) if names else {})}


def _limits(kind: str, number: int) -> Sequence[int]:
    """Every limit for two of the schemas, one of them for each of the others."""
    return LIMITS if kind in {"inferred", "dates"} else LIMITS[number % len(LIMITS) :][:1]


def _differences(path: Path, **more: Any) -> Iterator[tuple[str, Answer, list[Difference]]]:  # noqa: ANN401
    for number, (kind, schema) in enumerate(_given(path).items()):
        for limit in _limits(kind, number):
            yield f"{kind}, {limit}", *compared(path.parent, one_table(path.name, schema, **more), limit)


# ---- the same, file by file ------------------------------------------------------------------------------------------


def test_there_are_enough_of_them() -> None:
    assert len(_files()) >= 130


@pytest.mark.parametrize("path", [one for one in _files() if one.name not in _EXEMPT], ids=_name)
def test_the_report_on_a_file_is_that_of_frictionless(path: Path) -> None:
    for said, their, found in _differences(path):
        assert not their.refusal, said
        assert not found, said


@pytest.mark.parametrize("name", sorted(_EXEMPT))
def test_an_exception_still_differs(name: str) -> None:
    path = next(one for one in (*FIXTURES.rglob(name), *DATA.glob(f"*/{name}")) if one.is_file())
    assert any(found for _, _, found in _differences(path))


_MISNAMED = "bis-spending-january-2016.xlsx"
# Files of which frictionless sees no more than the beginning when it guesses their encoding.
_CUT_SHORT = "frictionless guesses UTF-8 from the beginning and gives up at the first byte that is not; we read on"
SPENT_EXEMPT = {
    "CSV_GPC__25K_October_Returns_September_Data_.csv": _CUT_SHORT,
    "DfE_Spend_June_2016.csv": _CUT_SHORT,
    "DfE_and_EFA_Spend_December_2016.csv": _CUT_SHORT,
    "november-2012.csv": _CUT_SHORT,
    "august-2012.csv": "frictionless guesses ISO 8859-1, in which the dashes of Windows-1252 are no characters",
}
SPENT = [*_found(SPENDING / "files", (".csv", ".xlsx"), 10**8), *_found(DATA / "hmt", (".csv",), 10**8)]


def _spent(path: Path, limit: int, **more: Any) -> tuple[Answer, list[Difference]]:  # noqa: ANN401
    schema = json.loads((SPENDING / "spend-publishing-schema.json").read_text("utf-8"))
    return compared(path.parent, one_table(path.name, schema, **more), limit)


@pytest.mark.parametrize("path", [one for one in SPENT if one.name not in {*SPENT_EXEMPT, _MISNAMED}], ids=_name)
def test_what_departments_hand_in_is_reported_as_frictionless_does(path: Path) -> None:
    for limit in (1000, 3) if path.stat().st_size < LARGEST else (1000,):
        their, found = _spent(path, limit)
        assert not their.refusal
        assert not found


@pytest.mark.parametrize("name", SPENT_EXEMPT)
def test_and_so_it_is_where_the_encoding_is_declared_that_only_we_find(name: str) -> None:
    path = SPENDING / "files" / name
    assert _spent(path, 0)[1]
    assert not _spent(path, 0, encoding="cp1252")[1]


def test_text_under_the_name_of_a_workbook_is_refused() -> None:
    folder = SPENDING / "files"
    assert theirs(folder, one_table(_MISNAMED)).errors == 1
    assert "is no workbook" in ours(folder, one_table(_MISNAMED)).refusal


@pytest.mark.parametrize("folder", ["taxi-ranks", "parking"])
@pytest.mark.parametrize("limit", LIMITS)
def test_the_tables_of_french_towns_are_reported_as_frictionless_does(folder: str, limit: int) -> None:
    schema = json.loads((DATA / folder / "schema.json").read_text("utf-8"))
    for path in _found(DATA / folder, (".csv", ".xlsx")):
        their, found = compared(path.parent, one_table(path.name, schema), limit)
        assert not their.refusal
        assert not found, path.name


@pytest.mark.parametrize("name", ["streets-gb18030.csv", "streets-gb18030-4byte.csv"])
@pytest.mark.parametrize("declared", [{}, {"encoding": "gb18030"}], ids=["detected", "declared"])
@pytest.mark.parametrize("kind", ["unique", "dates"])
def test_chinese_streets_are_reported_as_frictionless_does(name: str, declared: Schema, kind: str) -> None:
    folder = DATA / "gb18030"
    names = [one["name"] for one in inferred(folder, one_table(name, **declared))["fields"]]
    their, found = compared(folder, one_table(name, _schemas(names)[kind], **declared))
    assert not their.refusal
    assert not found


def test_utf_16_is_reported_as_frictionless_does_where_it_is_declared() -> None:
    folder = DATA / "gb18030"
    table: Schema = {"encoding": "utf-16", "dialect": {"delimiter": "\t"}}
    names = [one["name"] for one in inferred(folder, one_table("areas-utf16le-bom-tab.csv", **table))["fields"]]
    for limit in LIMITS:
        package = one_table("areas-utf16le-bom-tab.csv", _schemas(names)["wholes"], **table)
        assert not compared(folder, package, limit)[1]


# ---- what frictionless has no report for ---------------------------------------------------------------------------

_CRASHES = (
    ({"type": "array", "constraints": {"unique": True}}, '"[1]"', "a list has no hash"),
    ({"type": "datetime", "constraints": {"minimum": "2021-01-05T10:00:00Z"}}, "2021-01-06T10:00:00", "no time zone"),
)


@pytest.mark.parametrize(("rule", "cell", "why"), _CRASHES, ids=[why for *_, why in _CRASHES])
def test_where_frictionless_crashes_we_say_that_a_rule_cannot_be_applied(
    tmp_path: Path, rule: Schema, cell: str, why: str
) -> None:
    (tmp_path / "table.csv").write_text(f"a,b\n{cell},1\n", encoding="utf-8")
    package = one_table("table.csv", {"fields": [{"name": "a", **rule}, {"name": "b"}]})
    own = ours(tmp_path, package)
    assert theirs(tmp_path, package).refusal, why
    assert own.outcome == "unchecked"
    assert own.broken


def test_where_frictionless_crashes_on_a_pattern_we_blame_the_schema(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,b\na,1\n", encoding="utf-8")
    flags = {"name": "a", "type": "string", "constraints": {"pattern": "(?i)a"}}
    package = one_table("table.csv", {"fields": [flags, {"name": "b"}]})
    own = ours(tmp_path, package)
    assert theirs(tmp_path, package).refusal
    assert own.outcome == "failed"
    assert own.contradictory


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"encoding": "nonesuch"}, "there is no encoding"),
        ({"dialect": {"delimiter": ";;"}}, "must be one character"),
        ({"compression": "gz"}, "cannot be unpacked"),
    ],
)
def test_where_frictionless_has_an_error_we_refuse_the_descriptor(tmp_path: Path, more: Schema, word: str) -> None:
    (tmp_path / "table.csv").write_text("a\n1\n", encoding="utf-8")
    package = one_table("table.csv", {"fields": [{"name": "a"}]}, **more)
    assert theirs(tmp_path, package).errors == 1
    assert word in ours(tmp_path, package).refusal


@pytest.mark.parametrize("name", _LACKING)
def test_the_oracle_lacks_readers_for_some_formats(name: str) -> None:
    (error,) = theirs(FIXTURES, one_table(name)).report["tasks"][0]["errors"]
    assert "install" in error["message"] or "No module" in error["message"]
