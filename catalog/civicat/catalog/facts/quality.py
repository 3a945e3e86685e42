"""The quality of a release, point by point: what is there for whoever uses it, what is missing, and what to do.

What the house profile asks of every dataset (docs/descriptor.md) is no point here: without it nothing is published.
A point that a dataset has no use for, such as labels where there are no codes, is held. Lateness is none either: it
changes from day to day, and a release does not (freshness.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from civicat.catalog.facts import release_facts
from civicat.dataset import Field
from civicat.release import Release, Table
from civicat.text import Text

Whose = Literal["department", "publisher"]

LEVELS: Mapping[str, Text] = {
    "full": Text("全部要点", "Every point"),
    "most": Text("多数要点", "Most points"),
    "some": Text("部分要点", "Some points"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One point: `held` or missing; `what` says what it is, `todo` what can be done about it, and `whose` by whom.

    `missing` names what it is missing of, such as columns. The publisher is whoever runs the site.
    """

    code: str
    name: Text
    what: Text
    held: bool
    todo: Text
    missing: tuple[str, ...] = ()
    whose: Whose = "department"


@dataclass(frozen=True, slots=True)
class Quality:
    """The points of a release, in their order."""

    points: tuple[Point, ...]

    def lacking(self, whose: Whose) -> tuple[Point, ...]:
        """The points that are missing, of those that the department or the publisher can mend."""
        return tuple(point for point in self.points if not point.held and point.whose == whose)

    @property
    def held(self) -> int:
        """How many of the points are held."""
        return sum(point.held for point in self.points)


@dataclass(frozen=True, slots=True)
class _Rule:
    """How one point is looked for: `missing` names what lacks it; None where it is the dataset as a whole."""

    code: str
    name: Text
    what: Text
    todo: Text
    missing: Callable[[Release], tuple[str, ...] | None]
    whose: Whose = "department"


def _columns(release: Release) -> Iterator[tuple[str, Field]]:
    """The columns that a department wrote, each with the name that it has among all tables."""
    many = len(release.tables) > 1
    for table in release.tables:
        for field in table.resource.schema.fields:
            if not field.generated:
                yield f"{table.resource.name}.{field.name}" if many else field.name, field


def _lacking(held: Callable[[Field], object]) -> Callable[[Release], tuple[str, ...] | None]:
    """The columns that lack something."""
    return lambda release: tuple(name for name, field in _columns(release) if not held(field))


def _whole(held: Callable[[Release], object]) -> Callable[[Release], tuple[str, ...] | None]:
    """What a dataset has or lacks as one."""
    return lambda release: () if held(release) else None


def _are_labelled(field: Field) -> bool:
    listed = field.constraints.get("enum")
    values = [*(map(str, listed) if isinstance(listed, list) else ()), *field.categories]
    return not any(field.categories.get(value, Text()).missing() for value in values)


def _without_key(release: Release) -> tuple[str, ...]:
    return tuple(table.resource.name for table in release.tables if not _has_key(table))


def _has_key(table: Table) -> bool:
    """Whether its department says what tells two rows apart; a number that publishing added says nothing."""
    schema = table.resource.schema
    named = [schema.field(name) for name in schema.primary_key]
    return bool(named) and not any(field is None or field.generated for field in named)


def _joins(release: Release) -> bool:
    keys = (key for table in release.tables for key in table.resource.schema.foreign_keys)
    return any(key.dataset for key in keys)


def _names_codes(release: Release) -> bool:
    return any(field.identifier for _, field in _columns(release))


def _has_column_caveats(release: Release) -> bool:
    return any(field.caveats for _, field in _columns(release))


def _is_covered(release: Release) -> bool:
    place, period = release.dataset.place, release.dataset.period
    return bool(place and (place.title or place.box) and period and (period.begins or period.ends))


def _lossy(release: Release) -> tuple[str, ...] | None:
    """The tables in which typing lost something; None where no proof was kept that it did not."""
    found = release_facts.conversions(release)
    names = [table.resource.name for table in release.tables]
    if not set(names) <= set(found):
        return None
    return tuple(name for name in names if not found[name].lossless)


def _can_be_reached(release: Release) -> bool:
    steward, contact = release.dataset.steward, release.department.contact
    return bool((steward and steward.email) or contact.email or contact.phone)


def _unaddressed(release: Release) -> tuple[str, ...] | None:
    sources = release.dataset.sources
    return tuple(source.title for source in sources if not source.path) if sources else None


def _is_signed(release: Release) -> bool:
    proof = release_facts.proof(release)
    return bool(proof and proof.key)


def _is_remarked(release: Release) -> bool:
    return any(release_facts.remarks(release))


_RULES: tuple[_Rule, ...] = (
    _Rule(
        "key",
        Text("主键", "A key"),
        Text("每张表都说明哪些字段能区分各行。", "Each table says which columns tell its rows apart."),
        Text("在 primaryKey 中写明这些字段。", "Name these columns in primaryKey."),
        _without_key,
    ),
    _Rule(
        "rules",
        Text("每个字段有取值要求", "Rules for every column"),
        Text(
            "每个字段都写明什么值不对，错值不会被发布。",
            "Each column says which values are wrong, so that none is published.",
        ),
        Text(
            "在 constraints 中写明 required、minimum、maximum、pattern 或 enum。",
            "Write required, minimum, maximum, pattern or enum in constraints.",
        ),
        _lacking(lambda field: field.constraints or field.identifier or field.categories),
    ),
    _Rule(
        "labels",
        Text("代码有中英文标签", "Codes have labels"),
        Text("每个代码值都有中文和英文的含义。", "Each value of a code says what it means, in Chinese and English."),
        Text("在 categories 中补上每个值的标签。", "Write a label for each value in categories."),
        _lacking(_are_labelled),
    ),
    _Rule(
        "identifiers",
        Text("采用标准代码", "Codes of a standard"),
        Text(
            "至少一个字段使用公认的代码（如行政区划代码、统一社会信用代码），并逐个核对。",
            "At least one column holds codes of a standard, such as division or organisation codes, each one checked.",
        ),
        Text(
            "在该字段的 civicat.identifier 中写明代码的种类。",
            "Name the kind of code in civicat.identifier of the column.",
        ),
        _whole(_names_codes),
    ),
    _Rule(
        "joins",
        Text("可与其他数据集相连", "Joins with other datasets"),
        Text(
            "至少一个字段的值都能在另一个数据集中找到。",
            "The values of at least one column were all found in another dataset.",
        ),
        Text(
            "在 civicat.foreignKeys 中写明与哪个数据集相连，例如区划代码。",
            "Name the other dataset in civicat.foreignKeys, such as that of the division codes.",
        ),
        _whole(_joins),
    ),
    _Rule(
        "caveats",
        Text("字段上有注意事项", "Caveats on columns"),
        Text("容易误读的字段旁写着注意事项。", "A column that can be misread says so where it stands."),
        Text(
            "想一想哪个字段最常被误读，写在它的 civicat.caveats 中。",
            "Think which column is misread most, and say so in its civicat.caveats.",
        ),
        _whole(_has_column_caveats),
    ),
    _Rule(
        "uses",
        Text("写明适合做什么", "Uses are stated"),
        Text("写明数据适合做什么、不适合做什么。", "It says what the data is good for, and what not."),
        Text("写在 civicat.uses 中。", "Write them in civicat.uses."),
        _whole(lambda release: release.dataset.uses),
    ),
    _Rule(
        "biases",
        Text("写明已知的偏差", "Known biases are stated"),
        Text("写明哪些人或事物显示过多或过少。", "It says whom or what the data shows too much or too little."),
        Text("写在 civicat.biases 中。", "Write them in civicat.biases."),
        _whole(lambda release: release.dataset.biases),
    ),
    _Rule(
        "coverage",
        Text("写明地点与时间", "Place and time are stated"),
        Text("写明覆盖的地区和起止时间。", "It says which place and which time it covers."),
        Text("写在 civicat.place 和 civicat.period 中。", "Write them in civicat.place and civicat.period."),
        _whole(_is_covered),
    ),
    _Rule(
        "sources",
        Text("来源可以查看", "Sources can be followed"),
        Text("每个来源都有网址。", "Each source has an address."),
        Text("在 sources 中为每个来源写明 path。", "Write a path for each of the sources."),
        _unaddressed,
    ),
    _Rule(
        "contact",
        Text("留有电话或邮箱", "A phone or e-mail is given"),
        Text(
            "数据管理员或部门有邮箱或电话，不只是网址。",
            "The steward or the department has e-mail or a phone, not only a site.",
        ),
        Text(
            "在 contributors 中写明管理员的 email，或在 department.yaml 中写明电话。",
            "Write the steward’s email in contributors, or a phone in department.yaml.",
        ),
        _whole(_can_be_reached),
    ),
    _Rule(
        "lossless",
        Text("转换没有丢失", "Nothing was lost in typing"),
        Text(
            "文字转为值之后，每个值都能还原成原来的内容。",
            "Texts became values, and each value still says all that its text said.",
        ),
        Text(
            "看转换证明中丢失了什么，改用能容纳它的类型。",
            "See in the proof of conversion what was lost, and choose a type that holds it.",
        ),
        _lossy,
    ),
    _Rule(
        "remarks",
        Text("核验没有提示", "The checks had no remark"),
        Text("核验没有发现值得提示之处。", "The checks found nothing to remark on."),
        Text(
            "逐条看核验的提示，改正，或写成注意事项。",
            "Read the remarks of the checks: mend the data, or make them caveats.",
        ),
        _whole(lambda release: not _is_remarked(release)),
    ),
    _Rule(
        "signed",
        Text("有签名", "It is signed"),
        Text("清单有签名，可以证明由谁发布。", "The manifest is signed, which proves who published it."),
        Text("由发布方设置密钥：civicat new-key。", "The publisher sets a key: civicat new-key."),
        _whole(_is_signed),
        "publisher",
    ),
)


def quality(release: Release) -> Quality:
    """The points of a release; only what its own files say is looked at."""
    return Quality(tuple(_point(rule, rule.missing(release)) for rule in _RULES))


def _point(rule: _Rule, missing: Iterable[str] | None) -> Point:
    named = tuple(missing or ())
    return Point(rule.code, rule.name, rule.what, missing is not None and not named, rule.todo, named, rule.whose)


def level(held: int, points: int) -> str:
    """The level of a number of points held (`LEVELS`); blank where nothing is counted."""
    if not points:
        return ""
    return "full" if held == points else "most" if held * 4 >= points * 3 else "some"
