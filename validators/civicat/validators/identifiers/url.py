"""Web addresses (RFC 3986, and RFC 3987 for characters beyond ASCII)."""

from __future__ import annotations

import re

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import of_form
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import SPACE_INSIDE, like, matching

_LABEL = r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?)"
_HOST = rf"(?:(?:{_LABEL}\.)+(?:{_LABEL})\.?|localhost|\[[0-9a-fA-F:.]+\])"
_FORM = re.compile(rf"https?://{_HOST}(?::\d{{1,5}})?(?:[/?#][^\s\"<>\\^`{{|}}]*)?", re.IGNORECASE)
_DUE = Text("https://www.example.org/page", "https://www.example.org/page")
_SCHEME = Text("请补上开头的 https:// 或 http://", "write the https:// or http:// in front of it")


def _check(text: str) -> Text | None:
    if "://" not in text and _FORM.fullmatch(f"https://{text}"):
        return _SCHEME
    return matching(text, _FORM, _DUE)


URL = Identifier(
    name="url",
    title=Text("网址", "web address"),
    description=Text(
        "完整的网址，以 https:// 或 http:// 开头，可含中文。检查写法。不查网页是否打得开。",
        "A whole address that begins with https:// or http://, in any script. Checked: the form. Not checked: "
        "whether a page answers there.",
    ),
    standard="RFC 3986, RFC 3987",
    valid=("https://www.stats.gov.cn/", "http://example.org/a?b=c#d", "https://例子.中国/数据"),
    invalid=(
        ("www.stats.gov.cn", _SCHEME),
        ("https://www.stats.gov.cn/a b", SPACE_INSIDE),
        (
            "ftp://example.org/",
            like(_DUE),
        ),
        (
            "https://example",
            like(_DUE),
        ),
    ),
    check=_check,
    telling=True,
    sure=of_form(r"https?://(?:[a-z0-9]{1,40}\.){1,4}[a-z0-9]{1,40}(?:/[A-Za-z0-9_./?=&#%-]*)?"),
)
