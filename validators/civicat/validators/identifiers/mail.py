"""E-mail addresses (RFC 5321, RFC 6531)."""

from __future__ import annotations

import re

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import of_form
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import SPACE_INSIDE, like, matching

_LONGEST, _LONGEST_LOCAL = 254, 64  # RFC 5321, 4.5.3.1
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LABEL = r"[^\W_](?:[^\W_]|-){0,61}[^\W_]|[^\W_]"
_FORM = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?:(?:{_LABEL})\.)+(?:(?!\d+\Z)(?:{_LABEL}))")
_DUE = Text("name@example.org", "name@example.org")
_TOO_LONG = Text("太长了", "it is too long")


def _check(text: str) -> Text | None:
    if why := matching(text, _FORM, _DUE):
        return why
    return _TOO_LONG if len(text) > _LONGEST or text.index("@") > _LONGEST_LOCAL else None


EMAIL = Identifier(
    name="email",
    title=Text("电子邮件地址", "e-mail address"),
    description=Text(
        "一个地址，不带姓名和尖括号；域名要写全，可以用中文。检查写法。不查信箱是否存在。公布单位的地址，"
        "不要公布个人的。",
        "One address, without a name and brackets; the whole domain, in any script. Checked: the form. Not "
        "checked: whether there is such a mailbox. Publish the address of a desk rather than of a person.",
    ),
    standard="RFC 5321, RFC 6531",
    valid=("name@example.org", "open-data@stats.example.cn", "用户@例子.中国"),
    invalid=(
        ("name@example", like(_DUE)),
        ("name example.org", SPACE_INSIDE),
        ("Name<name@example.org>", like(_DUE)),
        ("name@@example.org", like(_DUE)),
        ("name＠example.org", Text("“＠”是全角字符，应写作“@”", "“＠” is a full-width character: write “@”")),
    ),
    check=_check,
    personal=True,
    telling=True,
    sure=of_form(r"[A-Za-z0-9_+-]{1,20}(?:\.[A-Za-z0-9_+-]{1,20}){0,2}@(?:[a-z0-9]{1,40}\.){1,3}[a-z]{2,20}"),
)
