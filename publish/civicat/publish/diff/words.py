"""What a diff says in both languages, and how it spells dates and counts for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from civicat.dataset import Field
from civicat.publish.schema_changes import Level
from civicat.text import Language, Text

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_MOMENT = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z?))?)?)?")

LEVELS: Mapping[Level, Text] = {
    Level.MAJOR: Text("重大", "major"),
    Level.MINOR: Text("一般", "minor"),
    Level.PATCH: Text("细微", "patch"),
}
WORDS: Mapping[str, Text] = {
    "heading": Text("{old} 到 {new} 的变化", "What changed from {old} to {new}"),
    "same": Text("两个版本的数据与结构相同。", "The data and its structure are the same in both."),
    "same-rows": Text("数据行相同，结构有变化。", "The rows are the same; the structure changed."),
    "same-table": Text("数据行相同。", "The rows are the same."),
    "schema": Text("结构的变化", "Changes of the structure"),
    "descriptions": Text("许可、说明与规则的变化", "Changes of licence, words and rules"),
    "cells": Text("更改的单元格", "Cells that changed"),
    "added": Text("新增的行", "Rows that were added"),
    "removed": Text("删去的行", "Rows that were removed"),
    "missing": Text("（缺失）", "(missing)"),
    "more": Text("……另有 {count:,} 项", "... and {count:,} more"),
    "times": Text("{rows:,} 行", "{rows:,} times"),
    "once": Text("1 行", "once"),
    "before-after": Text("原 {before:,} 行，现 {after:,} 行", "rows: {before:,} before, {after:,} now"),
    "counts": Text(
        "更改 {changed:,} 行（{cells:,} 个单元格），新增 {added:,} 行，删去 {removed:,} 行",
        "rows: {changed:,} changed, {added:,} added, {removed:,} removed; cells: {cells:,} changed",
    ),
    "key": Text("主键：{names}", "key: {names}"),
    "no-key": Text("没有主键，按整行比较", "no key: whole rows are compared"),
    "column": Text("字段", "Column"),
    "old": Text("原值", "Before"),
    "new": Text("新值", "Now"),
    "change": Text("差", "Change"),
    "rows": Text("行数", "Rows"),
    # the page
    "diff": Text("版本比较", "Diff of two releases"),
    "skip": Text("跳到正文", "Skip to the content"),
    "languages": Text("语言", "Language"),
    "strip-added": Text("新增的行", "Rows added"),
    "strip-removed": Text("删去的行", "Rows removed"),
    "strip-changed": Text("更改的行", "Rows changed"),
    "strip-cells": Text("更改的单元格", "Cells changed"),
    "strip-schema": Text("结构的变化", "Changes of the structure"),
    "of-after": Text("现共 {rows:,} 行", "of {rows:,} now"),
    "of-before": Text("原共 {rows:,} 行", "of {rows:,} before"),
    "in-columns": Text("分布在 {count:,} 个字段", "in {count:,} columns"),
    "in-column": Text("都在一个字段", "in one column"),
    "none": Text("没有", "none"),
    "major": Text("其中重大 {count:,} 项", "{count:,} of them major"),
    "shown": Text("前 {shown:,} 项，共 {total:,} 项", "The first {shown:,} of {total:,}"),
    "shown-all": Text("共 {total:,} 项", "{total:,} in all"),
    "columns-left": Text("未列出的字段：{count:,} 个", "columns not shown: {count:,}"),
    "releases": Text("比较的两个版本", "The two releases"),
    "inputs": Text("提交内容的 sha256", "sha256 of what was handed in"),
    "manifest": Text("清单的 sha256", "sha256 of the manifest"),
    "full": Text(
        "完整的变化清单（每个单元格的原值与新值）由这条命令给出：",
        "The full list, with the old and new value of each cell, is made by this command:",
    ),
}


def word(key: str, language: Language, **facts: object) -> str:
    """A text in one language, with its facts filled in."""
    return WORDS[key].within(language).format(**facts)


def titled(field: Field | None, name: str) -> Text:
    """What people call a column: its title, or its name."""
    return field.title if field and field.title else Text(name, name)


def dated(value: str) -> Text:
    """A year, month, day or moment as people say it; another text as it is."""
    when = _when(value)
    return when.text if when else Text(value, value)


def from_to(first: str, last: str) -> Text:
    """From one date to another; what both share is said once."""
    low, high = _when(first), _when(last)
    if low is None or high is None or low.rest or high.rest or low.year != high.year or not (low.month and high.month):
        return Text(f"{dated(first).zh}至 {dated(last).zh}", f"from {dated(first).en} to {dated(last).en}")
    same_month = low.month == high.month
    zh = f"{high.day} 日" if same_month else high.text.zh.removeprefix(f"{high.year} 年 ")
    en = f"{low.day}" if same_month else low.text.en.removesuffix(f" {low.year}")
    return Text(f"{low.text.zh}至 {zh}", f"from {en} to {high.text.en}")


@dataclass(frozen=True, slots=True)
class _When:
    """The pieces of a date as it is spelled; 0 for what it has not. `rest` is the time of day."""

    year: int
    month: int
    day: int
    rest: str

    @property
    def text(self) -> Text:
        month, day = self.month, self.day
        zh = f"{self.year} 年" + (f" {month} 月" if month else "") + (f" {day} 日" if day else "")
        en = (f"{day} " if day else "") + (f"{_MONTHS[month - 1]} " if month else "") + str(self.year)
        return Text(f"{zh} {self.rest}".strip(), f"{en}, {self.rest}".removesuffix(", "))


def _when(value: str) -> _When | None:
    found = _MOMENT.fullmatch(value)
    if found is None or not 0 <= int(found[2] or 0) <= len(_MONTHS):
        return None
    rest = _clock(found[4] or "", found[5] or "")
    return _When(int(found[1]), int(found[2] or 0), int(found[3] or 0), rest)


def _clock(time: str, zone: str) -> str:
    short = time[:-3] if time.count(":") == 2 and time.endswith(":00") else time  # noqa: PLR2004 - hours, minutes, seconds
    return f"{short} UTC" if short and zone else short
