"""What conversion.json says of a release: for each column, that typing its texts lost nothing, or what it changed.

The texts compared are the cells as they were read: decoded, and without the quotes that a delimited file puts around
them. docs/conversion.md lists the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import pyarrow as pa

from civicat.conversion import RULES, ColumnConversion, Rewrite
from civicat.dataset import Resource
from civicat.publish.geometry import released_text
from civicat.text import Text

_LONGEST = 120  # characters of an example
_NOT_TAKEN = Text(
    "文件里的行已在线上，这次没有转换；转换证明见最初加入它们的版本。",
    "The rows of the file were online already, and none was converted: the release that brought them has their proof.",
)


class ConvertedTable(Protocol):
    """A checked resource, and what became of the texts of its columns."""

    @property
    def resource(self) -> Resource:
        """What the table is, and its schema."""

    @property
    def conversion(self) -> tuple[ColumnConversion, ...]:
        """Each column's way from text to value and back."""

    @property
    def taken(self) -> bool:
        """Whether the file was taken: one whose rows are online already is not."""


def completed(
    columns: Iterable[ColumnConversion], respelled: Mapping[str, Rewrite], types: pa.Schema
) -> tuple[ColumnConversion, ...]:
    """The proof of a table with what became of its shapes when they were stored: `respelled` tells of those columns.

    `types` are those of the release. Where only some texts of a column were rewritten before, nobody knows whether
    these are the same cells: then no more are called identical than are for certain.
    """
    return tuple(
        _completed(one, respelled[one.field], str(types.field(one.field).type)) if one.field in respelled else one
        for one in columns
    )


def _completed(column: ColumnConversion, respelled: Rewrite, kind: str) -> ColumnConversion:
    spelled = tuple(replace(one, spelled=released_text(one.spelled)) for one in column.rewrites)
    stored = replace(column, type=kind, rewrites=spelled)
    if not respelled.cells:
        return stored
    before = next((one for one in spelled if one.rule == respelled.rule), None)
    held = column.cells - column.missing
    cells = min(respelled.cells + (before.cells if before else 0), held)
    example = before or Rewrite(respelled.rule, 0, _short(respelled.source), _short(respelled.spelled))
    rewrites = {one.rule: one for one in spelled} | {respelled.rule: replace(example, cells=cells)}
    return replace(
        stored,
        identical=max(column.identical - respelled.cells, 0),
        at_least=0 < column.identical < held and respelled.cells < held,
        rewrites=tuple(rewrites[code] for code in RULES if code in rewrites),
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def conversion_texts(tables: Iterable[ConvertedTable]) -> dict[str, object]:
    """The proof of all tables as plain JSON, resource by resource and field by field, in their order."""
    return {"resources": [_resource(one) for one in tables]}


def _resource(table: ConvertedTable) -> dict[str, object]:
    return {
        "name": table.resource.name,
        "lossless": all(one.lossless for one in table.conversion),
        "fields": [_field(one) for one in table.conversion],
        **({} if table.taken else {"sentence": {"zh": _NOT_TAKEN.zh, "en": _NOT_TAKEN.en}}),
    }


def _field(column: ColumnConversion) -> dict[str, object]:
    example = None if column.example is None else _example(*column.example)
    words = sentence(column)
    return {
        "name": column.field,
        "type": column.type,
        "cells": column.cells,
        "missing": column.missing,
        "missingTexts": [{"text": text, "cells": cells} for text, cells in column.missing_texts],
        "identical": column.identical,
        **({"identicalAtLeast": True} if column.at_least else {}),
        "native": column.native,
        "rewrites": [_rewrite(one) for one in column.rewrites],
        "unexplained": column.unexplained,
        "example": example,
        "lossless": column.lossless,
        "sentence": {"zh": words.zh, "en": words.en},
    }


def _rewrite(one: Rewrite) -> dict[str, object]:
    return {
        "rule": one.rule,
        "cells": one.cells,
        "example": _example(one.source, one.spelled),
        "loses": RULES[one.rule].loses,
    }


def _example(source: str, spelled: str) -> dict[str, str]:
    return {"source": source, "spelled": spelled}


# ---- in words --------------------------------------------------------------------------------------------------------


def sentence(column: ColumnConversion) -> Text:
    """What became of a column, in words: what was lost first, then what was normalised."""
    parts = [*_outcome(column), *_lost(column), *_normalised(column), *_gaps(column)]
    return Text("".join(one.zh for one in parts), " ".join(one.en for one in parts))


def _outcome(column: ColumnConversion) -> Iterator[Text]:
    held = column.cells - column.missing
    if not held:
        yield Text("这一列没有值。", "The column holds no value.")
    elif column.native == held:
        yield Text(
            "文件里存的就是值，不是文字，无需转换。" if column.identical == held else "文件里存的是值，不是文字。",
            "The file holds values, not texts: nothing had to be converted."
            if column.identical == held
            else "The file holds values, not texts.",
        )
    elif column.identical == held:
        yield _all_alike(held)
    else:
        zh, en = ("至少", "at least ") if column.at_least else ("", "")
        yield Text(
            f"{held:,} 个值中{zh}有 {column.identical:,} 个原样还原。",
            f"Of {held:,} {_plural(held, 'value')}, {en}{column.identical:,} came back as written.",
        )


def _all_alike(held: int) -> Text:
    if held == 1:
        return Text("唯一的值原样还原。", "The one value came back as written.")
    return Text(f"{held:,} 个值全部原样还原。", f"All {held:,} values came back as written.")


def _lost(column: ColumnConversion) -> Iterator[Text]:
    """What cannot be had back from the values."""
    if column.unexplained:
        source, spelled = column.example or ("", "")
        yield Text(
            f"有 {column.unexplained:,} 个值变了样，没有规则能说明原因，例如“{source}”变为“{spelled}”。",
            f"{column.unexplained:,} came back as another text, and no rule says why: “{source}” became “{spelled}”.",
        )
    losing = [one for one in column.rewrites if RULES[one.rule].loses]
    if losing:
        yield Text(f"有所丢失：{_listed_zh(losing)}。", f"Lost: {_listed_en(losing)}.")


def _normalised(column: ColumnConversion) -> Iterator[Text]:
    kept = [one for one in column.rewrites if not RULES[one.rule].loses]
    if kept:
        yield Text(
            f"统一了写法，没有丢失：{_listed_zh(kept)}。", f"Spelled anew, with nothing lost: {_listed_en(kept)}."
        )


def _gaps(column: ColumnConversion) -> Iterator[Text]:
    words = [text for text, _ in column.missing_texts if text]
    if not column.missing or (column.missing == column.cells and not words):
        return
    zh = f"（写作{'、'.join(f'“{one}”' for one in words)}）" if words else ""
    en = f" (written {', '.join(f'“{one}”' for one in words)})" if words else ""
    verb = "holds" if column.missing == 1 else "hold"
    yield Text(
        f"{column.missing:,} 个单元格没有值{zh}。",
        f"{column.missing:,} {_plural(column.missing, 'cell')} {verb} no value{en}.",
    )


def _listed_zh(rewrites: Sequence[Rewrite]) -> str:
    return "；".join(
        f"{RULES[one.rule].words.zh}（{one.cells:,} 处，“{one.source}”写作“{one.spelled}”）" for one in rewrites
    )


def _listed_en(rewrites: Sequence[Rewrite]) -> str:
    return "; ".join(
        f"{RULES[one.rule].words.en} ({one.cells:,} {_plural(one.cells, 'cell')}, “{one.source}” is “{one.spelled}”)"
        for one in rewrites
    )


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"
