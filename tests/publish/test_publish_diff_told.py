"""How a diff is told: the sentence, the lines of a terminal, the page, the JSON."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.errors import StoreError
from civicat.publish import diff
from civicat.publish.diff import webpage
from civicat.publish.diff.sentence import LONGEST
from civicat.publish.diff.words import WORDS, dated, from_to
from civicat.release import Release, read_release
from civicat.text import LANGUAGES, Language, Text

DEPARTMENT = {
    "code": "health",
    "title": {"zh": "卫生局", "en": "Health office"},
    "description": {"zh": "管理健康。", "en": "Looks after health."},
    "url": "https://health.example.org",
    "contact": {"title": {"zh": "数据台", "en": "Data desk"}, "email": "data@example.org"},
}
TITLES = {
    "day": ("date", "日期", "Date"),
    "month": ("yearmonth", "月份", "Month"),
    "year": ("year", "年份", "Year"),
    "region": ("string", "大区", "Region"),
    "sex": ("string", "性别", "Sex"),
    "cases": ("integer", "累计病例", "Total cases"),
    "tests": ("integer", "检测", "Tests"),
    "beds": ("integer", "床位", "Beds"),
    "note": ("string", "备注", "Note"),
    "row_number": ("integer", "行号", "Row number"),
}
REGIONS = tuple(f"R{number:02}" for number in range(1, 22))
Row = Mapping[str, object]
Tables = Mapping[str, tuple[Sequence[Row], Sequence[str]]]


def compared(folder: Path, old: Tables, new: Tables) -> diff.Diff:
    """The diff of two releases whose tables are rows and a key."""
    first, second = (_released(folder, version, tables) for version, tables in (("1.0.0", old), ("1.1.0", new)))
    return diff.compare(first, second, folder / "scratch")


def one_table(folder: Path, old: Sequence[Row], new: Sequence[Row], key: Sequence[str]) -> diff.Diff:
    return compared(folder, {"cases": (old, key)}, {"cases": (new, key)})


def _released(folder: Path, version: str, tables: Tables) -> Release:
    home = folder / version
    home.mkdir(parents=True)
    resources = [_resource(home, name, rows, key) for name, (rows, key) in tables.items()]
    ours = {"release": {"department": DEPARTMENT, "version": version, "inputs": "ab" * 32}, "zh": {"title": "病例"}}
    descriptor = {"name": "cases", "title": "Cases", "resources": resources, "civicat": ours}
    return read_release(home, descriptor, {}, {})


def _resource(home: Path, name: str, rows: Sequence[Row], key: Sequence[str]) -> dict[str, Any]:
    table = pa.Table.from_pylist([dict(row) for row in rows])
    pq.write_table(table, home / f"{name}.parquet")
    fields = [_field(column) for column in table.column_names]
    zh = {"zh": {"title": f"表 {name}"}}
    schema = {"fields": fields, "primaryKey": list(key)}
    rows_and_title = {"rows": table.num_rows, "title": f"Table {name}", "civicat": zh}
    return {"name": name, "path": f"{name}.parquet", "schema": schema, **rows_and_title}


def _field(name: str) -> dict[str, Any]:
    kind, zh, en = TITLES.get(name, ("string", f"“{name}”的中文名", f"The title of {name}"))
    ours = {"generated": name == "row_number", "zh": {"title": zh}}
    return {"name": name, "type": kind, "title": en, "civicat": ours}


def rows(days: Sequence[int], regions: Sequence[str] = REGIONS) -> list[dict[str, object]]:
    """A row for each day of March 2020 and region."""
    return [{"day": date(2020, 3, day), "region": one, "cases": day, "tests": 9} for day in days for one in regions]


def corrected(table: Sequence[Row], day: int, regions: int, *columns: str) -> list[dict[str, object]]:
    """The rows, with other values in some columns of a day's first regions."""
    chosen = {(date(2020, 3, day), one) for one in REGIONS[:regions]}
    other = dict.fromkeys(columns, 77)
    return [{**row, **(other if (row["day"], row["region"]) in chosen else {})} for row in table]


# ---- the sentence


def said(folder: Path, old: Sequence[Row], new: Sequence[Row], key: Sequence[str]) -> Text:
    return diff.summary(one_table(folder, old, new, key))


def test_corrections_of_one_day_count_the_regions_of_that_day(tmp_path: Path) -> None:
    old = rows([2, 3, 4])
    assert said(tmp_path, old, corrected(old, 3, 12, "cases"), ["day", "region"]) == Text(
        "2020 年 3 月 3 日：21 个“大区”中有 12 个更正了“累计病例”。",
        "“Total cases” corrected for 12 of 21 values of “Region” on 3 March 2020.",
    )


def test_corrections_of_all_and_of_one_region(tmp_path: Path) -> None:
    old = rows([3, 4])
    assert said(tmp_path / "all", old, corrected(old, 3, 21, "cases", "tests"), ["region", "day"]) == Text(
        "2020 年 3 月 3 日：全部 21 个“大区”更正了“累计病例”、“检测”。",
        "“Total cases” and “Tests” corrected for all 21 values of “Region” on 3 March 2020.",
    )
    assert said(tmp_path / "one", old, corrected(old, 3, 1, "cases"), ["day", "region"]) == Text(
        "2020 年 3 月 3 日：21 个“大区”中有 1 个更正了“累计病例”。",
        "“Total cases” corrected for 1 of 21 values of “Region” on 3 March 2020.",
    )


def test_corrections_of_one_region_on_several_days_count_the_days(tmp_path: Path) -> None:
    old = rows([2, 3, 4])
    new = corrected(corrected(old, 2, 1, "cases"), 4, 1, "cases")
    assert said(tmp_path, old, new, ["day", "region"]) == Text(
        "“大区”R01，2020 年 3 月 2 日至 4 日：3 个日期中有 2 个更正了“累计病例”。",
        "“Total cases” corrected for 2 of 3 dates of “Region” R01 from 2 to 4 March 2020.",
    )


def test_corrections_of_several_days_and_regions_count_rows(tmp_path: Path) -> None:
    old = rows([2, 3])
    new = corrected(corrected(old, 2, 2, "cases"), 3, 3, "cases")
    assert said(tmp_path, old, new, ["day", "region"]) == Text(
        "2020 年 3 月 2 日至 3 日：42 行中有 5 行更正了“累计病例”。",
        "“Total cases” corrected in 5 of 42 rows from 2 to 3 March 2020.",
    )


def test_rows_that_came_are_told_with_their_days_and_are_no_correction(tmp_path: Path) -> None:
    assert said(tmp_path / "one", rows([23]), rows([23, 24]), ["day", "region"]) == Text(
        "新增 21 行（2020 年 3 月 24 日）。", "21 rows for 24 March 2020 were added."
    )
    assert said(tmp_path / "two", rows([1, 30, 31]), rows([31]), ["day", "region"]) == Text(
        "删去 42 行（2020 年 3 月 1 日至 30 日）。", "42 rows from 1 to 30 March 2020 were removed."
    )
    assert said(tmp_path / "row", rows([1]), rows([1])[:-1], ["day", "region"]) == Text(
        "删去 1 行（2020 年 3 月 1 日）。", "1 row for 1 March 2020 was removed."
    )


def test_a_key_without_a_date_is_changed_and_not_corrected(tmp_path: Path) -> None:
    old = [{"region": one, "cases": 1, "tests": 1, "beds": 1, "note": "x"} for one in REGIONS]
    new = [{**row, "cases": 2, "tests": 2, "beds": 2, "note": "y"} for row in old[:5]] + old[5:]
    assert said(tmp_path, old, [*new, {**old[0], "region": "X"}], ["region"]) == Text(
        "21 个“大区”中有 5 个改变了“累计病例”、“检测”等 4 个字段，新增 1 行。",
        "“Total cases”, “Tests” and 2 other columns changed for 5 of 21 values of “Region”; 1 row was added.",
    )


@pytest.mark.parametrize(
    ("name", "first", "second", "when"),
    [
        ("year", 2019, 2020, Text("2020 年", "in 2020")),
        ("month", "2020-02", "2020-03", Text("2020 年 3 月", "in March 2020")),
    ],
)
def test_months_and_years_are_dates_too(tmp_path: Path, name: str, first: object, second: object, when: Text) -> None:
    old = [{name: one, "region": two, "cases": 1} for one in (first, second) for two in ("A", "B")]
    new = [*old[:3], {**old[3], "cases": 2}]
    assert said(tmp_path, old, new, [name, "region"]) == Text(
        f"{when.zh}：2 个“大区”中有 1 个更正了“累计病例”。",
        f"“Total cases” corrected for 1 of 2 values of “Region” {when.en}.",
    )


def test_rows_without_a_key_are_counted(tmp_path: Path) -> None:
    old = [{"row_number": 1, "note": "x"}, {"row_number": 2, "note": "y"}]
    new = [{"row_number": 1, "note": "y"}, {"row_number": 2, "note": "z"}, {"row_number": 3, "note": "z"}]
    assert said(tmp_path, old, new, ["row_number"]) == Text(
        "新增 2 行，删去 1 行。", "2 rows were added; 1 row was removed."
    )


def test_nothing_is_said_where_no_row_differs(tmp_path: Path) -> None:
    assert not said(tmp_path, rows([1]), rows([1]), ["day", "region"])


def test_several_tables_are_called_by_their_titles(tmp_path: Path) -> None:
    old = [{"region": one, "cases": 1} for one in REGIONS]
    new = [{**row, "cases": 2} for row in old]
    told = diff.summary(
        compared(
            tmp_path,
            {"a": (old, ["region"]), "b": (old, ["region"])},
            {"a": (old[1:], ["region"]), "b": (new, ["region"])},
        )
    )
    assert told == Text(
        "表 a：删去 1 行。表 b：全部 21 个“大区”改变了“累计病例”。",
        "Table a: 1 row was removed. Table b: “Total cases” changed for all 21 values of “Region”.",
    )


@pytest.mark.parametrize(
    ("changed", "zh", "en"),
    [
        (
            (("cases", 12), ("tests", 5)),
            "2020 年 3 月 3 日：21 个“大区”中有 12 个有改动（“累计病例”12 行，“检测”5 行）。",
            "Changes for 12 of 21 values of “Region” on 3 March 2020 (“Total cases” in 12, “Tests” in 5).",
        ),
        (
            (("cases", 21), ("tests", 1)),
            "2020 年 3 月 3 日：全部 21 个“大区”有改动（“累计病例”21 行，“检测”1 行）。",
            "Changes for all 21 values of “Region” on 3 March 2020 (“Total cases” in 21, “Tests” in 1).",
        ),
        (
            (("cases", 2), ("tests", 2), ("beds", 1)),
            "2020 年 3 月 3 日：21 个“大区”中有 2 个有改动（“累计病例”2 行，“检测”2 行，另有 1 个字段）。",
            "Changes for 2 of 21 values of “Region” on 3 March 2020 (“Total cases” in 2, “Tests” in 2, 1 more column).",
        ),
        (
            (("cases", 2), ("tests", 2), ("beds", 1), ("note", 2)),
            "2020 年 3 月 3 日：21 个“大区”中有 2 个有改动（“累计病例”2 行，“检测”2 行，另有 2 个字段）。",
            (
                "Changes for 2 of 21 values of “Region” on 3 March 2020 "
                "(“Total cases” in 2, “Tests” in 2, 2 more columns)."
            ),
        ),
    ],
    ids=["some", "all", "one-more", "more"],
)
def test_columns_that_did_not_change_in_every_row_are_counted_each(
    tmp_path: Path, changed: Sequence[tuple[str, int]], zh: str, en: str
) -> None:
    old = [{**row, "beds": 1, "note": 1} for row in rows([3, 4])]
    new: Sequence[Row] = old
    for column, regions in changed:
        new = corrected(new, 3, regions, column)
    assert said(tmp_path, old, new, ["day", "region"]) == Text(zh, en)


def test_rows_that_did_not_all_change_in_the_same_columns_are_counted_as_rows(tmp_path: Path) -> None:
    old = [{"region": "A", "sex": "f", "cases": 1, "tests": 1}, {"region": "B", "sex": "m", "cases": 1, "tests": 1}]
    new = [{**old[0], "cases": 2}, {**old[1], "tests": 2}]
    assert said(tmp_path, old, new, ["region", "sex"]) == Text(
        "全部 2 行有改动（“累计病例”1 行，“检测”1 行）。",
        "Changes in all 2 rows (“Total cases” in 1, “Tests” in 1).",
    )


def test_the_only_value_of_a_key_is_one(tmp_path: Path) -> None:
    old = [{"region": "A", "cases": 1}]
    assert said(tmp_path, old, [{"region": "A", "cases": 2}], ["region"]) == Text(
        "唯一的 1 个“大区”改变了“累计病例”。", "“Total cases” changed for the only value of “Region”."
    )


@pytest.mark.parametrize("length", [10, 60, 200])
@pytest.mark.parametrize("many", [1, 8])
@pytest.mark.parametrize("even", [True, False], ids=["even", "uneven"])
def test_the_sentence_stays_short_whatever_the_titles(tmp_path: Path, length: int, many: int, *, even: bool) -> None:
    names = ["字" * (length // 2) + str(number) for number in range(3)]
    old = [{"k": one, **dict.fromkeys(names, 1)} for one in range(5)]
    new = [{**row, **dict.fromkeys(names if even else names[: number + 1], 2)} for number, row in enumerate(old)]
    tables = {f"t{number}": ([*rows], ["k"]) for number in range(many) for rows in (old,)}
    after = {name: (new, ["k"]) for name in tables}
    told = diff.summary(compared(tmp_path, tables, after))
    assert told.zh
    assert all(0 < len(told.within(language)) <= LONGEST for language in LANGUAGES)


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        ("2020-03-03", "2020 年 3 月 3 日", "3 March 2020"),
        ("2020-12", "2020 年 12 月", "December 2020"),
        ("2020-13", "2020-13", "2020-13"),
        ("0987", "987 年", "987"),
        ("2020-03-03T17:00:00Z", "2020 年 3 月 3 日 17:00 UTC", "3 March 2020, 17:00 UTC"),
        ("2020-03-03T17:00:05.5", "2020 年 3 月 3 日 17:00:05.5", "3 March 2020, 17:00:05.5"),
        ("spring", "spring", "spring"),
    ],
)
def test_dates_are_said_as_people_say_them(value: str, zh: str, en: str) -> None:
    assert dated(value) == Text(zh, en)


@pytest.mark.parametrize(
    ("first", "last", "zh", "en"),
    [
        ("2020-03-03", "2020-03-05", "2020 年 3 月 3 日至 5 日", "from 3 to 5 March 2020"),
        ("2020-03-03", "2020-04-05", "2020 年 3 月 3 日至 4 月 5 日", "from 3 March to 5 April 2020"),
        ("2019-03-03", "2020-03-03", "2019 年 3 月 3 日至 2020 年 3 月 3 日", "from 3 March 2019 to 3 March 2020"),
        ("2020-01", "2020-03", "2020 年 1 月至 3 月", "from January to March 2020"),
        ("2019", "2020", "2019 年至 2020 年", "from 2019 to 2020"),
    ],
)
def test_a_range_says_once_what_both_dates_share(first: str, last: str, zh: str, en: str) -> None:
    assert from_to(first, last) == Text(zh, en)


# ---- the terminal


@pytest.fixture
def mixed(tmp_path: Path) -> diff.Diff:
    """Rows added, removed and changed, a missing value, a retyped column, signs that would do harm."""
    old = [
        {"region": "R01", "cases": 1, "note": "旧", "beds": "5"},
        {"region": "R02", "cases": 10, "note": None, "beds": "5"},
        {"region": "R03", "cases": 3, "note": "gone", "beds": "5"},
    ]
    new = [
        {"region": "R01", "cases": 7, "note": "新的\x1b[31m", "beds": 5},
        {"region": "R02", "cases": 4, "note": "<script>alert(1)</script>", "beds": 6},
        {"region": "R04", "cases": 4, "note": None, "beds": 5},
    ]
    return one_table(tmp_path, old, new, ["region"])


def test_the_terminal_shows_the_structure_first_then_old_and_new_in_columns(mixed: diff.Diff) -> None:
    assert diff.text(mixed, "en") == [
        "health/cases  1.0.0 -> 1.1.0",
        (
            "Changes for all 2 values of “Region” (“Total cases” in 2, “Note” in 2, 1 more column); 1 row was added; "
            "1 row was removed."
        ),
        "",
        "Changes of the structure",
        "  major  New types in cases: beds: integer (string) → integer (int64).",
        "",
        "cases  (rows: 3 before, 3 now)",
        "  rows: 2 changed, 1 added, 1 removed; cells: 5 changed",
        "  key: region",
        "",
        "  Cells that changed",
        "    R01  cases  1          ->  7",
        "    R01  note   旧         ->  新的\\x1b[31m",
        "    R02  cases  10         ->  4",
        "    R02  note   (missing)  ->  <script>alert(1)</script>",
        "    R02  beds   5          ->  6",
        "",
        "  Rows that were added",
        "    region=R04  cases=4  note=(missing)  beds=5",
        "",
        "  Rows that were removed",
        "    region=R03  cases=3  note=gone  beds=5",
    ]


def test_the_terminal_says_how_many_more_there_are(mixed: diff.Diff) -> None:
    lines = diff.text(mixed, "zh", limit=2)
    assert "    ……另有 3 项" in lines
    assert not [line for line in diff.text(mixed, "zh", limit=5) if "……另有" in line]
    assert "  重大  cases 字段换了类型：beds 由 integer (string) 改为 integer (int64)。" in lines
    assert "  更改 2 行（5 个单元格），新增 1 行，删去 1 行" in lines


def test_the_terminal_says_that_nothing_differs(tmp_path: Path) -> None:
    same = one_table(tmp_path, rows([1]), rows([1]), ["day", "region"])
    assert "The data and its structure are the same in both." in diff.text(same, "en")
    assert "两个版本的数据与结构相同。" in diff.text(same, "zh")


def test_long_values_are_cut_and_rows_without_a_key_say_how_often(tmp_path: Path) -> None:
    old = [{"row_number": 1, "note": "x"}]
    new = [{"row_number": number, "note": "长" * 30} for number in (1, 2)]
    told = diff.text(one_table(tmp_path, old, new, ["row_number"]), "en")
    assert f"    2 times  note={'长' * 18}..." in told
    assert "  no key: whole rows are compared" in told


# ---- JSON


def test_the_json_holds_counts_and_the_first_changes(mixed: diff.Diff) -> None:
    told = json.loads(json.dumps(diff.to_descriptor(mixed, limit=1)))
    assert told["old"] == {"version": "1.0.0", "inputs": "ab" * 32, "manifest": ""}
    assert told["new"]["version"] == "1.1.0"
    assert [(one["level"], one["kind"], one["field"]) for one in told["schema"]] == [("major", "field-retyped", "beds")]
    table = told["tables"][0]
    assert (table["rows"], table["key"]) == ({"old": 3, "new": 3}, ["region"])
    assert (table["added"], table["removed"], table["changed"], table["cells"]) == (1, 1, 2, 5)
    assert table["columns"] == {"cases": 2, "note": 2, "beds": 1}
    assert table["changes"] == [
        {"kind": "added", "key": ["R04"], "row": {"region": "R04", "cases": "4", "note": None, "beds": "5"}, "rows": 1},
        {
            "kind": "removed",
            "key": ["R03"],
            "row": {"region": "R03", "cases": "3", "note": "gone", "beds": "5"},
            "rows": 1,
        },
        {"kind": "changed", "key": ["R01"], "column": "cases", "old": "1", "new": "7"},
    ]
    assert told["summary"]["zh"].startswith("全部 2 个“大区”有改动（")


def test_no_changes_are_listed_where_none_are_asked_for(mixed: diff.Diff) -> None:
    assert diff.to_descriptor(mixed, limit=0)["tables"][0]["changes"] == []


def test_the_manifest_of_a_release_is_named_by_its_sha256(tmp_path: Path) -> None:
    old = _released(tmp_path, "1.0.0", {"cases": (rows([1]), ["day", "region"])})
    (old.folder / "manifest.json").write_bytes(b"{}")
    found = diff.compare(old, old, tmp_path / "scratch")
    assert found.old.manifest == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


# ---- the file


def test_the_list_is_written_once_and_a_list_that_is_gone_is_one_line(mixed: diff.Diff, tmp_path: Path) -> None:
    target = tmp_path / "changes.parquet"
    diff.write_changes(mixed, target)
    assert target.read_bytes() == mixed.changes.read_bytes()
    with pytest.raises(FileExistsError):
        diff.write_changes(mixed, target)
    mixed.changes.write_bytes(b"no Parquet")
    with pytest.raises(StoreError, match=r"diff\.parquet cannot be read"):
        diff.text(mixed, "en")


# ---- the page


class _Outline(HTMLParser):
    """Tags that are open, words, and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.tags if name == tag)


def outline(page: str) -> _Outline:
    read = _Outline()
    read.feed(page)
    return read


def test_the_page_holds_both_languages_and_what_was_and_is(mixed: diff.Diff) -> None:
    page = diff.page(mixed, "en")
    assert '<html lang="en">' in page
    assert page.index('id="en"') < page.index('id="zh"')
    assert diff.page(mixed, "zh").index('id="zh"') < diff.page(mixed, "zh").index('id="en"')
    assert (
        '<del><bdi>1</bdi></del></td><td class="pair n"><ins><bdi>7</bdi></ins></td><td class="pair n">+6</td>' in page
    )
    assert '<td class="pair n">\N{MINUS SIGN}6</td>' in page
    for words in ("1.0.0 到 1.1.0 的变化", "What changed from 1.0.0 to 1.1.0", "新增的行", "Rows that were removed"):
        assert words in page
    assert diff.page(mixed, "en") == page


def test_the_page_lets_no_text_of_the_data_act(mixed: diff.Diff) -> None:
    page = diff.page(mixed, "zh")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\x1b" not in page
    assert 'http-equiv="Content-Security-Policy" content="default-src \'none\'' in page


def test_tables_of_the_page_have_captions_and_headings_of_rows_and_columns(mixed: diff.Diff) -> None:
    read = outline(diff.page(mixed, "en"))
    assert len(list(read.all("table"))) == len(list(read.all("caption"))) == 6
    assert {one.get("scope") for one in read.all("th")} == {"row", "col"}
    ids = [one["id"] for _, one in read.tags if "id" in one]
    assert len(ids) == len(set(ids))
    assert all(one["aria-labelledby"] in ids for _, one in read.tags if "aria-labelledby" in one)


@pytest.mark.parametrize(("old", "new", "told"), [
    ("1", "3", "+2"),
    ("0.30", "0.10", "\N{MINUS SIGN}0.20"),
    ("1e20", "1", "\N{MINUS SIGN}99999999999999999999"),
    ("nan", "1", ""),
    ("", "1", ""),
])  # fmt: skip
def test_the_difference_of_numbers_is_exact(old: str, new: str, told: str) -> None:
    assert webpage.difference(old, new) == told


def test_the_page_says_what_it_leaves_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webpage, "COLUMNS", 3)
    old = rows([1, 2])
    page = diff.page(one_table(tmp_path, old, corrected(rows([2, 3]), 2, 4, "cases"), ["day", "region"]), "en", limit=2)
    assert "The first 2 of 4" in page
    assert "The first 2 of 21 · columns not shown: 1" in page
    assert "前 2 项，共 21 项 · 未列出的字段：1 个" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_accessible_and_fits_a_narrow_screen(mixed: diff.Diff, tmp_path: Path, language: Language) -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        pytest.skip("no chromium: install it, or name it in CHROMIUM")
    axe_module = pytest.importorskip("axe_playwright_python")
    axe = next(Path(axe_module.__file__).parent.rglob("axe.min.js")).read_text("utf-8")
    sync_api = pytest.importorskip("playwright.sync_api")
    # The policy of the page lets no script in, and this one is ours.
    page = diff.page(mixed, language).replace("Content-Security-Policy", "x-none")
    (tmp_path / "page.html").write_text(page, "utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 320, "height": 800})
        opened.goto((tmp_path / "page.html").as_uri())
        opened.evaluate(axe)
        found = opened.evaluate("axe.run()")
        width = opened.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert [violation["id"] for violation in found["violations"]] == []
    assert width <= 320


def test_each_word_is_there_in_both_languages() -> None:
    assert all(not words.missing() for words in WORDS.values())


# ---- the sentence is never false


def test_rows_are_counted_within_the_days_that_are_named(tmp_path: Path) -> None:
    old = rows([1, 2, 3], REGIONS[:5])
    new = corrected(corrected(old, 1, 2, "cases"), 2, 1, "cases")
    assert said(tmp_path / "few", old, new, ["day", "region"]) == Text(
        "2020 年 3 月 1 日至 2 日：10 行中有 3 行更正了“累计病例”。",
        "“Total cases” corrected in 3 of 10 rows from 1 to 2 March 2020.",
    )
    more = [*new, *({**row, "region": "new"} for row in rows([1], ["x"]))]
    assert said(tmp_path / "more", old, more, ["day", "region"]).en.startswith(
        "“Total cases” corrected in 3 of 10 rows from 1 to 2 March 2020; 1 row"
    )
    less = [row for row in more if (row["day"], row["region"]) != (date(2020, 3, 2), "R05")]
    assert "in 3 of 9 rows" in said(tmp_path / "less", old, less, ["day", "region"]).en


MONTHS = [{"month": f"2020-{month:02}", "cases": month} for month in range(1, 7)]


def test_a_key_that_is_a_date_alone(tmp_path: Path) -> None:
    one = [{**MONTHS[0], "cases": 9}, *MONTHS[1:]]
    assert said(tmp_path / "one", MONTHS, one, ["month"]) == Text(
        "2020 年 1 月更正了“累计病例”。", "“Total cases” corrected for January 2020."
    )
    three = [{**row, "cases": 99} if at in {0, 2, 5} else row for at, row in enumerate(MONTHS)]
    came = [*three, {"month": "2020-07", "cases": 1}]
    assert said(tmp_path / "three", MONTHS, came, ["month"]) == Text(
        "2020 年 1 月至 6 月：6 个月份中有 3 个更正了“累计病例”，新增 1 行（2020 年 7 月）。",
        "“Total cases” corrected for 3 of 6 months from January to June 2020; 1 row for July 2020 was added.",
    )
    days = [{"day": date(2020, 3, day), "cases": 1, "tests": 1} for day in (1, 2)]
    assert said(tmp_path / "day", days, [{**days[0], "cases": 2}, days[1]], ["day"]) == Text(
        "2020 年 3 月 1 日更正了“累计病例”。", "“Total cases” corrected for 1 March 2020."
    )
    both = [{**row, "cases": 2} for row in days]
    assert "corrected for all 2 dates from 1 to 2 March 2020" in said(tmp_path / "all", days, both, ["day"]).en


@pytest.mark.parametrize(
    ("before", "now", "zh", "en"),
    [
        (1, None, "清空了“累计病例”", "“Total cases” emptied for 2 of 3"),
        (None, 1, "补上了“累计病例”", "“Total cases” filled in for 2 of 3"),
        (1, 2, "更正了“累计病例”", "“Total cases” corrected for 2 of 3"),
    ],
)
def test_what_is_emptied_or_filled_in_is_no_correction(
    tmp_path: Path, before: int | None, now: int | None, zh: str, en: str
) -> None:
    first = [{"day": date(2020, 3, 1), "region": one, "cases": before} for one in "ABC"]
    kept = {"day": date(2020, 3, 2), "region": "A", "cases": 5}  # so that the column has a type
    then = [{**row, "cases": now} for row in first[:2]] + first[2:]
    found = said(tmp_path, [*first, kept], [*then, kept], ["day", "region"])
    assert zh in found.zh
    assert found.en.startswith(en)


def test_cells_of_which_some_were_emptied_are_changed(tmp_path: Path) -> None:
    old = rows([1], REGIONS[:3])
    new = [{**old[0], "cases": None}, {**old[1], "cases": 8}, old[2]]
    assert said(tmp_path / "mixed", old, new, ["day", "region"]).en.startswith("“Total cases” changed for 2 of 3")
    uneven = [{**old[0], "cases": None, "tests": 1}, {**old[1], "cases": None}, old[2]]
    told = said(tmp_path / "uneven", old, uneven, ["day", "region"])
    assert "(“Total cases” emptied in 2, “Tests” in 1)" in told.en
    assert "（“累计病例”清空 2 行，“检测”1 行）" in told.zh


def test_filled_in_rows_of_several_days_read_well(tmp_path: Path) -> None:
    new = rows([1, 2], REGIONS[:3])
    old = [{**row, "cases": None} if at in {0, 4} else row for at, row in enumerate(new)]
    told = said(tmp_path, old, new, ["day", "region"]).en
    assert told == "“Total cases” filled in for 2 of 6 rows from 1 to 2 March 2020."


def test_what_the_older_release_held_is_no_correction(tmp_path: Path) -> None:
    table = rows([1], REGIONS[:3])
    new = _released(tmp_path, "1.1.0", {"cases": (corrected(table, 1, 1, "cases"), ["day", "region"])})
    old = _released(tmp_path, "1.0.0", {"cases": (table, ["day", "region"])})
    told = diff.summary(diff.compare(new, old, tmp_path / "scratch"))
    assert told.en.startswith("“Total cases” changed for 1 of 3")


# ---- lines and rows that fit


def test_lines_fit_the_screen_and_the_new_value_is_on_it(tmp_path: Path) -> None:
    old = [{"region": "长" * 25, "note": "x" * 60, **{f"c{number}": "y" * 30 for number in range(12)}}]
    new = [{**old[0], "note": "z" * 60}, {**old[0], "region": "other"}]
    told = diff.text(one_table(tmp_path, old, new, ["region"]), "en", width=80)
    wide = [line for line in told if sum(1 + (sign > "\u2e80") for sign in line) > 80]
    assert wide == []
    assert any(line.endswith("...") and "region=other" in line for line in told)
    assert any("->  z" in line for line in told)


def test_rows_that_are_there_once_and_twice_stand_below_each_other(tmp_path: Path) -> None:
    old = [{"row_number": 1, "note": "x"}]
    new = [{"row_number": at, "note": note} for at, note in enumerate(("x", "a", "b", "b"), 1)]
    told = diff.text(one_table(tmp_path, old, new, ["row_number"]), "en")
    assert "    once     note=a" in told
    assert "    2 times  note=b" in told


def test_the_json_says_how_many_more_there_are(mixed: diff.Diff) -> None:
    assert diff.to_descriptor(mixed, limit=1)["tables"][0]["more"] == {"added": 0, "removed": 0, "changed": 4}
    assert diff.to_descriptor(mixed, limit=0)["tables"][0]["more"] == {"added": 1, "removed": 1, "changed": 5}


def test_numbers_are_aligned_in_rows_that_came_and_dates_are_whole(tmp_path: Path) -> None:
    page = diff.page(one_table(tmp_path, rows([1], ["A"]), rows([1, 2], ["A"]), ["day", "region"]), "en")
    assert '<bdi class="whole">2020-03-02</bdi>' in page
    assert '<td class="n"><bdi>9</bdi></td>' in page


def test_old_and_new_fit_a_narrow_screen(tmp_path: Path) -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        pytest.skip("no chromium: install it, or name it in CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api")
    old = [{**row, "cases": 1_234_567} for row in rows([1], ["Friuli Venezia Giulia"])]
    found = one_table(tmp_path, old, [{**old[0], "cases": 2_345_678}], ["day", "region"])
    (tmp_path / "page.html").write_text(diff.page(found, "en"), "utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 320, "height": 800})
        opened.goto((tmp_path / "page.html").as_uri())
        right = opened.evaluate("document.querySelector('.own .cells ins').getBoundingClientRect().right")
        browser.close()
    assert right <= 320
