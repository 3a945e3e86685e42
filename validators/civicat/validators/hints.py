"""What a file shows of a column and nobody has decided: comments beside its field in a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from civicat.text import Language, Text
from civicat.validators.inference import Inferred
from civicat.validators.semantics import Known
from civicat.validators.tallies import Forms

_SHOWN = 5  # values that a comment quotes
_SAID = 300  # characters of a list of values
_LONG = 40  # characters of a value that a comment quotes


def hints(one: Inferred, language: Language, known: Known | None, references: Sequence[Text]) -> list[str]:
    """The comments on a column, one line each."""
    told = _BESIDE_A_KIND if known is not None or references else _HINTS
    said = [*([] if known is None else _kind(known)), *(hint for tell in told for hint in tell(one))]
    return [_line(text.within(language)) for text in (*said, *references)]


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
            f"{one.unfit.count:,} of {one.filled:,} values do not fit this type, and fail the check: {en}",
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


def _empty(one: Inferred) -> Iterator[Text]:
    if not one.filled:
        yield Text("全列没有值，类型无从得知。", "No cell holds a value, so the type cannot be known.")


def _labels(one: Inferred) -> Iterator[Text]:
    listed = ", ".join(_quoted(label) for label in one.labels)
    if one.labels and len(listed) <= _SAID:
        yield Text(
            f"只有 {len(one.labels)} 种值，每种都多次出现。如果不许有别的值，请写 constraints: {{enum: [{listed}]}}。",
            f"Holds only {len(one.labels)} different values, each many times. To allow no other: "
            f"constraints: {{enum: [{listed}]}}.",
        )


def _span(one: Inferred) -> Iterator[Text]:
    if one.type in {"integer", "number"} and one.lowest <= one.highest and not (one.unique and one.type == "integer"):
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
_BESIDE_A_KIND: _Hints = (_unfit, _perhaps_missing, _decimals)
_HINTS: _Hints = (_unfit, _perhaps_missing, _empty, _labels, _span, _decimals)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.15g}"


def _quoted(label: str) -> str:
    plain = label.isalpha() and label.isascii() and label.casefold() not in _WORDS
    return label if plain else '"' + label.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _line(text: str) -> str:
    """A comment is one line of characters that any YAML reader takes."""
    return "".join(one if one.isprintable() else " " for one in text)


_WORDS: Mapping[str, None] = dict.fromkeys(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
