"""`civicat describe` and `civicat new`: what can be known is filled in, and the rest is refused by name until it is."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from handing_in import DEPARTMENT, field, package, resource

from civicat.errors import SourceError
from civicat.finding import Severity
from civicat.layout import Layout
from civicat.report import Outcome
from civicat.validators import describe, render, scaffold, validate
from civicat.validators.descriptors import load, load_dataset
from civicat.validators.identifiers import REGISTRY

ROWS = 'code,name,size,price,day,asked\n01,甲,1,"1,234.50",31/12/2026,01/02/2026\n02,乙,NA,99,01/01/2026,03/04/2026\n'


def source(folder: Path, text: str = ROWS) -> Path:
    path = folder / "Spend 2026.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_draft_can_be_read_and_says_what_the_file_shows(tmp_path: Path) -> None:
    path = tmp_path / "datapackage.yaml"
    path.write_text(describe(source(tmp_path)), "utf-8")
    dataset = load_dataset(path, "transport")
    (one,) = dataset.resources
    fields = {each.name: (each.type, each.format, each.example) for each in one.schema.fields}
    assert dataset.name == "spend-2026"
    assert one.schema.primary_key == ("code",)
    assert fields["code"] == ("string", "default", "01")
    assert fields["size"] == ("integer", "default", "1")
    assert fields["price"] == ("number", "default", "1,234.50")
    assert fields["day"] == ("date", "%d/%m/%Y", "31/12/2026")
    assert fields["asked"][0] == "string"
    asked = one.schema.field("asked")
    assert asked is not None
    assert asked.description.en.startswith("TODO: decide how to read this column (%d/%m/%Y or %m/%d/%Y)")


def test_a_chinese_file_is_described_in_chinese_first(tmp_path: Path) -> None:
    path = tmp_path / "datapackage.yaml"
    path.write_text(describe(source(tmp_path, "代码,名称\n01,甲\n")), "utf-8")
    dataset = load_dataset(path, "transport")
    assert dataset.language == "zh"
    assert [each.title.zh for each in dataset.resources[0].schema.fields] == ["代码", "名称"]


@pytest.mark.parametrize(
    "value", ["no", "2026-02-22", "1e3", "1.0e+3", "0x1F", "~", "true", "- a", "a: b", "#a", "12:30:00"]
)
def test_an_example_survives_the_way_through_yaml(tmp_path: Path, value: str) -> None:
    path = tmp_path / "datapackage.yaml"
    path.write_text(describe(source(tmp_path, f"label,other\n{value},x\nz,y\n")), "utf-8")
    assert load_dataset(path, "a").resources[0].schema.fields[0].example == value


def test_a_new_folder_is_whole_and_each_todo_is_refused_by_name(tmp_path: Path) -> None:
    datasets = tmp_path / "datasets"
    folder = scaffold("transport/spend", source(tmp_path), datasets)
    found = sorted(str(path.relative_to(datasets)) for path in datasets.rglob("*") if path.is_file())
    assert found == [
        "transport/department.yaml",
        "transport/spend/README.md",
        "transport/spend/data/Spend 2026.csv",
        "transport/spend/datapackage.yaml",
        "transport/spend/examples/invalid.csv",
    ]
    report = validate(folder, None, Layout(tmp_path / "store"))
    codes = {finding.code for finding in report.all_findings()}
    assert codes == {"todo-left"}, render(report, "en")
    todos = len(re.findall("TODO", "".join(path.read_text("utf-8") for path in folder.parent.rglob("*.yaml"))))
    assert len(report.findings) == todos
    assert report.findings[0].message.en == "title is still to be done: “TODO: a title for this dataset”."
    assert report.findings[0].place.line == 3


def test_the_draft_is_valid_once_every_todo_is_done(tmp_path: Path) -> None:
    folder = scaffold("transport/spend", source(tmp_path), tmp_path / "datasets")
    for path in (folder / "datapackage.yaml", folder.parent / "department.yaml"):
        text = re.sub(r"'TODO: one or more of [^']*'", "economy", path.read_text("utf-8"))
        text = re.sub(r"'TODO: one of [^']*'", "yearly", text)
        text = re.sub(r"((?:url|path): )'?TODO.*", r"\1https://example.org/x", text)
        path.write_text(re.sub(r"TODO", "done", text), "utf-8")
    report = validate(folder, None, Layout(tmp_path / "store"))
    assert report.outcome is Outcome.PASSED, render(report, "en")
    assert report.rows == 2


def test_a_department_that_is_there_is_left_alone(tmp_path: Path) -> None:
    datasets = tmp_path / "datasets"
    scaffold("transport/a", source(tmp_path), datasets)
    (datasets / "transport" / "department.yaml").write_text("code: transport\n", "utf-8")
    scaffold("transport/b", source(tmp_path), datasets)
    assert load(datasets / "transport" / "department.yaml").values == {"code": "transport"}


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("transport", "is not department/dataset"),
        ("Transport/spend", "is not department/dataset"),
        ("transport/../x", "is not department/dataset"),
        ("transport/-x", "is not department/dataset"),
        ("transport/there", "is there already. Nothing was changed"),
    ],
)
def test_what_cannot_be_made_changes_nothing(tmp_path: Path, target: str, said: str) -> None:
    datasets = tmp_path / "datasets"
    (datasets / "transport" / "there").mkdir(parents=True)
    path = source(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SourceError, match=said):
        scaffold(target, path, datasets)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_source_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no file"):
        scaffold("transport/x", tmp_path / "gone.csv", tmp_path / "datasets")
    assert list(tmp_path.iterdir()) == []


def described(folder: Path, text: str | bytes, name: str = "x.csv") -> tuple[str, dict[str, Any]]:
    """The draft of a file, and its one resource."""
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    draft = describe(folder / name)
    (folder / "datapackage.yaml").write_text(draft, "utf-8")
    return draft, dict(load(folder / "datapackage.yaml").values)["resources"][0]


def fields_of(one: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in one["schema"]["fields"]}


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("a,b\n1,2\n", {"delimiter": ",", "quoteChar": '"', "skipInitialSpace": False, "headerRows": [1]}),
        ("a;b\n1;2\n", {"delimiter": ";", "quoteChar": '"', "skipInitialSpace": False, "headerRows": [1]}),
        ("a,b\n'1,5','2'\n", {"delimiter": ",", "quoteChar": "'", "skipInitialSpace": False, "headerRows": [1]}),
        ('a,b\n1, "2,5"\n', {"delimiter": ",", "quoteChar": '"', "skipInitialSpace": True, "headerRows": [1]}),
        ("T,\n,\na,b\n1,2\n3,4\n", {"delimiter": ",", "quoteChar": '"', "skipInitialSpace": False, "headerRows": [3]}),
    ],
)
def test_how_the_cells_are_cut_is_pinned_and_reads_the_file(
    tmp_path: Path, text: str, dialect: dict[str, object]
) -> None:
    _, one = described(tmp_path, text)
    assert one["dialect"] == dialect
    assert list(fields_of(one)) == ["a", "b"]
    report = validate(tmp_path / "datapackage.yaml", None, Layout(tmp_path / "store"))
    assert {finding.code for finding in report.all_findings()} == {"todo-left"}, render(report, "en")


def test_the_encoding_and_the_packing_are_described(tmp_path: Path) -> None:
    rows = "代码,名称\n01,䶮\n02,𠮷\n"
    assert described(tmp_path, rows.encode("gb18030"))[1]["encoding"] == "gb18030"
    _, one = described(tmp_path, gzip.compress(rows.encode()), "x.csv.gz")
    assert (one["path"], one["format"], one["name"]) == ("x.csv.gz", "csv", "x")


def test_what_does_not_fit_is_listed_beside_the_type_and_fails_the_check(tmp_path: Path) -> None:
    draft, one = described(tmp_path, "id,size\n" + "".join(f"{n},{n}\n" for n in range(400)) + "400,x\n")
    assert fields_of(one)["size"]["type"] == "integer"
    assert "# Of 401 values, those that do not fit this type fail the check (1): row 402 “x”." in draft
    report = validate(tmp_path / "datapackage.yaml", None, Layout(tmp_path / "store"))
    assert [(found.code, found.place.row) for found in report.all_findings() if found.code != "todo-left"] == [
        ("type-error", 402)
    ]
    (alone,) = validate(tmp_path / "x.csv", None, Layout(tmp_path / "store")).resources
    assert [(found.code, found.place.row) for found in alone.findings] == [("type-error", 402)]
    assert [one.code for one in alone.causes] == ["types-guessed"]


def test_the_same_is_said_in_chinese_of_a_chinese_file(tmp_path: Path) -> None:
    draft, _ = described(tmp_path, "编号,数值\n" + "".join(f"{n},{n}\n" for n in range(400)) + "400,甲\n")
    assert "# 401 个值中有 1 个不是这种类型，检查会报错：第 402 行“甲”。" in draft


def test_rules_are_only_those_that_a_file_shows_beyond_doubt(tmp_path: Path) -> None:
    rows = "".join(f"{n},{n % 3}.50,{'ab'[n % 2]},{'' if n % 2 else 'x'}\n" for n in range(30))
    draft, one = described(tmp_path, "id,price,kind,note\n" + rows)
    fields = fields_of(one)
    assert one["schema"]["primaryKey"] == ["id"]
    assert "unit" not in fields["id"]["civicat"]
    assert fields["price"]["civicat"]["scale"] == 2
    assert {name: each.get("constraints") for name, each in fields.items()} == {
        "id": {"required": True},
        "price": {"required": True},
        "kind": {"required": True},
        "note": None,
    }
    assert "# Holds only 2 different values, each many times. To allow no other: constraints: {enum: [a, b]}." in draft
    assert "# From 0.5 to 2.5: what the file shows, not a rule." in draft


def test_missing_values_are_described_or_told(tmp_path: Path) -> None:
    draft, one = described(tmp_path, "size,state\n1,NA\n-,FR\n..,-\n2,DE\n")
    fields = fields_of(one)
    assert fields["size"]["missingValues"] == ["", "-", ".."]
    assert fields["state"]["missingValues"] == ["", "-"]
    assert 'Holds “NA” (1). If that stands for no value: missingValues: ["", "-", "NA"].' in draft


def test_two_columns_may_tell_the_rows_apart_together(tmp_path: Path) -> None:
    rows = "".join(f"2026-01-{1 + n // 5:02},{'abcde'[n % 5]},{n % 7}\n" for n in range(30))
    draft, one = described(tmp_path, "day,place,size\n" + rows)
    assert "primaryKey" not in one["schema"]
    assert "# No single column tells the rows apart, but these two do together: primaryKey: [day, place]" in draft
    repeated, _ = described(tmp_path, "day,place,size\n" + rows + "2026-01-01,a,1\n")
    assert "# No single column tells the rows apart. If several do together" in repeated


def test_codes_are_known_by_their_check_digits(tmp_path: Path) -> None:
    numbers = [f"97803064061{n:02}" for n in range(100)]
    good = [text for text in numbers if REGISTRY["isbn"].check(text) is None]
    draft, one = described(tmp_path, "isbn,x\n" + "".join(f"{text},1\n" for text in good))
    (isbn, _) = one["schema"]["fields"]
    assert (isbn["type"], isbn["civicat"]["identifier"]) == ("string", "isbn")
    assert "# Looks like: ISBN. Each value is checked." in draft
    bad, one = described(tmp_path, "isbn,x\n" + "".join(f"{text},1\n" for text in [*good, numbers[0], numbers[1]]))
    assert "identifier" not in one["schema"]["fields"][0]["civicat"]
    assert "Looks like" not in bad


def test_what_names_persons_is_for_people_to_decide(tmp_path: Path) -> None:
    draft, one = described(tmp_path, "手机,数\n" + "".join(f"138001{n:05},1\n" for n in range(20)))
    phone = fields_of(one)["手机"]
    assert (phone["type"], phone["civicat"]["identifier"]) == ("string", "mobile-cn")
    assert phone["description"].startswith("TODO：个人信息。先决定能否公开")
    assert "# 看来是手机号码（中国内地），属于或可能属于个人信息。能否公开须由人决定。" in draft
    english, _ = described(tmp_path, "phone,n\n" + "".join(f"138001{n:05},1\n" for n in range(20)))
    assert "TODO: this names persons: decide whether it may be published" in english


def test_a_place_on_earth_is_known_by_its_name_and_its_span(tmp_path: Path) -> None:
    _, one = described(tmp_path, "lon,lat,depth\n" + "".join(f"116.{n},39.{n},1.{n}\n" for n in range(10, 20)))
    fields = fields_of(one)
    assert [fields[name]["civicat"].get("identifier") for name in fields] == ["longitude", "latitude", None]
    assert fields["lon"]["civicat"]["unit"] == "°"


def test_the_sheet_that_holds_a_table_is_chosen_and_the_others_are_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active["A1"] = "填表说明"
    sheet = book.create_sheet("数据")
    for row in (["编号", "数"], ["01", 1], ["02", 2]):
        sheet.append(row)
    book.save(tmp_path / "x.xlsx")
    draft = describe(tmp_path / "x.xlsx")
    (tmp_path / "datapackage.yaml").write_text(draft, "utf-8")
    assert load(tmp_path / "datapackage.yaml").values["resources"][0]["dialect"] == {"excel": {"sheet": "数据"}}
    assert "# 工作簿还有这些工作表：说明。要发布，请各写成一个资源。" in draft
    report = validate(tmp_path / "datapackage.yaml", None, Layout(tmp_path / "store"))
    assert {finding.code for finding in report.all_findings()} == {"todo-left"}, render(report, "en")


@pytest.fixture
def states(tmp_path: Path) -> Layout:
    """A store in which us-census/states is released: 30 codes of text, and as many whole numbers."""
    layout = Layout(tmp_path / "store")
    folder = layout.dataset("us-census/states") / "1.0.0"
    folder.mkdir(parents=True)
    fields = [field("code"), field("number", "integer", constraints={"unique": True})]
    one = resource("states", "states.parquet", fields, schema={"primaryKey": ["code"]})
    descriptor = package("states", [one])
    descriptor["civicat"]["release"] = {
        "department": {**DEPARTMENT, "code": "us-census"},
        "version": "1.0.0",
        "inputs": "x",
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    for name in ("report.json", "provenance.json"):
        (folder / name).write_text("{}", "utf-8")
    table = pa.table({"code": [f"S{n:02}" for n in range(30)], "number": list(range(30))})
    pq.write_table(table, folder / "states.parquet")
    return layout


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("place,n\n" + "".join(f"S{n % 6:02},{n}\n" for n in range(30)), "place"),
        ("place,n\n" + "".join(f"S{n % 4:02},{n}\n" for n in range(30)), ""),
        ("state,n\n" + "".join(f"S{n % 2:02},{n}\n" for n in range(30)), "state"),
        ("state,n\n" + "".join(f"S{n % 6:02},{n}\n" for n in range(30)) + "S30,1\n", ""),
        ("state_code,n\n" + "".join(f"S{n % 6:02},{n}\n" for n in range(30)) + ",1\n", "state_code"),
    ],
)
def test_values_that_are_all_in_a_published_key_refer_to_it(
    tmp_path: Path, states: Layout, text: str, found: str
) -> None:
    (tmp_path / "x.csv").write_text(text, "utf-8")
    draft = describe(tmp_path / "x.csv", states)
    (tmp_path / "datapackage.yaml").write_text(draft, "utf-8")
    (one,) = load_dataset(tmp_path / "datapackage.yaml", "a").resources
    assert [key.fields for key in one.schema.foreign_keys] == ([(found,)] if found else [])
    assert ("are among the 30 of us-census/states, states.code: hence the foreignKeys below" in draft) is bool(found)
    report = validate(tmp_path / "datapackage.yaml", None, states)
    assert {finding.code for finding in report.all_findings()} == {"todo-left"}, render(report, "en")


def test_small_numbers_refer_only_where_they_are_called_so(tmp_path: Path, states: Layout) -> None:
    rows = "".join(f"{n % 9},{n % 9}\n" for n in range(30))
    (tmp_path / "x.csv").write_text("size,states_id\n" + rows, "utf-8")
    draft = describe(tmp_path / "x.csv", states)
    assert "9 values are among the 30 of us-census/states, states.number" in draft
    assert draft.count("hence the foreignKeys") == 1


def test_very_many_values_are_all_looked_up(tmp_path: Path, states: Layout) -> None:
    keys = pa.table({"code": [f"S{n:04}" for n in range(9_000)], "number": list(range(9_000))})
    pq.write_table(keys, states.dataset("us-census/states") / "1.0.0" / "states.parquet")
    rows = "".join(f"S{n:04},1\n" for n in range(8_000))
    (tmp_path / "x.csv").write_text("state,n\n" + rows, "utf-8")
    assert "All 8,000 values are among the 9,000" in describe(tmp_path / "x.csv", states)
    (tmp_path / "x.csv").write_text("state,n\n" + rows + "S9999,1\n", "utf-8")
    assert "hence the foreignKeys" not in describe(tmp_path / "x.csv", states)


def test_an_earlier_version_of_the_same_table_is_no_reference(tmp_path: Path, states: Layout) -> None:
    (tmp_path / "x.csv").write_text("code,number\n" + "".join(f"S{n:02},{n}\n" for n in range(30)), "utf-8")
    assert "hence the foreignKeys" not in describe(tmp_path / "x.csv", states)


REAL = (
    *("gb18030/areas-utf16le-bom-tab.csv", "gb18030/streets-gb18030-4byte.csv", "gb18030/cities-utf8-bom.csv"),
    *("french-communes/sources/communes.csv", "french-communes/sources/ept.xlsx", "taxi-ranks/exemple-valide.csv"),
    *("taxi-ranks/exemple-valide.xlsx", "parking/exemple-valide.csv", "china-division/streets.csv"),
    *("covid-italy/dati-province/dpc-covid19-ita-province-20200301.csv", "hmt/april-to-may-12th-2010.xls"),
    *("us-open-data/birdstrikes.csv", "us-open-data/earthquakes.json", "geo-countries/countries.geojson"),
)


@pytest.mark.parametrize("name", REAL)
def test_a_real_file_is_valid_by_its_own_description(tmp_path: Path, name: str) -> None:
    path = Path(__file__).resolve().parents[2] / "../shared/data" / name
    if not path.is_file():
        pytest.skip("the real data in ../shared/data is not on this machine")
    shutil.copyfile(path, tmp_path / path.name)
    (tmp_path / "datapackage.yaml").write_text(describe(tmp_path / path.name), "utf-8")
    report = validate(tmp_path / "datapackage.yaml", None, Layout(tmp_path / "store"))
    errors = {finding.code for finding in report.all_findings() if finding.severity is Severity.ERROR}
    assert errors == {"todo-left"}, render(report, "en")
    assert report.rows > 0


@pytest.mark.parametrize(("columns", "refused"), [(1000, False), (1001, True)])
def test_a_table_that_is_too_wide_to_be_published_is_not_described(
    tmp_path: Path, columns: int, *, refused: bool
) -> None:
    (tmp_path / "x.csv").write_text(",".join(f"c{n}" for n in range(columns)) + "\n" + "1," * (columns - 1) + "1\n")
    if not refused:
        assert describe(tmp_path / "x.csv").count("type: integer") == columns
        return
    with pytest.raises(SourceError, match=r"x\.csv has 1,001 columns, and a table 1,000 at most") as error:
        describe(tmp_path / "x.csv")
    assert "x.csv 有 1,001 列，一张表最多 1,000 列" in error.value.message.zh


def test_a_span_is_told_where_it_says_something(tmp_path: Path) -> None:
    draft, _ = described(tmp_path, 'amount,order_no,one\n9.00,5,7\n"1,234.50",6,7\n7.00,6,7\n')
    assert "From 7 to 1234.5: what the file shows, not a rule." in draft
    assert draft.count("what the file shows") == 1  # codes and a number alone have none


def test_labels_that_differ_in_blanks_or_case_are_told_instead_of_listed(tmp_path: Path) -> None:
    text = "unit,n\n" + "".join(f"{'Home Office' if n % 2 else 'Home office '},{n}\n" for n in range(8))
    draft, _ = described(tmp_path, text)
    assert "# “Home Office” and “Home office ” differ in blanks, width or letter case alone" in draft
    assert "enum" not in draft
    draft, _ = described(tmp_path, "单位,数\n" + "".join(f"{'甲' if n % 2 else '甲 '},{n}\n" for n in range(8)))
    assert "# “甲”和“甲 ”只差在空格、全角半角或大小写，大概是同一个值。请在文件中统一。" in draft


def test_a_column_without_name_and_value_is_told_to_be_deleted(tmp_path: Path) -> None:
    draft, _ = described(tmp_path, "id,name,\n1,a,\n2,b,\n")
    assert "# If its cell in the header is empty, the column has neither name nor value: delete it" in draft
    assert "No cell holds a value" not in draft
    draft, _ = described(tmp_path, "编号,名称,\n1,甲,\n2,乙,\n")
    assert "# 若表头这一格是空的：这一列没有名称也没有值，请从文件中删去" in draft
    draft, _ = described(tmp_path, "id,name,\n1,a,\n2,b,x\n")
    assert "# If its cell in the header is empty: write a name there, in the file, and change name here." in draft
    draft, _ = described(tmp_path, "编号,名称,\n1,甲,\n2,乙,丙\n")
    assert "# 若表头这一格是空的：请在文件的表头写上列名，再改这里的 name。" in draft


def test_a_chinese_draft_asks_in_chinese(tmp_path: Path) -> None:
    draft, _ = described(tmp_path, "编号,数量,日期\n甲,2,01/02/2026\n乙,3,03/04/2026\n")
    for said in ("TODO：计量单位的符号", "TODO：先决定怎样读这一列（%d/%m/%Y 还是 %m/%d/%Y）", "TODO：选一项："):
        assert said in draft


@pytest.mark.parametrize(("rows", "said"), [(4, False), (5, True)])
def test_few_rows_tell_no_other_keys(rows: int, said: bool, tmp_path: Path) -> None:  # noqa: FBT001 (a test's parameter)
    names = "abcdefgh"
    text = f"id,{','.join(names)}\n" + "".join(f"{n},{','.join(f'{one}{n}' for one in names)}\n" for n in range(rows))
    draft, _ = described(tmp_path, text)
    assert ("# Different in every row, too: a, b, c, d, e ...\n" in draft) is said


@pytest.mark.parametrize(("number", "said"), [(10**15, True), (10**15 - 1, False)])
def test_long_numbers_of_a_workbook_are_told(number: int, said: bool, tmp_path: Path) -> None:  # noqa: FBT001 (as above)
    book = openpyxl.Workbook()
    for row in (["name", "n"], ["a", number], ["b", 5]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "x.xlsx")
    assert (
        "# There are numbers of more than 15 digits, of which a workbook keeps 15." in describe(tmp_path / "x.xlsx")
    ) is said
