import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from markupsafe import Markup

from civicat import catalog
from civicat.catalog.i18n import CATALOGUE, TRADITIONAL, Locale, Words, choose_locale, read_catalogues, read_messages
from civicat.catalog.look.scripts import traditional
from civicat.catalog.tables.questions import CHOICES, SENTENCES
from civicat.text import Text

PACKAGE = Path(catalog.__file__).parent
METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
TABLES = (CHOICES, SENTENCES)  # message ids that are looked up, not written at the place where they are said
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
TRANSLATED = read_messages()
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?")


def messages_in_use() -> dict[str, tuple[str, ...]]:
    options = {"templates/**.html": {"silent": "false"}}  # a template that cannot be parsed fails the test
    found = (one[2] for one in extract_from_dir(str(PACKAGE), METHODS, options, keywords=KEYWORDS))
    written = (one if isinstance(one, tuple) else (one,) for one in found)
    looked_up = ((one,) for table in TABLES for one in table.values())
    return {forms[0]: forms for forms in (*written, *looked_up)}


def test_every_message_of_templates_and_python_has_a_chinese_translation_and_none_is_left_over() -> None:
    used, translated = set(messages_in_use()), set(TRANSLATED)
    assert used, "nothing was extracted: the test would pass for the wrong reason"
    assert used - translated == set(), "no Chinese for these"
    assert translated - used == set(), "nobody says these any more"


def test_a_translation_has_the_placeholders_of_its_message() -> None:
    for message, forms in messages_in_use().items():
        wanted = {name for form in forms for name in PLACEHOLDER.findall(form)}
        assert {name for form in TRANSLATED[message] for name in PLACEHOLDER.findall(form)} == wanted, message


@pytest.mark.parametrize(
    ("cookie", "accept", "expected"),
    [
        ("", "", "en"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("", "zh-Hant-TW", "zh-Hant"),
        ("", "zh-TW", "zh-Hant"),
        ("", "zh-HK,zh;q=0.9", "zh-Hant"),
        ("", "zh-Hans-HK", "zh-Hans"),
        ("", "zh-SG", "zh-Hans"),
        ("", "fr, de;q=0.9, zh;q=0.3", "zh-Hans"),
        ("", "fr;q=1, en;q=0.2, zh;q=0.1", "en"),
        ("", "zh;q=0, en;q=0.1", "en"),
        ("", "zh;q=much", "en"),
        ("", "ZH-cn", "zh-Hans"),
        ("", "ZH-hk", "zh-Hant"),
        ("", "zhx", "en"),
        ("en", "zh-CN", "en"),
        ("zh", "en-GB", "zh-Hans"),  # a cookie of earlier days
        ("zh-Hans", "en-GB", "zh-Hans"),
        ("zh-Hant", "zh-CN", "zh-Hant"),
        ("fr", "zh", "zh-Hans"),
    ],
)
def test_the_cookie_wins_then_the_browser_then_english(cookie: str, accept: str, expected: Locale) -> None:
    assert choose_locale(cookie, accept) == expected


def test_what_is_filled_into_a_message_is_escaped_and_markup_is_not() -> None:
    words = Words("en", read_messages())
    assert words.gettext("There is no %(name)s here.", name="<b>") == "There is no &lt;b&gt; here."
    assert words.gettext("There is no %(name)s here.", name=Markup("<b>x</b>")) == "There is no <b>x</b> here."


def test_a_message_without_values_keeps_its_percent_sign() -> None:
    assert Words("en").gettext("200 % larger") == "200 % larger"


@pytest.mark.parametrize(
    ("language", "count", "expected"), [("en", 1, "1 row"), ("en", 0, "0 rows"), ("zh", 1, "1 行"), ("zh", 3, "3 行")]
)
def test_counts_are_said_in_the_form_of_the_language(language: str, count: int, expected: str) -> None:
    words = Words("zh" if language == "zh" else "en", read_messages())
    assert words.ngettext("%(n)s row", "%(n)s rows", count) == expected


def test_words_of_the_other_language_are_marked() -> None:
    chinese, english = Words("zh"), Words("en")
    assert english.say(Text("人口", "")) == '<span lang="zh-Hans">人口</span>'
    assert chinese.say(Text("人口", "People")) == "人口"
    assert chinese.foreign("US & Co", "en") == '<span lang="en">US &amp; Co</span>'


def test_a_value_of_the_data_keeps_its_script_and_is_marked_where_the_page_has_another() -> None:
    assert Words("en").run("城关镇") == '<span lang="zh-Hans">城关镇</span>'
    assert Words("en").run("中西區") == '<span lang="zh-Hant">中西區</span>'
    assert Words("en").run("us1000chhc") == "us1000chhc"
    assert Words("zh").run("城关镇") == "城关镇"
    assert Words("zh").run("中西區") == '<span lang="zh-Hant">中西區</span>'
    assert Words("zh", is_traditional=True).run("城关镇") == '<span lang="zh-Hans">城关镇</span>'
    assert Words("zh", is_traditional=True).run("中西區") == "中西區"
    assert Words("zh").say(Text("写明覆盖的地区和起止时间。", "")) == "写明覆盖的地区和起止时间。"  # 覆 is of both
    assert Words("zh").run("人口") == Words("zh", is_traditional=True).run("人口") == "人口"  # both write it so


def test_words_of_descriptors_are_said_in_the_script_that_the_reader_wants() -> None:
    title, hant = Text("县级失业率", "Unemployment"), Words("zh", is_traditional=True)
    assert (hant.say(title), hant.plain(title), hant.tag) == ("縣級失業率",) * 2 + ("zh-Hant",)
    assert Words("zh").say(Text("的士站", "")) == "的士站"
    assert Words("zh").say(Text("中西區的士站", "")) == '<span lang="zh-Hant">中西區的士站</span>'
    assert Words("en").say(Text("的士站", "")) == '<span lang="zh-Hans">的士站</span>'


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("头发与发展，皇后在后面", "頭髮與發展，皇后在後面"),
        ("任意一列；每列 3 个字段", "任意一欄；每欄 3 個欄位"),
        ("列出一列，系列，排列", "列出一欄，系列，排列"),
        ("按质量排序，下载文件", "按品質排序，下載檔案"),
        ("公文件数", "公文件數"),
        ("不合列规则；按本列小数位数", "不合欄位規則；按本欄小數位數"),
        ("最新发布，由谁发布", "最新發佈，由誰發佈"),
        ("“打印”", "「列印」"),
        ("第 2 列", "第 2 欄"),
        ("<mark>发布</mark>", "<mark>發佈</mark>"),
        ("no Chinese at all", "no Chinese at all"),
    ],
)
def test_simplified_words_become_those_that_readers_of_traditional_ones_use(written: str, expected: str) -> None:
    assert traditional(written) == expected


def test_every_message_is_there_in_traditional_characters_too() -> None:
    simplified, turned = (read_catalogues()[locale] for locale in ("zh-Hans", "zh-Hant"))
    assert turned.keys() == simplified.keys()
    assert turned["Search"] == ("搜尋",)
    assert {file.stem for file in TRADITIONAL.glob("*.po")} <= {file.stem for file in CATALOGUE.glob("*.po")}


def test_no_message_stands_in_two_files() -> None:
    found = [id_ for file in sorted(CATALOGUE.glob("*.po")) for id_ in ids_in(file)]
    assert sorted({id_ for id_ in found if found.count(id_) > 1}) == []


def test_each_file_of_messages_is_called_like_a_page_or_common() -> None:
    pages = {page.stem for page in (PACKAGE / "templates").glob("*.html")}
    assert {file.stem for file in CATALOGUE.glob("*.po")} - pages == {"common"}


def ids_in(file: Path) -> list[str]:
    with file.open("rb") as stream:
        return [str(one.id) for one in read_po(stream) if one.id]
