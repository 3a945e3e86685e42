"""What the page and the workbook say beside the findings, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from civicat.text import Language, Text

_NUMBERS = (
    *(Text("", ""), Text("一", "one"), Text("两", "two"), Text("三", "three"), Text("四", "four"), Text("五", "five")),
    *(Text("六", "six"), Text("七", "seven"), Text("八", "eight"), Text("九", "nine"), Text("十", "ten")),
)

WORDS: Mapping[str, Text] = {
    # the verdict
    "passed": Text("通过：无需改正", "Passed: nothing to mend"),
    "unchecked": Text("未能检查完", "Not checked to the end"),
    "failed": Text("暂未通过：有{kinds}类问题需要改正", "Not passed yet: {kinds} things to mend"),
    "failed-one": Text("暂未通过：有一类问题需要改正", "Not passed yet: one thing to mend"),
    "unread": Text("未检查：{where}有{kinds}处错误", "Not checked: the {where} has {kinds} faults"),
    "unread-one": Text("未检查：{where}有一处错误", "Not checked: the {where} has one fault"),
    "unread-lead": Text("与数据无关，数据还没有查。", "The data is not at fault: it was not looked at."),
    "share-one": Text(
        "第一类就占了 {total:,} 处中的 {part:,} 处。", "The first makes up {part:,} of the {total:,} places."
    ),
    "share-two": Text(
        "前两类就占了 {total:,} 处中的 {part:,} 处。", "The first two make up {part:,} of the {total:,} places."
    ),
    "all-checked": Text("每一行都查过了，没有需要改正的地方。", "Every row was checked, and nothing has to be mended."),
    "to-the-end": Text(
        "有一部分未能检查，原因见下。已查过的部分没有需要改正的地方。",
        "A part could not be checked; why is said below. What was checked needs no mending.",
    ),
    "cut": Text(
        "{name}：满 {limit:,} 处即停，只查到第 {row:,} 行。先改正这些，再检查一次。",
        "{name}: reading stopped at row {row:,}, where the limit of {limit:,} findings was reached. "
        "Mend these, then check again.",
    ),
    "cut-alone": Text(
        "满 {limit:,} 处即停，只查到第 {row:,} 行。先改正这些，再检查一次。",
        "Reading stopped at row {row:,}, where the limit of {limit:,} findings was reached. "
        "Mend these, then check again.",
    ),
    "at-least": Text("至少 {count:,}", "{count:,} or more"),
    # the strip
    "result": Text("结果", "Result"),
    "result-passed": Text("通过", "Passed"),
    "result-failed": Text("未通过", "Not passed"),
    "result-unchecked": Text("未查完", "Not finished"),
    "result-passed-note": Text("可以发布", "may be published"),
    "result-failed-note": Text("改正后再提交", "mend it, then hand it in again"),
    "result-unchecked-note": Text("先解决下述原因", "settle what is said below first"),
    "rows": Text("数据行", "Rows of data"),
    "rows-all": Text("已全部检查", "all were checked"),
    "rows-part": Text("未检查到末尾", "not checked to the end"),
    "places": Text("需要改正", "Places to mend"),
    "places-in": Text("分布在 {columns:,} 列", "in {columns:,} columns"),
    "places-in-one": Text("都在一列里", "in one column"),
    "places-none": Text("没有", "none"),
    "tables": Text("数据表", "Tables"),
    "tables-good": Text("其中 {good:,} 张通过", "{good:,} of them passed"),
    "columns-of": Text("共 {columns:,} 列", "{columns:,} columns"),
    "size": Text("文件大小", "Size of the file"),
    # what to do first
    "first": Text("先做什么", "What to do first"),
    "first-file": Text(
        "请先改正第一条，再检查一次：其他问题可能随之消失。",
        "Mend the first, then check again: others may be gone with it.",
    ),
    "first-more": Text("其余各类见下文。", "The others follow below."),
    "likely": Text("可能的原因", "The likely cause"),
    # the figure
    "where": Text("问题在哪里", "Where it is"),
    "figure": Text("各列自上而下，按有问题的行数着色", "The columns of the file, coloured by the rows to mend"),
    "figure-some": Text(
        "共 {all:,} 列，只画出有问题的 {shown:,} 列", "{shown:,} of {all:,} columns: those with something to mend"
    ),
    "key-fine": Text("无误", "in order"),
    "key-stop": Text("需改正的比例", "share to mend"),
    "key-cut": Text("缺失", "cut off"),
    "figure-label": Text("共 {all:,} 列。需要改正：{listed}。", "{all:,} columns. To mend: {listed}."),
    # one kind
    "mend": Text("需要改正", "What to mend"),
    "notes": Text("请留意", "Please note"),
    "descriptor": Text("描述文件", "The descriptor"),
    "header-many": Text(
        "表头有 {count:,} 处与规定不同", "The header is not the one that is expected: {count:,} places"
    ),
    "must": Text("须改正", "must be mended"),
    "note": Text("请留意", "please note"),
    "many": Text("{count:,} 处", "{count:,} places"),
    "many-one": Text("1 处", "1 place"),
    "every-row": Text("{count:,} 处，每一行", "{count:,} places, every row"),
    "of-rows": Text("{count:,} 处，共 {rows:,} 行", "{count:,} places in {rows:,} rows"),
    "place": Text("位置", "Where"),
    "found": Text("现状", "Found"),
    "todo": Text("怎么改", "What to do"),
    "column": Text("{letter} 列 ", "Column {letter} "),
    "column-plain": Text("列", "Column "),
    "row-one": Text("第 {rows} 行", "row {rows}"),
    "row-many": Text("第 {rows} 行", "rows {rows}"),
    "row-more": Text("第 {rows} 行，另有 {more:,} 处", "rows {rows} and {more:,} more"),
    "line-one": Text("第 {rows} 行", "line {rows}"),
    "line-many": Text("第 {rows} 行", "lines {rows}"),
    "line-more": Text("第 {rows} 行，另有 {more:,} 处", "lines {rows} and {more:,} more"),
    "row-range": Text("第 {first:,}–{last:,} 行", "rows {first:,} to {last:,}"),
    "whole": Text("整个文件", "the whole file"),
    "nothing": Text("空白", "nothing"),
    "excerpt": Text("文件摘录 {number}", "Excerpt of your file {number}"),
    "row": Text("行", "Row"),
    "line": Text("行", "Line"),
    "key": Text("键", "Key"),
    "what": Text("问题", "What is wrong"),
    "to-mend": Text("需要改正：", "to mend: "),
    "rule": Text("规则", "Rule"),
    "unexplained": Text("只有计数的问题", "Counted, not explained"),
    "unexplained-why": Text(
        "达到了逐条说明的上限。改正上面各处后再检查一次，或运行 civicat validate --limit-errors 0。",
        "The limit of findings that are explained was reached. Mend what stands above and check again, "
        "or run civicat validate --limit-errors 0.",
    ),
    "kinds-left-out": Text(
        "另有 {kinds:,} 类（{count:,} 处）未列出。civicat validate --format json 可列出全部。",
        "{kinds:,} more kinds ({count:,} places) are not shown. civicat validate --format json lists them all.",
    ),
    "all-listed": Text(
        "civicat validate --format json 可列出每一处。", "civicat validate --format json lists every place."
    ),
    # aside
    "about": Text("关于本次检查", "About this check"),
    "in-order": Text("无误", "In order"),
    "in-order-columns": Text("{all:,} 列中 {good:,} 列无需改正", "{good:,} of {all:,} columns need no mending"),
    "in-order-table": Text("{name} 整张表", "the whole table {name}"),
    "not-checked": Text("未能检查", "Could not be checked"),
    "not-checked-table": Text("{name}：未检查到末尾", "{name}: not checked to the end"),
    "stopped": Text("{name}：第 {row:,} 行以下", "{name}: the rows below row {row:,}"),
    "files": Text("检查的文件", "The file that was checked"),
    "files-many": Text("检查的文件", "The files that were checked"),
    "rows-of": Text("{rows:,} 行，{size}", "{rows:,} rows, {size}"),
    "digest": Text("SHA-256 校验值", "SHA-256"),
    "how-rows": Text("行号", "Row numbers"),
    "how-rows-note": Text(
        "表头也计入，与 Excel 打开后看到的一致；一格里换行的文字只算一行。",
        "count the header too, as Excel shows them; a text with line breaks inside one cell is one row.",
    ),
    # the workbook
    "sheet": Text("检查结果", "Findings"),
    "sheet-number": Text("序号", "No."),
    "sheet-table": Text("数据表", "Table"),
    "sheet-count": Text("处数", "Places"),
    "sheet-first": Text("第一处", "First place"),
    "sheet-row": Text("原文件行号", "Row in your file"),
    "sheet-figures": Text(
        "查了 {rows:,} 行，需要改正 {errors:,} 处。", "Rows read: {rows:,}. Places to mend: {errors:,}."
    ),
    "sheet-unexplained": Text(
        "达到了逐条说明的上限，这一类只有计数。", "The limit of explanations was reached; these are only counted."
    ),
    "sheet-colours": Text(
        "红色：需要改正；黄色：请留意。单元格右上角有红色三角的，把鼠标停在上面就能看到批注：哪里不对，怎么改。",
        "Red: to mend. Yellow: to look at. Rest the pointer on a cell with a red corner: its note says what is wrong "
        "and how to mend it.",
    ),
    "sheet-filter": Text(
        "按颜色筛选某一列，就只看到有问题的行。", "Filter a column by colour to see only its rows with findings."
    ),
    "sheet-copy": Text(
        "这是供查看的副本。请在您自己的文件里改正，再提交那份文件。",
        "This is a copy to look at. Mend your own file, and hand that in.",
    ),
    "sheet-not-kept": Text(
        "{name}：这里只有单元格的内容，没有原来的格式和公式。",
        "{name}: these are the contents of the cells, without their format and formulas.",
    ),
    "sheet-rows-only": Text(
        "{name}：表很大（{rows:,} 行），这里只列出有问题的行；第一列是它们在您文件里的行号。",
        "{name}: the table is large ({rows:,} rows), so only rows with findings are here; "
        "the first column gives their number in your file.",
    ),
    "sheet-rows-cut": Text(
        "{name}：有问题的 {rows:,} 行中，列出了前 {shown:,} 行。",
        "{name}: of {rows:,} rows with findings, the first {shown:,} are here.",
    ),
    "sheet-columns-cut": Text(
        "{name}：Excel 最多 16,384 列，其后的列未列出。",
        "{name}: Excel has 16,384 columns at most; later ones are left out.",
    ),
    "sheet-some": Text(
        "{name}：{all:,} 处中标出了 {shown:,} 处，其余只有计数。要全部标出，请加上 --limit-errors 0。",
        "{name}: {shown:,} of {all:,} places are marked, the others counted. --limit-errors 0 marks them all.",
    ),
    "sheet-comments": Text(
        "批注只写了前 {shown:,} 条：太多会使 Excel 变慢。其余单元格只涂了颜色。",
        "The first {shown:,} cells have a note: more would make Excel slow. The others are coloured only.",
    ),
    "sheet-unread": Text("{name}：没有表格可以列出。", "{name}: there is no table to show."),
    # frame
    "skip": Text("跳到正文", "Skip to the content"),
    "languages": Text("语言", "Language"),
    "report": Text("检查报告", "Report"),
    "foot": Text(
        "本页是一个独立文件：不联网、不用脚本，可以打印、存档、用邮件发送。",
        "This page is one file. It needs no network and no script; print it, keep it, send it.",
    ),
    "foot-data": Text(
        "页内摘录了所查文件中的内容。文件若不宜公开，本页也不宜公开。",
        "It quotes the file that was checked. Where that may not be published, this page may not either.",
    ),
}


def word(key: str, language: Language, **facts: str | int) -> str:
    """One of the words with the facts put in."""
    return WORDS[key].within(language).format(**facts)


def number(count: int, language: Language) -> str:
    """A small number in words, as text has it; a larger one in figures."""
    if 0 < count < len(_NUMBERS):
        return _NUMBERS[count].within(language)
    return f" {count:,} " if language == "zh" else f"{count:,}"


def size(count: int) -> str:
    """A number of bytes as people say it, the same in both languages."""
    if count < 1000:  # noqa: PLR2004 (the step from one unit to the next)
        return f"{count} B"
    value, unit = next((count / step, unit) for step, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if count >= step)
    return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"  # noqa: PLR2004 (two figures tell enough)


def letters(column: int) -> str:
    """The letters of a column in a spreadsheet, from 1: A, Z, AA."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
