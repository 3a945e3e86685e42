"""What the known licences allow, ask for and leave out, in a few words each; never in place of the licence itself.

A short account of each licence; its text, at the address beside it, is what counts. A licence that is not here is shown
by its name and address alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from civicat.dataset import Licence
from civicat.text import Text

FREELY = Text("自由使用", "Use it freely")
NAMING = Text("注明来源即可使用", "Use it, name the source")
ALIKE = Text("注明来源，以相同方式共享", "Use it, name the source, share alike")
TERMS = Text("按条款使用", "Use it on its terms")


@dataclass(frozen=True, slots=True)
class Terms:
    """One licence: in short, what you may do, must do, and what it leaves out; `source` is where that is written."""

    short: Text
    may: tuple[Text, ...]
    must: tuple[Text, ...]
    limits: tuple[Text, ...]
    source: str


_COPY = Text("复制和传播", "Copy it and pass it on")
_CHANGE = Text("修改，与其他数据合并", "Change it, and combine it with other data")
_SELL = Text("用于商业", "Use it in business")
_EVERYTHING = (_COPY, _CHANGE, _SELL)
_NAME = Text("注明来源和许可，并附许可的链接", "Name the source and the licence, with a link to it")
_SAY_CHANGES = Text("说明做了哪些修改", "Say what you changed")
_SAME = Text("修改后的作品以相同的许可发布", "Publish what you make of it under the same licence")
_NOTICE = Text("保留版权声明和许可全文", "Keep the copyright notice and the text of the licence")
_AS_IS = Text("按现状提供，不作担保", "It comes as it is, without warranty")
_NO_ENDORSEMENT = Text("不得暗示发布方为您背书", "Do not suggest that the publisher endorses you")
_NO_LOCKS = Text("不得附加限制他人的条款或技术措施", "Add no terms or technical locks that restrict others")
_OTHER_RIGHTS = Text(
    "商标权、专利权和个人权利不在许可之内", "Trade marks, patents and personal rights are not licensed"
)
_ELSEWHERE = Text("其他国家的法律可能不同", "The law of other countries may differ")

_CC = "https://creativecommons.org"
_ODC = "https://opendatacommons.org/licenses"
_CC_LIMITS = (_NO_LOCKS, _NO_ENDORSEMENT, _AS_IS)
_PUBLIC = Terms(FREELY, _EVERYTHING, (), (_ELSEWHERE,), "https://opendefinition.org/guide/data/")
_PERMISSIVE = Terms(NAMING, _EVERYTHING, (_NOTICE,), (_AS_IS,), "https://opensource.org/license/mit")

KNOWN: Mapping[str, Terms] = {
    "CC0-1.0": Terms(FREELY, _EVERYTHING, (), (_OTHER_RIGHTS, _AS_IS), f"{_CC}/publicdomain/zero/1.0/"),
    "PDDL-1.0": Terms(FREELY, _EVERYTHING, (), (_OTHER_RIGHTS, _AS_IS), f"{_ODC}/pddl/1-0/"),
    **dict.fromkeys(("other-pd", "public-domain"), _PUBLIC),
    "US-PD": Terms(FREELY, _EVERYTHING, (), (_NO_ENDORSEMENT, _ELSEWHERE), "https://www.usa.gov/government-copyright"),
    "Unlicense": Terms(FREELY, _EVERYTHING, (), (_AS_IS,), "https://unlicense.org"),
    "WTFPL": Terms(FREELY, _EVERYTHING, (), (), "http://www.wtfpl.net/about/"),
    **{
        f"CC-BY-{version}": Terms(
            NAMING, _EVERYTHING, (_NAME, _SAY_CHANGES), _CC_LIMITS, f"{_CC}/licenses/by/{version}/"
        )
        for version in ("3.0", "4.0")
    },
    **{
        f"CC-BY-SA-{version}": Terms(
            ALIKE, _EVERYTHING, (_NAME, _SAY_CHANGES, _SAME), _CC_LIMITS, f"{_CC}/licenses/by-sa/{version}/"
        )
        for version in ("3.0", "4.0")
    },
    "ODC-By-1.0": Terms(NAMING, _EVERYTHING, (_NAME,), (_OTHER_RIGHTS, _AS_IS), f"{_ODC}/by/1-0/"),
    "ODbL-1.0": Terms(ALIKE, _EVERYTHING, (_NAME, _SAME), (_NO_LOCKS, _AS_IS), f"{_ODC}/odbl/1-0/"),
    "OGL-UK-3.0": Terms(
        NAMING,
        _EVERYTHING,
        (_NAME,),
        (
            Text("不含个人信息、徽标和第三方权利", "Personal data, logos and rights of others are not covered"),
            _NO_ENDORSEMENT,
        ),
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    ),
    "etalab-2.0": Terms(
        NAMING,
        _EVERYTHING,
        (Text("注明来源和最后更新日期", "Name the source and the day of its last update"),),
        (_NO_ENDORSEMENT, _AS_IS),
        "https://github.com/etalab/licence-ouverte/blob/master/LO.md",
    ),
    **dict.fromkeys(("MIT", "ISC", "BSD-2-Clause"), _PERMISSIVE),
    "BSD-3-Clause": Terms(
        NAMING, _EVERYTHING, (_NOTICE,), (_NO_ENDORSEMENT, _AS_IS), "https://opensource.org/license/bsd-3-clause"
    ),
    "Apache-2.0": Terms(
        NAMING,
        _EVERYTHING,
        (_NOTICE, _SAY_CHANGES),
        (Text("不含商标权", "Trade marks are not licensed"), _AS_IS),
        "https://www.apache.org/licenses/LICENSE-2.0",
    ),
}


def permission(licences: Iterable[Licence]) -> Text:
    """What all licences together allow, in a few words; the terms themselves are one click away."""
    said = {KNOWN[licence.name].short if licence.name in KNOWN else TERMS for licence in licences}
    return said.pop() if len(said) == 1 else TERMS


def terms_of(licences: Iterable[Licence]) -> tuple[tuple[Licence, Terms | None], ...]:
    """Each licence with what is known of it."""
    return tuple((licence, KNOWN.get(licence.name)) for licence in licences)
