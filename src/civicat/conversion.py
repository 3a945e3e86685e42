"""What became of each column's texts when they were typed: the proof that nothing was lost, or what was normalised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from civicat.text import Text


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which a text may differ from the spelling of its value: its code, and what it is called.

    `loses` says that the text cannot be told from the value any more, for digits are gone: it is named, and it is a
    loss all the same.
    """

    code: str
    words: Text
    loses: bool = False


# In the order in which they are tried; docs/conversion.md lists them, and a test compares the two.
_RULES = (
    Rule("white-space", Text("首尾空白", "white space around values")),
    Rule("unit-sign", Text("数字前后的单位或符号", "units or signs around numbers")),
    Rule("digit-groups", Text("数字的分组符号", "marks between groups of digits")),
    Rule("decimal-character", Text("小数点的其他写法", "another decimal character")),
    Rule("full-width", Text("全角字符", "full-width characters")),
    Rule("other-digits", Text("其他文字的数字", "digits of another script")),
    Rule("leading-plus", Text("正号", "leading plus signs")),
    Rule("leading-zeros", Text("开头的零", "leading zeros")),
    Rule("bare-point", Text("缺一边数字的小数点", "points without a digit on one side")),
    Rule("trailing-zeros", Text("小数末尾的零", "zeros at the end of decimals")),
    Rule("added-zeros", Text("按本列小数位数补的零", "zeros added up to the decimals of the column")),
    Rule("minus-zero", Text("负零", "minus zero")),
    Rule("exponent", Text("指数写法", "exponents")),
    Rule(
        "rounded",
        Text("位数过多、只留最近值的数字", "numbers of too many digits, of which the nearest was kept"),
        loses=True,
    ),
    Rule("letter-case", Text("字母大小写", "letter case")),
    Rule("truth-words", Text("表示是否的其他用词", "other words for true and false")),
    Rule("declared-format", Text("按声明格式书写的日期或时间", "dates or times in the declared format")),
    Rule("padding", Text("一位数的月、日", "months and days of one digit")),
    Rule("date-separators", Text("日期的其他分隔符", "other marks between the parts of dates")),
    Rule("time-separator", Text("日期与时间之间的其他符号", "other marks than T between date and time")),
    Rule("fraction-zeros", Text("秒的小数末尾的零", "zeros at the end of fractions of a second")),
    Rule(
        "fraction-cut",
        Text("秒的小数第六位以后的数字", "digits beyond the sixth of fractions of a second, which were cut"),
        loses=True,
    ),
    Rule("zone-spelling", Text("零时区的其他写法", "other spellings of UTC")),
    Rule("time-zone", Text("其他时区的时间，已换算为协调世界时", "times of other zones, moved to UTC")),
    Rule("time-layout", Text("ISO 8601 的其他写法", "other layouts of ISO 8601")),
    Rule("guessed-format", Text("未声明格式的日期或时间", "dates or times in a format that is not declared")),
    Rule("json-layout", Text("JSON 的排版", "the layout of JSON")),
    Rule("list-as-json", Text("改写为 JSON 的列表", "lists, written as JSON")),
    Rule("shown-digits", Text("工作簿所显示的 15 位以外的数字", "digits beyond the 15 that a workbook shows")),
    Rule("written-out", Text("写成文字的值", "values written as text")),
)
RULES: Mapping[str, Rule] = {one.code: one for one in _RULES}


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One way in which source texts differ from the spelling of their values, with the first example.

    `rule` is a code of RULES; `cells` counts the cells that it touched.
    """

    rule: str
    cells: int
    source: str
    spelled: str


@dataclass(frozen=True, slots=True)
class ColumnConversion:
    """One column: source text -> typed value -> text, over every cell.

    `type` is the Arrow type. `cells` = `missing` + `identical` + those that were rewritten + `unexplained`; a cell that
    several rewrites touched counts in each of them. `unexplained` cells came back as another text and no rule says why:
    `example` is the first of them (source, spelled). `native` cells came as values (from a workbook, JSON or Parquet):
    there was no text to convert, and they count as identical where the value stayed the same. `missing_texts` are the
    texts that stand for no value, each with its cells ("" is an empty cell), the most frequent first. `at_least` says
    that more cells than `identical` may have come back as they were, and fewer been rewritten than the rules count.
    """

    field: str
    type: str
    cells: int
    missing: int
    identical: int
    rewrites: tuple[Rewrite, ...] = ()
    unexplained: int = 0
    example: tuple[str, str] | None = None
    native: int = 0
    missing_texts: tuple[tuple[str, int], ...] = ()
    at_least: bool = False

    @property
    def rewritten(self) -> int:
        """The cells that came back as another text, all of it explained."""
        return self.cells - self.missing - self.identical - self.unexplained

    @property
    def lossless(self) -> bool:
        """Whether each cell came back as it was, or differs only in what a rule names that takes nothing away."""
        return not self.unexplained and not any(RULES[one.rule].loses for one in self.rewrites)
