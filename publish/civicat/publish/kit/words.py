"""The words of the pages and of the leaflet, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from civicat.text import Language, Text

WORDS: Mapping[str, Text] = {
    "kit": Text("离线包", "Offline kit"),
    "kit-lead": Text(
        "本站数据的一份拷贝：页面、数据表、说明单页和校验和。无需网络，用浏览器打开即可。",
        "A copy of the catalogue’s data: pages, tables, leaflets and checksums. "
        "It opens in a browser, with no network.",
    ),
    "departments": Text("部门", "Departments"),
    "check-it": Text("怎样核对", "How to check it"),
    "check-how": Text(
        "在此目录中运行下面的命令：每个文件都应显示 OK（成功）。",
        "Run this in the folder: each file should say OK.",
    ),
    "skip": Text("跳到正文", "Skip to the content"),
    "home": Text("目录", "list of datasets"),
    "language": Text("语言", "Language"),
    "where-you-are": Text("当前位置", "Where you are"),
    "checked": Text("检查", "Checked"),
    "passed": Text("通过", "Passed"),
    "rows": Text("行数", "Rows"),
    "period": Text("时间范围", "Period"),
    "version": Text("版本", "Version"),
    "licence": Text("许可", "Licence"),
    "frequency": Text("更新周期", "Updated"),
    "caveats": Text("使用前须知", "Before you use it"),
    "glance": Text("数据一览", "At a glance"),
    "columns": Text("各列含义", "Columns"),
    "column": Text("列", "Column"),
    "distribution": Text("分布", "Distribution"),
    "type-unit": Text("类型与单位", "Type, unit"),
    "empty": Text("空", "Empty"),
    "extremes": Text("最小与最大", "Least, most"),
    "frequent": Text("最常见", "Most frequent"),
    "meaning": Text("含义", "Meaning"),
    "example": Text("示例", "For example"),
    "caveat": Text("须知", "Caveat"),
    "key": Text("主键", "key"),
    "codes": Text("代码表", "Codes"),
    "first-rows": Text("前几行", "First rows"),
    "files": Text("文件", "Files"),
    "csv-note": Text(
        "UTF-8，每个值与发布的相同；供程序读取，或在表格软件中导入",
        "UTF-8, each value as it was published; for programs, or to import into a spreadsheet",
    ),
    "excel-note": Text(
        "双击即可用 Excel 打开；Excel 会改写的文字前加了撇号 '",
        "opens in Excel by a double click; texts that Excel would change have an apostrophe ' before them",
    ),
    "csv-for-excel": Text("供 Excel 打开的 CSV", "CSV to open in Excel"),
    "parquet-note": Text("发布的原件，其 sha256 在清单中", "as it was released; its sha256 is in the manifest"),
    "proof-files": Text("核对用的文件", "To check it with"),
    "signature": Text("签名", "signature"),
    "public-key": Text("公钥", "public key"),
    "whole-manifest": Text("清单", "manifest"),
    "leaflet": Text("说明单页", "Leaflet"),
    "leaflet-note": Text("A4 一页，供打印", "one page of A4, to print"),
    "description-file": Text("数据说明", "Description"),
    "description-note": Text("机器可读（Data Package）", "for machines (Data Package)"),
    "provenance-file": Text("来历", "Provenance"),
    "provenance-note": Text("机器可读（PROV-O）", "for machines (PROV-O)"),
    "cite": Text("怎样引用", "Cite"),
    "for-managers": Text("供文献管理软件：", "For reference managers:"),
    "answers": Text("负责部门", "Who answers"),
    "origin": Text("来历", "Where it comes from"),
    "handed-in": Text("发布经过", "How it was published"),
    "sources": Text("数据来源", "Sources"),
    "proof": Text("校验", "Proof"),
    "manifest": Text("清单 sha256", "Manifest sha256"),
    "no-manifest": Text("此版本没有清单", "this version has no manifest"),
    "without": Text("没有电脑也能用", "Without a computer"),
    "online": Text("网址", "On the web"),
    "nothing": Text("空", "empty"),
    "made-by": Text("由 civicat 制作。数据以其许可为准。", "Made with civicat. Each dataset has its own licence."),
    "readme": Text("使用说明", "How to use it"),
}

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day(when: date | datetime, language: Language) -> str:
    """A day as people write it."""
    words = Text(f"{when.year} 年 {when.month} 月 {when.day} 日", f"{when.day} {_MONTHS[when.month - 1]} {when.year}")
    return words.within(language)


def rows(number: int, language: Language) -> str:
    """A number of rows."""
    return Text(f"{number:,} 行", f"{number:,} row" if number == 1 else f"{number:,} rows").within(language)


def columns(number: int, language: Language) -> str:
    """A number of columns."""
    return Text(f"{number:,} 列", f"{number:,} column" if number == 1 else f"{number:,} columns").within(language)


def size(bytes_: int) -> str:
    """A size as people read it, in steps of a thousand."""
    for power, unit in ((3, "GB"), (2, "MB"), (1, "kB")):
        amount = bytes_ / 1000**power
        if amount >= 0.9995:  # noqa: PLR2004 - rounds to one
            return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"  # noqa: PLR2004 - rounds to ten
    return f"{bytes_} B"
