"""DOI, the digital object identifier (ISO 26324)."""

from __future__ import annotations

import re

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import of_form
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import SPACE_INSIDE, like, matching

_FORM = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)(?=10\.)", re.IGNORECASE)
_DUE = Text("10.1038/171737a0", "10.1038/171737a0")
_BARE = Text("请从 10. 写起，去掉前面的网址或“doi:”", "begin with 10., without the address or “doi:” in front")


def _rewritten(text: str) -> str:
    return _PREFIX.sub("", text)


def _check(text: str) -> Text | None:
    return _BARE if _PREFIX.match(text) else matching(text, _FORM, _DUE)


DOI = Identifier(
    name="doi",
    title=Text("数字对象标识符（DOI）", "DOI"),
    description=Text(
        "从 10. 写起，不写网址。检查写法。不查是否已登记。",
        "Begins with 10., without an address in front. Checked: the form. Not checked: whether it is registered.",
    ),
    standard="ISO 26324",
    valid=("10.1038/171737a0", "10.1103/PhysRev.47.777"),
    invalid=(
        ("https://doi.org/10.1038/171737a0", _BARE),
        ("doi:10.1038/171737a0", _BARE),
        ("10.1038", like(_DUE)),
        ("10.1038/ 171737a0", SPACE_INSIDE),
    ),
    check=_check,
    telling=True,
    rewrite=_rewritten,
    sure=of_form(r"10\.[0-9]{4,9}/[!-~]+"),
)
