"""Leaflets of real descriptors and of monstrous ones: one page each, nothing left out in silence, no boxes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from civicat.dataset import Field, Resource, read_dataset, read_department
from civicat.publish.kit import leaflet
from civicat.publish.kit.facts import facts
from civicat.publish.kit.figures import Bar, Figures, figures
from civicat.publish.kit.fitting import STEPS, cut, sentences
from civicat.publish.kit.pictures import histogram_chart, spark, values_chart
from civicat.release import Part, Release, Table, Version
from civicat.text import LANGUAGES, Language

if TYPE_CHECKING:
    from tests.publish.conftest import Desk

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
NAMES = [f"{file.parents[1].name}/{file.parent.name}" for file in sorted(DATASETS.glob("*/*/datapackage.yaml"))]
ADDRESS = "https://data.example.org/d/transport/counters/1.0.0"
LATIN_FONTS = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/truetype/liberation")
A4 = (595, 842)  # points


def synthetic_profile(resources: tuple[Resource, ...]) -> dict[str, Any]:
    """A profile of no real data, in which every column fills the room that a picture or a value can take."""
    return {
        "tables": [
            {"resource": one.name, "columns": [synthetic_column(field) for field in one.schema.fields]}
            for one in resources
        ]
    }


def synthetic_column(field: Field) -> dict[str, Any]:
    top = [{"value": f"合成值 synthetic value number {number}", "count": 100_000 - number} for number in range(10)]
    column: dict[str, Any] = {"name": field.name, "count": 900_000, "missing": 12, "distinct": {"value": 5000}}
    if field.type in {"date", "datetime"}:
        edges = [f"{year}-01-01" for year in range(1990, 2011)]
        return {**column, "min": "1990-01-01", "max": "2009-12-31", "histogram": {"edges": edges, "counts": [7] * 20}}
    return {**column, "min": "合成", "max": "合成" * 99, "top": {"values": top}}


def of_descriptor(name: str) -> Release:
    """A release of a real descriptor whose tables are said to have a million rows."""
    folder = DATASETS / name
    department = read_department(yaml.safe_load((folder.parent / "department.yaml").read_text("utf-8")), "")
    dataset = read_dataset(
        yaml.safe_load((folder / "datapackage.yaml").read_text("utf-8")), "", department.code, folder
    )
    tables = tuple(
        Table(one, dataset.table(one), (Part(folder / "none.parquet", 1, "0" * 64, 1_000_000),))
        for one in dataset.resources
    )
    return Release(dataset, department, Version(1, 0, 0), folder, tables, "", "2026-11-23T08:00:00Z", {})


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def text(content: bytes) -> str:
    """The words of all pages without white space: a line break may stand anywhere."""
    return "".join("".join(page.extract_text() for page in read(content).pages).split())


def flat(words: str) -> str:
    return "".join(words.split())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_real_dataset_fits_one_page(name: str, language: Language) -> None:
    release = of_descriptor(name)

    content = leaflet(
        release, synthetic_profile(release.dataset.resources), language, f"https://data.example.org/d/{name}"
    )

    (page,) = read(content).pages
    assert tuple(round(float(side)) for side in page.mediabox[2:]) == A4
    words = text(content)
    assert flat(release.dataset.title.within(language)) in words
    assert flat(release.department.title.within(language)) in words
    assert "1,000,000" in words or len(release.tables) > 1
    for caveat in release.dataset.caveats[:2]:
        assert flat(caveat.within(language)) in words


def fonts(content: bytes) -> list[DictionaryObject]:
    resources: Any = read(content).pages[0]["/Resources"]
    return [one.get_object() for one in resources["/Font"].values()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_chinese_and_rare_characters_come_back_as_text_from_embedded_fonts(desk: Desk, language: Language) -> None:
    package = desk.package()
    package["title"] = "Counters of 𠮷䶮"
    package["civicat"]["zh"]["title"] = "𠮷䶮路自行车计数器"

    content = leaflet(desk.publish(package=package), {}, language)

    words = text(content)
    assert "𠮷䶮" in words
    assert ("雨天少" if language == "zh" else "Fewerinrain") in words
    for font in fonts(content):
        descendants: Any = font.get("/DescendantFonts", [font])
        descriptor: Any = descendants[0].get_object()["/FontDescriptor"]
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.get_object()), font


def test_it_is_tagged_for_those_who_listen(desk: Desk) -> None:
    pdf = read(leaflet(desk.publish(), {}, "zh"))
    root: Any = pdf.trailer["/Root"]

    assert root["/Lang"] == "zh-Hans"
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert pdf.metadata is not None
    assert pdf.metadata.title == "自行车计数器"


def test_the_same_again_gives_the_same_bytes(desk: Desk, another_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1771718400")
    profile = synthetic_profile(desk.dataset().resources)

    pages = [leaflet(one.publish(), profile, "zh", ADDRESS) for one in (desk, desk, another_desk)]

    assert pages[0] == pages[1] == pages[2]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            (
                "Whoanswers",
                "Datadesk",
                "data@example.org",
                "Publicdomain",
                "transport/counters@1.0.0",
                "monthly",
                "(m)",
            ),
        ),
        ("zh", ("负责部门", "数据台", "data@example.org", "Publicdomain", "transport/counters@1.0.0", "每月", "(m)")),
    ],
)
def test_it_says_what_somebody_without_a_computer_needs(desk: Desk, language: Language, told: tuple[str, ...]) -> None:
    words = text(leaflet(desk.publish(), {}, language, ADDRESS))

    for one in (*told, flat(ADDRESS)):
        assert one in words


def test_what_is_short_is_whole(desk: Desk) -> None:
    assert "Thispageisanextract" not in text(leaflet(desk.publish(), {}, "en"))
    assert "本页为摘要" not in text(leaflet(desk.publish(), {}, "zh"))


def monstrous(desk: Desk) -> dict[str, Any]:
    """Far more than a page holds, wherever a descriptor takes text."""
    package = desk.package()
    long = "This is one sentence of very many. " * 80
    zh = "这是许多句话中的一句。" * 80
    fields = package["resources"][1]["schema"]["fields"]
    fields += [
        {**fields[0], "name": f"note_{number}", "title": f"Note {number}", "description": long} for number in range(90)
    ]
    package["title"], package["description"] = "T" * 500, long
    package["civicat"]["zh"] = {"title": "题" * 500, "description": zh}
    package["civicat"]["caveats"] = [{"zh": zh, "en": long}] * 20
    return package


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("…", "and17more.", "morecolumns.", f"whatisleftout,areinthedescriptionof{ADDRESS}.")),
        ("zh", ("…", "另有18条。", "列。", f"本页为摘要：列的完整说明及未列出的内容，见{ADDRESS}的数据说明。")),
    ],
)
def test_what_does_not_fit_is_cut_and_the_page_says_so(desk: Desk, language: Language, told: tuple[str, ...]) -> None:
    release = desk.publish()
    dataset = desk.dataset(monstrous(desk))
    tables = tuple(replace(one, resource=two) for one, two in zip(release.tables, dataset.resources, strict=True))

    content = leaflet(replace(release, dataset=dataset, tables=tables), {}, language, ADDRESS)

    assert len(read(content).pages) == 1
    for one in told:
        assert one in text(content)


def child(code: str, **environment: str) -> str:
    """Runs a few lines in a process of their own, and answers what they print."""
    done = subprocess.run(  # noqa: S603 - our own lines
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


PRINT_ONE = """
from civicat.errors import CivicatError
from civicat.publish.kit.typesetting import Sheet, print_first_that_fits
try:
    print_first_that_fits([lambda: Sheet('<!doctype html><html lang="zh"><title>x</title><p>{}', "")])
except CivicatError as error:
    print(error.message.zh, error.message.en, sep="\\n")
"""


def test_a_missing_font_is_one_line_with_the_package_to_install(tmp_path: Path) -> None:
    latin = [one for one in LATIN_FONTS if Path(one).is_dir()]
    if not latin:
        pytest.skip("no folder of Latin fonts alone on this machine")
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig><dir>{latin[0]}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>")

    told = child(PRINT_ONE.format("plain words, 数据"), FONTCONFIG_FILE=str(config))

    assert told.splitlines() == [
        "无法制作 PDF：没有字体含“数”字（U+6570）。请安装 Debian 软件包 fonts-noto-cjk。",
        "no PDF can be made: no font has “数” (U+6570). Install the Debian package fonts-noto-cjk.",
    ]
    assert child(PRINT_ONE.format("plain words"), FONTCONFIG_FILE=str(config)) == ""


def test_a_missing_library_is_one_line_with_the_packages_to_install() -> None:
    """cffi itself is made to find nothing, as it does on a machine without Pango."""
    blind = "import cffi\ndef dlopen(*_): raise OSError('not found')\ncffi.FFI.dlopen = dlopen\n"

    told = child(blind + PRINT_ONE.format("words"))

    assert told.splitlines() == [
        "无法制作 PDF：缺少 Pango。请安装 Debian 软件包 libpango-1.0-0 libpangoft2-1.0-0。",
        "no PDF can be made: Pango is missing. Install the Debian packages libpango-1.0-0 libpangoft2-1.0-0.",
    ]


@pytest.mark.parametrize(
    ("words", "limit", "left"),
    [
        ("One. Two.", 9, "One. Two."),
        ("One. Two.", 8, "One. …"),
        ("一句。两句。", 6, "一句。两句。"),
        ("一句。两句。", 5, "一句。 …"),
        ("3.5 is no end of it", 12, "3.5 is no …"),
        ("aaaaaaaaaa", 5, "aaaa …"),
    ],
)
def test_a_text_is_cut_at_the_end_of_a_sentence_else_of_a_word(words: str, limit: int, left: str) -> None:
    assert cut(words, limit) == left


@pytest.mark.parametrize(
    ("words", "limit", "left"),
    [("One. Two.", 9, "One. Two."), ("One. Two.", 8, "One. …"), ("One. Two.", 3, ""), ("", 0, "")],
)
def test_a_remark_is_left_out_where_not_one_sentence_fits(words: str, limit: int, left: str) -> None:
    assert sentences(words, limit) == left


def test_each_step_of_fitting_takes_no_more_room_than_the_one_before() -> None:
    names = ("scale", "lead", "caveats", "caveat", "columns", "meaning", "remark", "charts", "small")
    for one, next_ in pairwise(STEPS):
        assert all(getattr(one, name) >= getattr(next_, name) for name in names)
        assert one != next_


PROFILE = {
    "tables": [
        {
            "resource": "counters",
            "columns": [
                {
                    "name": "length",
                    "count": 9,
                    "missing": 1,
                    "distinct": {"value": 4, "exact": True},
                    "min": "0",
                    "max": "30",
                    "histogram": {"edges": ["0", "10", "20", "30"], "counts": [6, 0, 3]},
                    "top": {"exact": True, "values": [{"value": "5", "count": 4}, {"value": "25", "count": 3}]},
                },
                {"name": "odd", "count": "many", "top": [1], "histogram": {"edges": [1], "counts": [1, 2]}, "min": 3},
            ],
        },
        "neither",
    ]
}


def test_a_profile_is_read_as_far_as_it_can_be() -> None:
    found = figures(PROFILE, "counters")

    assert found["length"] == Figures(
        9, 1, 4, "0", "30", (Bar("5", 4), Bar("25", 3)), (Bar("0", 6, "10"), Bar("10", 0, "20"), Bar("20", 3, "30"))
    )
    assert found["odd"] == Figures(0, 0, None, "", "", (), ())
    assert figures(PROFILE, "notes") == figures({}, "counters") == figures({"tables": None}, "counters") == {}


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("en", "Distribution from 0 to 30, one bar is 10; most, 6 rows, from 0 to 10; 1 empty (hollow)"),
        ("zh", "从 0 到 30 的分布，每条 10，最多的一段 0 到 10：6 行；1 格为空（空心）"),
    ],
)
def test_a_small_picture_starts_at_zero_and_says_what_it_shows(language: Language, label: str) -> None:
    drawn = spark(figures(PROFILE, "counters")["length"], language)

    assert f'aria-label="{label}"' in drawn
    assert drawn.count("<rect") == 4
    assert 'y="2.0" width="18.0" height="28.0"' in drawn  # six rows: all of the height
    assert 'y="16.0" width="18.0" height="14.0"' in drawn  # three: half of it
    assert 'height="0.0"' in drawn  # none
    assert drawn.count('class="o"') == 1


def test_without_figures_there_is_no_picture() -> None:
    assert spark(None, "en") == spark(figures(PROFILE, "counters")["odd"], "zh") == ""
    assert spark(Figures(3, 0, 3, "a", "c", (Bar("a", 1), Bar("b", 1)), ()), "en") == ""  # each value once


def test_values_in_pictures_are_text_and_no_markup() -> None:
    drawn = values_chart([Bar("<b>&", 2)], 'says "<i>"', str) + histogram_chart([Bar("<b>", 1, "</svg>")], "<i>")

    assert "<b>" not in drawn
    assert "<i>" not in drawn
    assert drawn.count("</svg>") == 2


def test_a_long_name_in_a_chart_ends_in_three_dots() -> None:
    drawn = values_chart(
        [Bar("exactly fifteen", 1), Bar("sixteen letters.", 1), Bar("七个汉字的名称", 1), Bar("八个汉字的长名称", 1)],
        "x",
        str,
    )

    assert ">exactly fifteen<" in drawn
    assert ">sixteen letters…<" in drawn
    assert ">七个汉字的名称<" in drawn
    assert ">八个汉字的长名…<" in drawn


def column(name: str, **figures: object) -> dict[str, Any]:
    return {"name": name, "count": 100, "missing": 0, "distinct": {"value": 4, "exact": True}, **figures}


def bins(*counts: int) -> dict[str, Any]:
    return {"histogram": {"edges": [str(edge) for edge in range(len(counts) + 1)], "counts": list(counts)}}


def top(*counts: int) -> dict[str, Any]:
    return {"top": {"values": [{"value": f"v{place}", "count": count} for place, count in enumerate(counts)]}}


def captions(desk: Desk, *columns: dict[str, Any]) -> list[str]:
    profile = {"tables": [{"resource": "counters", "columns": list(columns)}]}
    return [one.caption for one in facts(desk.publish(), profile).charts("en", 9)]


def test_pictures_show_rows_in_time_first_then_codes_then_frequent_values_then_sizes(desk: Desk) -> None:
    many = {"distinct": {"value": 60, "exact": True}}

    found = captions(
        desk,
        column("length", **bins(4, 96)),
        column("open", **top(40, 30, 20, 10)),
        column("since", **bins(50, 50)),
        column("seen", **bins(9, 91)),
        column("name.en", **top(9, 8, 7, 6, 5, 4, 3, 2), **many),
    )

    assert found == [
        *("Rows by “Since”; one bar is 1", "Rows by “Open”", "Name: the 7 most frequent of 60"),
        "Rows by “Length” (m); one bar is 1 m",
    ]


@pytest.mark.parametrize(
    "dull",
    [
        column("编号", **bins(50, 50)),  # the key
        column("name.en", **top(25, 25, 25, 25)),  # all alike
        column("name.en", **top(1, 0), distinct={"value": 100}),  # in too few of the rows
        column("length", **bins(50, 50), distinct={"value": 100}),  # each value once
        column("length", **bins(100)),  # one interval
        column("length"),
    ],
    ids=["key", "alike", "rare", "once", "one-interval", "no-figures"],
)
def test_a_picture_that_tells_nothing_is_left_out(desk: Desk, dull: dict[str, Any]) -> None:
    assert captions(desk, dull) == []


def test_the_period_is_that_of_a_column_with_two_ends(desk: Desk) -> None:
    columns = [
        column("since", min="2020-01-01", max="2020-01-01"),
        column("seen", min="2020-01-01T00:00:00Z", max="2021-02-03T04:05:06Z"),
    ]
    both = {"tables": [{"resource": "counters", "columns": columns}]}
    one = {"tables": [{"resource": "counters", "columns": columns[:1]}]}
    release = desk.publish()

    for profile, ends in ((both, ("2020-01-01", "2021-02-03")), (one, ("2020-01-01", "2020-01-01"))):
        period = facts(release, profile).period
        assert period is not None
        assert (period.first, period.last) == ends
    assert facts(release, {}).period is None
