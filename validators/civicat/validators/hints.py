"""What a file shows of a column and nobody has decided: comments beside its field in a draft."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from civicat.text import Language, Text
from civicat.validators.inference import Inferred, Rows, Widths
from civicat.validators.messages import CAUSES, say_from
from civicat.validators.semantics import Known
from civicat.validators.shortened import is_called_code
from civicat.validators.tails import Closing
from civicat.validators.tallies import Forms

_MOST_DIGITS = 10**15  # whole numbers from here on have more digits than the 15 that a workbook keeps
_BY_NUMBER = re.compile(r"field[0-9]+")  # what a column without a name is called
_SHOWN = 5  # values that a comment quotes
_SAID = 300  # characters of a list of values
_LONG = 40  # characters of a value that a comment quotes


def hints(one: Inferred, language: Language, known: Known | None, references: Sequence[Text]) -> list[str]:
    """The comments on a column, one line each."""
    told = _BESIDE_A_KIND if known is not None or references else _HINTS
    said = [*([] if known is None else _kind(known)), *(hint for tell in told for hint in tell(one))]
    return [on_one_line(text.within(language)) for text in (*said, *references)]


def hints_on_rows(rows: Rows, headers: Sequence[int], language: Language, *, skips: bool) -> list[str]:
    """The comments on a table's rows, one line each: above the header, blank rows, rows of another width, totals.

    `skips` says whether the draft has blank rows passed over.
    """
    said = (
        *_above(headers[0] - 1),
        *_blank(rows, skips=skips),
        *_ragged(rows),
        *(hint for one in rows.closing for hint in _end(one)),
    )
    return [on_one_line(text.within(language)) for text in said]


def _above(count: int) -> Iterator[Text]:
    if count > 0:
        yield Text(
            f"表头上面还有 {count} 行，不读入。其中的标题、说明请写进 title、description 或 caveats。",
            f"{_many(count, 'row')} above the header {'is' if count == 1 else 'are'} not read. "
            "What they say belongs under title, description or caveats.",
        )


def _blank(rows: Rows, *, skips: bool) -> Iterator[Text]:
    if not rows.blank:
        return
    shown, more = ", ".join(f"{row:,}" for row in rows.first_blank), rows.blank > len(rows.first_blank)
    zh = f"有 {rows.blank:,} 行是空的：第 {shown.replace(', ', '、')} 行{'等' if more else ''}。"
    en = f"{_many(rows.blank, 'row')} {'is' if rows.blank == 1 else 'are'} blank: {shown}{' ...' if more else '.'}"
    if skips:
        yield Text(
            f"{zh}下面的 skipBlankRows 让检查跳过空行；最好从文件中删去。",
            f"{en} skipBlankRows below has them passed over; better delete them from the file.",
        )
    else:
        yield Text(f"{zh}检查会报错，请从文件中删去。", f"{en} They fail the check: delete them from the file.")


def _ragged(rows: Rows) -> Iterator[Text]:
    """Rows of another width, but for totals and remarks, of which more is said."""
    closing = {one.row for one in rows.closing}
    ended = sum(len(cells) < rows.width for number, cells in rows.tail if number in closing)
    short = Widths(rows.short.count - ended, [one for one in rows.short.first if one[0] not in closing])
    for one, zh, en in ((short, "少", "too short"), (rows.long, "多", "too long")):
        if one.count > 0:
            yield Text(
                f"有 {one.count:,} 行的单元格比表头（{rows.width:,} 格）{zh}：{_widths(one, zh=True)}"
                "检查会报错，请在文件中改好。",
                f"{_many(one.count, 'row')} {'is' if one.count == 1 else 'are'} {en} for "
                f"{_many(rows.width, 'column')}: {_widths(one, zh=False)} The check refuses that: mend the file.",
            )


def _widths(one: Widths, *, zh: bool) -> str:
    more = one.count > len(one.first)
    if zh:
        return "、".join(f"第 {row:,} 行有 {cells:,} 格" for row, cells in one.first) + ("等。" if more else "。")
    shown = ", ".join(f"row {row:,} has {_many(cells, 'cell')}" for row, cells in one.first)
    return f"{shown}{' ...' if more else '.'}"


def _orders(one: Inferred) -> Iterator[Text]:
    """Days of both orders: no format reads them all, and those up to the 12th may be either."""
    if not one.orders:
        return
    told = [(order.layout, order.proof.count, *_listed(order.proof)) for order in one.orders]
    zh = "；".join(f"{layout} 的 {count:,} 个（{rows.removesuffix('。')}）" for layout, count, rows, _ in told)
    en = "; ".join(
        f"{count:,} by {layout} ({rows if rows.endswith('...') else rows[:-1]})" for layout, count, _, rows in told
    )
    left = one.filled - sum(order.proof.count for order in one.orders)
    yield Text(
        f"TODO：日和月有两种写法：{zh}。其余 {left:,} 个不能判断。请在文件中统一。",
        f"TODO: day and month stand in both orders: {en}. The other {left:,} do not tell. Make them one in the file.",
    )


def _end(one: Closing) -> Iterator[Text]:
    words = say_from(CAUSES, one.code, row=str(one.row), cell=_short(one.cell))
    stop = "" if words.message.zh.endswith("。") else "。"
    yield Text(
        f"{words.message.zh}{stop}{words.remedy.zh}然后请再运行一次 civicat describe。",
        f"{words.message.en} {words.remedy.en} Then describe the file again.",
    )


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _kind(known: Known) -> Iterator[Text]:
    identifier = known.identifier
    if known.wrong.count:
        zh, en = _listed(known.wrong)
        yield Text(
            f"有 {known.wrong.count:,} 个值不合格，检查会报错：{zh}", f"{known.wrong.count:,} fail the check: {en}"
        )
    if identifier.personal:
        yield Text(
            f"看来是{identifier.title.zh}，属于或可能属于个人信息。能否公开须由人决定。",
            f"Looks like: {identifier.title.en}. It names persons, or may: whether to publish it is for people to say.",
        )
    else:
        yield Text(
            f"看来是{identifier.title.zh}，每个值都会受检。",
            f"Looks like: {identifier.title.en}. Each value is checked.",
        )


def _unfit(one: Inferred) -> Iterator[Text]:
    """The values that the proposed type does not fit; they fail the check until they are mended."""
    if one.unfit.count:
        zh, en = _listed(one.unfit)
        yield Text(
            f"{one.filled:,} 个值中有 {one.unfit.count:,} 个不是这种类型，检查会报错：{zh}",
            f"Of {one.filled:,} values, those that do not fit this type fail the check ({one.unfit.count:,}): {en}",
        )


def _shortened(one: Inferred) -> Iterator[Text]:
    """Codes whose last digits are gone: no check can find them in the file any more."""
    if one.shortened.count:
        zh, en = _listed(one.shortened)
        yield Text(
            f"有 {one.shortened.count:,} 个值像是被 Excel 缩短的长编号：{zh}后面的数字已经丢失，请找原始数据。",
            f"Long codes that Excel shortened, by their looks ({_many(one.shortened.count, 'value')}): {en} "
            "The last digits are lost: get the original.",
        )
    elif one.typed and one.type in {"integer", "number"} and max(one.highest, -one.lowest) >= _MOST_DIGITS:
        yield Text(
            "有超过 15 位的数字。工作簿只保留 15 位；若是编号，后面的数字已经丢失，请找原始数据，并把这一列存成文本。",
            "There are numbers of more than 15 digits, of which a workbook keeps 15. If they are codes, their last "
            "digits are lost: get the original, with the column as text.",
        )


def _accounted(one: Inferred) -> Iterator[Text]:
    if one.accounted.count:
        zh, en = _listed(one.accounted)
        yield Text(
            f"其余都是数字，只有 {one.accounted.count:,} 个值是会计上的负数写法：{zh}"
            "改成 -1234 的写法，这一列就能作数字；现在按文本。",
            f"Numbers, but for {_many(one.accounted.count, 'negative')} as accountants write them: {en} "
            "Write -1234, and the column can be one of numbers; as it stands, it is text.",
        )


def _signed(one: Inferred) -> Iterator[Text]:
    if one.sign:
        yield Text(
            f"每个值都带“{one.sign}”。bareNumber: false 让检查不读这个符号，单位写在 unit。",
            f"Each value bears “{one.sign}”. With bareNumber: false it is read without; unit says what it means.",
        )


def _listed(forms: Forms) -> tuple[str, str]:
    """The first few values with their rows, in both languages."""
    few = [(row, _short(text)) for row, text in forms.first[:_SHOWN]]
    zh = "、".join(f"第 {row} 行“{text}”" if row else f"“{text}”" for row, text in few)
    en = ", ".join(f"row {row} “{text}”" if row else f"“{text}”" for row, text in few)
    more = forms.count > len(few)
    return f"{zh}{'等' if more else ''}。", f"{en}{' ...' if more else '.'}"


def _perhaps_missing(one: Inferred) -> Iterator[Text]:
    if one.perhaps_missing:
        zh = "、".join(f"“{word}”（{count:,} 次）" for word, count in one.perhaps_missing.items())
        en = ", ".join(f"“{word}” ({count:,})" for word, count in one.perhaps_missing.items())
        words = ", ".join(f'"{word}"' for word in ("", *one.missing, *one.perhaps_missing))
        yield Text(
            f"有{zh}。如果表示没有值，请写 missingValues: [{words}]。",
            f"Holds {en}. If that stands for no value: missingValues: [{words}].",
        )


def _unnamed(one: Inferred) -> Iterator[Text]:
    """A column whose cell in the header is empty is called by its number; the check asks for a name."""
    if _BY_NUMBER.fullmatch(one.name) and one.filled:
        yield Text(
            "若表头这一格是空的：请在文件的表头写上列名，再改这里的 name。",
            "If its cell in the header is empty: write a name there, in the file, and change name here.",
        )
    elif _BY_NUMBER.fullmatch(one.name):
        yield Text(
            "若表头这一格是空的：这一列没有名称也没有值，请从文件中删去，再删去这里的几行。",
            "If its cell in the header is empty, the column has neither name nor value: delete it from the file, "
            "and these lines here.",
        )


def _empty(one: Inferred) -> Iterator[Text]:
    if not one.filled and not _BY_NUMBER.fullmatch(one.name):
        yield Text("全列没有值，类型无从得知。", "No cell holds a value, so the type cannot be known.")


def _labels(one: Inferred) -> Iterator[Text]:
    if alike := _alike(one.labels):
        first, second = alike
        yield Text(
            f"“{first}”和“{second}”只差在空格、全角半角或大小写，大概是同一个值。请在文件中统一。",
            f"“{first}” and “{second}” differ in blanks, width or letter case alone, and may mean the same: "
            "mend the file.",
        )
        return
    listed = ", ".join(_quoted(label) for label in one.labels)
    if one.labels and len(listed) <= _SAID:
        yield Text(
            f"只有 {len(one.labels)} 种值，每种都多次出现。如果不许有别的值，请写 constraints: {{enum: [{listed}]}}。",
            f"Holds only {len(one.labels)} different values, each many times. To allow no other: "
            f"constraints: {{enum: [{listed}]}}.",
        )


def _alike(labels: Iterable[str]) -> tuple[str, str] | None:
    """Two labels that a reader would take for the same."""
    seen: dict[str, str] = {}
    for label in labels:
        plain = "".join(unicodedata.normalize("NFKC", label).casefold().split())
        if plain in seen:
            return seen[plain], label
        seen[plain] = label
    return None


def _is_counted(one: Inferred) -> bool:
    """Whether the span of a column's numbers says something: that of codes, or of one number alone, does not."""
    is_code = one.type == "integer" and (one.unique or is_called_code(one.name))
    return one.type in {"integer", "number"} and one.lowest < one.highest and not is_code


def _span(one: Inferred) -> Iterator[Text]:
    if _is_counted(one):
        low, high = _number(one.lowest), _number(one.highest)
        rule = _number(0) if one.lowest >= 0 else low
        yield Text(
            f"从 {low} 到 {high}，这是文件的现状，不是规则。如果有界限，请写 constraints，例如 {{minimum: {rule}}}。",
            f"From {low} to {high}: what the file shows, not a rule. Where there is one, say it: "
            f"constraints: {{minimum: {rule}}}.",
        )
    if one.type == "integer" and (one.lowest, one.highest) == (0, 1):
        yield Text(
            "只有 0 和 1。如果表示否和是，请把类型写成 boolean。",
            "Only 0 and 1. If they mean no and yes: type: boolean.",
        )


def _decimals(one: Inferred) -> Iterator[Text]:
    if one.type == "number" and one.decimals is not None and one.decimals[0] < one.decimals[1]:
        most = one.decimals[1]
        yield Text(
            f"最多 {most} 位小数。要精确保存，请写 civicat: {{scale: {most}}}。",
            f"At most {most} decimal{'s' if most > 1 else ''}. To keep them exactly: civicat: {{scale: {most}}}.",
        )


_Hints: TypeAlias = tuple[Callable[[Inferred], Iterator[Text]], ...]
_BESIDE_A_KIND: _Hints = (_unfit, _orders, _shortened, _perhaps_missing, _decimals)
_HINTS: _Hints = (
    *(_unfit, _orders, _shortened, _accounted, _signed, _perhaps_missing, _unnamed, _empty, _labels, _span, _decimals),
)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.15g}"


def _quoted(label: str) -> str:
    plain = label.isalpha() and label.isascii() and label.casefold() not in _WORDS
    return label if plain else '"' + label.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def on_one_line(text: str) -> str:
    """A comment is one line of characters that any YAML reader takes."""
    return "".join(one if one.isprintable() else " " for one in text)


_WORDS: Mapping[str, None] = dict.fromkeys(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
