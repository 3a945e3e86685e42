"""Why the cells of a column are not accepted: the ways of writing that a column does not read.

A way of writing is proven by mending it: the cell as it would stand without it is one that the column reads.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from civicat.dataset import Field
from civicat.finding import Cause
from civicat.text import Text
from civicat.validators.cause import Evidence, because
from civicat.validators.messages import UNSEEN, quoted

ONE = 1  # nobody means anything else by such a cell
SEVERAL = 2  # one may be a slip of the hand; two are a habit
SHARE = 0.1  # of a column's findings; a cause of fewer does not explain the column
DATES_SHARE = 0.9  # of a column's unreadable dates that another format must read; the rest are slips
DATES_TRIED = 200  # dates that each format is tried on; reading them takes time, and more tell the same
FIRST_SERIAL, LAST_SERIAL = 18_264, 54_788  # 1950 and 2049 as Excel counts days; other numbers are no days of ours
SERIALS_SHARE = 0.9  # of a column's plain numbers that must be such days; else they are numbers of another kind
EXCEL_EXPONENT = 11  # Excel writes numbers of more than 11 digits this way, so nobody's measurement is meant
LONGEST_CELL = 200  # characters of a cell that are looked at; a number or a date is shorter
LONGEST_UNIT = 12  # characters; what is longer is a remark
MOST_ZEROS = 4  # that a code may begin with; more would fit any number

_EPOCH = dt.date(1899, 12, 30)  # day 0 of Excel, its leap day of 1900 taken into account
_CODES = frozenset({"type-error", "constraint-error", "foreign-key"})
_WRITTEN = frozenset({"pattern", "enum", "minLength", "maxLength"})  # constraints on how a value is written
JUDGED = frozenset({"integer", "year", "number", "boolean", "date", "datetime", "time", "string", "any"})
_NUMBERS = frozenset({"integer", "number"})
_DATES = frozenset({"date", "datetime"})
_FORMATS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%S", "time": "%H:%M:%S"}
_QUOTES = {"'": "'", '"': '"', "“": "”", "‘": "’", "「": "」", "`": "`"}
_MISSING = frozenset(
    {
        *("n/a", "na", "n.a.", "n.a", "nan", "null", "none", "nil", "tbd", "unknown", "missing"),
        *("-", "--", "---", "–", "—", "——", "/", "\\", "?", "？", ".", "..", "…", "……", "*", "**"),
        *("无", "暂无", "没有", "未知", "不详", "空", "缺", "缺失", "待定", "未填", "不适用"),
    }
)
_FAULTS = frozenset({"#n/a", "#ref!", "#div/0!", "#value!", "#name?", "#null!", "#num!", "#spill!", "#calc!"})
_YES_NO = frozenset(
    {
        *("yes", "no", "y", "n", "t", "f", "on", "off", "true", "false", "1", "0"),
        *("是", "否", "有", "无", "对", "错", "真", "假", "√", "✓", "×", "✗"),
    }
)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SCIENTIFIC = re.compile(r"[1-9](?:\.[0-9]+)?E\+([0-9]{2,3})")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:[. ][0-9]{3})+),[0-9]+")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([,，'’ \u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]+)?")
_MEASURED = re.compile(
    r"(?P<sign>[+-]?)(?:[$€£¥￥]|RMB|CNY|USD|GBP|EUR)?\s?"
    r"(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?)\s?(?P<unit>[^\d\s,.][^\d]*)?"
)
_POINT_ZERO = re.compile(r"([+-]?[0-9]+)\.0+")

# Other ways in which dates are written; those with a time last, so that a plain date is not taken for one.
_OTHER_DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    *("%d-%b-%y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%B %d, %Y", "%b %d, %Y", "%d/%m/%y", "%m/%d/%y", "%y-%m-%d"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"),
    *("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M"),
)


@dataclass(frozen=True)
class Column:
    """A field, and whether a text would do in it, as far as that can be told without the engine."""

    rules: Field
    raw: Mapping[str, Any] = field(default_factory=dict)  # the field as the descriptor writes it

    @property
    def type(self) -> str:
        """The field's type."""
        return self.rules.type

    @cached_property
    def date_format(self) -> str:
        """How its dates are written; empty where they may be written in any way, or it holds none."""
        written = self.rules.format or "default"
        return _FORMATS.get(self.type, "") if written == "default" else "" if written == "any" else written

    def reads(self, text: str) -> bool:
        """Whether the text is of the column's type and obeys the constraints on how it is written."""
        return self._is_typed(text) and self._obeys(text)

    def _is_typed(self, text: str) -> bool:
        match self.type:
            case "integer" | "year":
                return _INTEGER.fullmatch(text) is not None
            case "number":
                return _NUMBER.fullmatch(text) is not None
            case "boolean":
                return text in {*self.words(truth=True), *self.words(truth=False)}
            case "date" | "datetime" | "time":
                return parsed(text.removesuffix("Z"), self.date_format.removesuffix("Z")) is not None
            case _:
                return self.type in {"string", "any"}

    def _obeys(self, text: str) -> bool:
        rules = self.rules.constraints
        enum, least, most = rules.get("enum"), rules.get("minLength"), rules.get("maxLength")
        return (
            (not isinstance(enum, list) or text in [str(one) for one in enum])
            and (not isinstance(least, int) or len(text) >= least)
            and (not isinstance(most, int) or len(text) <= most)
            and _matches(rules.get("pattern"), text)
        )

    def words(self, *, truth: bool) -> list[str]:
        """What stands for true, or for false."""
        standard = ["true", "True", "TRUE", "1"] if truth else ["false", "False", "FALSE", "0"]
        words = self.raw.get("trueValues" if truth else "falseValues")
        return [str(one) for one in words] if isinstance(words, list) else standard


def parsed(text: str, pattern: str) -> dt.datetime | None:
    """A text as a date or time of that pattern (strptime's), or None."""
    if not pattern:
        return None
    try:
        return dt.datetime.strptime(text, pattern)  # noqa: DTZ007 (asked only whether it reads)
    except (ValueError, re.error):  # re.error: a pattern that names one part twice
        return None


def _matches(pattern: object, text: str) -> bool:
    if not isinstance(pattern, str):
        return True
    try:
        return not _runs_away(pattern) and re.fullmatch(pattern, text) is not None
    except re.error:
        return False


@cache
def _runs_away(pattern: str) -> bool:
    """As the engine has it; remembered, for every cell of a column asks."""
    from civicat.validators.engine.backtracking import runs_away  # noqa: PLC0415 (only for a column with a pattern)

    return runs_away(pattern)


# -------------------------------------------------------------------------------------------- the ways of writing


def _fault(cell: str, _: Column) -> str | None:
    text = cell.strip()
    is_fault = text.lower() in _FAULTS or (len(text) > SEVERAL and set(text) == {"#"})
    return "" if is_fault else None


def _yes_no(cell: str, column: Column) -> str | None:
    return "" if column.type == "boolean" and cell.strip().lower() in _YES_NO else None


def _missing(cell: str, _: Column) -> str | None:
    return "" if cell.strip().lower() in _MISSING else None


def _scientific(cell: str, column: Column) -> str | None:
    found = _SCIENTIFIC.fullmatch(cell.strip())
    return "" if found and int(found[1]) >= EXCEL_EXPONENT and column.type in {"string", "integer", "any"} else None


def _outer_spaces(cell: str, column: Column) -> str | None:
    return _mended(cell, trimmed(cell), column)


def trimmed(text: str) -> str:
    """A text without the blanks around it, those that nobody sees included."""
    return text.translate(dict.fromkeys(map(ord, UNSEEN))).strip()


def _full_width(cell: str, column: Column) -> str | None:
    return _mended(cell, unicodedata.normalize("NFKC", cell).strip(), column)


def _full_width_decimals(cell: str, column: Column) -> str | None:
    """A number that is no whole one even when its digits are written as they should be."""
    text = unicodedata.normalize("NFKC", cell).strip()
    is_number = column.type == "integer" and not text.isdecimal() and _NUMBER.fullmatch(text)
    return text if is_number and text != cell.strip() else None


def _quote_marks(cell: str, column: Column) -> str | None:
    text = cell.strip()
    closing = _QUOTES.get(text[:1])
    return _mended(cell, text[1:].removesuffix(closing), column) if closing else None


def _letter_case(cell: str, column: Column) -> str | None:
    enum = column.rules.constraints.get("enum")
    values = [str(one) for one in enum] if isinstance(enum, list) else []
    return next((one for one in values if one.casefold() == cell.strip().casefold() and one != cell), None)


def with_zeros(cell: str, column: Column) -> str | None:
    """A code with the zeros at its beginning that it must have lost; None where they do not make the column read it."""
    if column.type != "string" or not (cell.isascii() and cell.isdigit()):
        return None
    longer = ("0" * zeros + cell for zeros in range(1, MOST_ZEROS + 1))
    return next((one for one in longer if _asks_length(column) and column.reads(one)), None)


def _asks_length(column: Column) -> bool:
    return "minLength" in column.rules.constraints or "pattern" in column.rules.constraints


def _decimal_comma(cell: str, column: Column) -> str | None:
    text = cell.strip()
    if column.type != "number" or not _DECIMAL_COMMA.fullmatch(text) or _GROUPED.fullmatch(text):
        return None
    return _mended(cell, text.replace(".", "").replace(" ", "").replace(",", "."), column)


def _thousands(cell: str, column: Column) -> str | None:
    found = _GROUPED.fullmatch(cell.strip()) if column.type in _NUMBERS else None
    return _mended(cell, cell.strip().replace(found[1], ""), column) if found else None


def _unit(cell: str, column: Column) -> str | None:
    found = _MEASURED.fullmatch(cell.strip()) if column.type in _NUMBERS else None
    if not found or len(found["unit"] or "") > LONGEST_UNIT:
        return None
    return _mended(cell, found["sign"] + found["number"].replace(",", ""), column)


def _point_zero(cell: str, column: Column) -> str | None:
    found = _POINT_ZERO.fullmatch(cell.strip()) if column.type in {"integer", "year"} else None
    return _mended(cell, found[1], column) if found else None


def _serial(cell: str, column: Column) -> str | None:
    day = cell.strip().partition(".")[0]
    if column.type not in _DATES or not (day.isascii() and day.isdigit()):
        return None
    return (_EPOCH + dt.timedelta(int(day))).isoformat() if _is_serial(day) else None


def _is_serial(day: str) -> bool:
    return len(day) == len(str(LAST_SERIAL)) and FIRST_SERIAL <= int(day) <= LAST_SERIAL


def _mended(cell: str, text: str, column: Column) -> str | None:
    return text if text != cell and column.reads(text) else None


@dataclass(frozen=True, slots=True)
class Spelling:
    """A way of writing: its code in causes.toml, how a cell of that kind would be mended, and how many prove it."""

    code: str
    mend: Callable[[str, Column], str | None]
    least: int


# A cell is of the first kind that it fits: what is certain by itself comes before what needs the column.
SPELLINGS = (
    Spelling("formula-faults", _fault, ONE),
    Spelling("yes-no-words", _yes_no, ONE),
    Spelling("words-for-missing", _missing, ONE),
    Spelling("excel-scientific", _scientific, ONE),
    Spelling("outer-spaces", _outer_spaces, ONE),
    Spelling("full-width", _full_width, ONE),
    Spelling("full-width-decimals", _full_width_decimals, ONE),
    Spelling("quote-marks", _quote_marks, ONE),
    Spelling("letter-case", _letter_case, ONE),
    Spelling("excel-serial-dates", _serial, SEVERAL),
    Spelling("leading-zeros-lost", with_zeros, SEVERAL),
    Spelling("decimal-comma", _decimal_comma, SEVERAL),
    Spelling("thousands-separator", _thousands, SEVERAL),
    Spelling("point-zero", _point_zero, SEVERAL),
    Spelling("unit-in-cell", _unit, SEVERAL),
)


def cell_causes(evidence: Evidence) -> Iterator[Cause]:
    """The causes that explain a column, column by column in the order of the schema."""
    cells = _cells(evidence)
    for column in columns_of(evidence):
        if found := cells.get(column.rules.name):
            kinds = _sorted(column, found)
            yield from _written(column, kinds, len(found), evidence)
            yield from _dates(column, [cell for cell, _ in kinds.get("", ())], evidence)


def _cells(evidence: Evidence) -> Mapping[str, list[str]]:
    """The cells of each column that are not accepted for how they are written."""
    found = defaultdict[str, list[str]](list)
    for one in evidence.of(*_CODES):
        if one.code != "constraint-error" or one.rule in _WRITTEN:
            found[one.place.field].append(one.found[:LONGEST_CELL])
    return found


def columns_of(evidence: Evidence) -> Iterator[Column]:
    """The fields of the table as columns whose cells are judged."""
    fields = evidence.glimpse.resource.schema.descriptor.get("fields")
    listed = fields if isinstance(fields, list) else []
    raw = {str(one.get("name")): one for one in reversed(listed) if isinstance(one, dict)}  # of two, the first counts
    return (Column(one, raw.get(one.name, {})) for one in evidence.glimpse.resource.schema.fields)


def _sorted(column: Column, cells: Sequence[str]) -> Mapping[str, list[tuple[str, str]]]:
    """Cells and how each would be mended, by the code of the spelling; those that fit none under an empty code."""
    kinds = defaultdict[str, list[tuple[str, str]]](list)
    for cell in cells:
        fits = ((one.code, mended) for one in SPELLINGS if (mended := one.mend(cell, column)) is not None)
        code, mended = next(fits, ("", cell))
        kinds[code].append((cell, mended))
    return kinds


def _written(
    column: Column, kinds: Mapping[str, Sequence[tuple[str, str]]], total: int, evidence: Evidence
) -> Iterator[Cause]:
    for spelling in SPELLINGS:
        pairs = kinds.get(spelling.code, ())
        least = SERIALS_SHARE * _plain_numbers(kinds) if spelling.mend is _serial else SHARE * total
        if len(pairs) >= max(spelling.least, least):
            yield because(spelling.code, column.rules.name, _CODES, **_facts(column, pairs, evidence))


def _plain_numbers(kinds: Mapping[str, Sequence[tuple[str, str]]]) -> int:
    return sum(cell.strip().isdecimal() for pairs in kinds.values() for cell, _ in pairs)


def _facts(column: Column, pairs: Sequence[tuple[str, str]], evidence: Evidence) -> dict[str, str | Text]:
    cell, mended = pairs[0]
    words = list(dict.fromkeys(quoted(one.strip()) for one, _ in pairs))[:8]
    return {
        "cell": cell,
        "mended": quoted(mended),
        "count": evidence.many(len(pairs), "格", "cell"),
        "words": Text("、".join(f"“{one}”" for one in words), ", ".join(f"“{one}”" for one in words)),
        "listed": Text(*(", ".join(f'"{one}"' for one in words),) * 2),
        "truth": Text(*(", ".join(column.words(truth=True)[:1]),) * 2),
        "untruth": Text(*(", ".join(column.words(truth=False)[:1]),) * 2),
        "number": str(column.raw.get("civicat", {}).get("unit", "")),
    }


# ----------------------------------------------------------------------------------------------------------- the dates


def _dates(column: Column, cells: Sequence[str], evidence: Evidence) -> Iterator[Cause]:
    """Dates that are written in another way than the column's, all of them or nearly."""
    if column.type not in _DATES or len(cells) < SEVERAL:
        return
    other = _swapped(column.date_format)
    if other and _fit(cells, other):
        yield _dated("day-month-swapped", column, cells, evidence, other)
        return
    fitting = [pattern for pattern in _OTHER_DATES if _fit(cells, pattern)]
    if fitting and column.date_format and "%" not in column.date_format:
        yield _dated("date-format-in-letters", column, cells, evidence, fitting[0])
    elif fitting:
        unclear = len(fitting) > 1 and _swapped(fitting[0]) == fitting[1]
        yield _dated("date-order-unclear" if unclear else "date-format", column, cells, evidence, fitting[0])


def _dated(code: str, column: Column, cells: Sequence[str], evidence: Evidence, pattern: str) -> Cause:
    fitting = [(cell, day) for cell in cells if (day := parsed(cell, pattern)) is not None]
    cell, day = fitting[0]
    return because(
        code,
        column.rules.name,
        frozenset({"type-error"}),
        cell=cell,
        count=evidence.many(len(fitting), "格", "cell"),
        pattern=pattern,
        swapped=_swapped(pattern),
        format=column.date_format,
        expected=day.strftime(column.date_format or "%Y-%m-%d"),
    )


def _fit(cells: Sequence[str], pattern: str) -> bool:
    tried = cells[:DATES_TRIED]
    return sum(parsed(cell, pattern) is not None for cell in tried) >= max(SEVERAL, DATES_SHARE * len(tried))


def _swapped(pattern: str) -> str:
    """The pattern with day and month in each other's place; empty where it does not have both as numbers."""
    if "%d" not in pattern or "%m" not in pattern:
        return ""
    return pattern.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
