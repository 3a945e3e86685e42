"""What changed between two releases besides rows and structure: the licence, words, rules, and how the file is read.

A licence that changes is a major change: who uses the data on in good faith may break the law. All else here is for
people to read, and raises the last number alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from civicat.dataset import Contributor, Dataset, Department, Field, Licence, Resource
from civicat.publish.schema_changes import Level, former_names
from civicat.source_reading import kept_reading
from civicat.text import LANGUAGES, Language, Text

_LONGEST = 80  # characters of a value in a sentence
_NONE = Text("无", "none")
_SCHEMES = {"calendar": Text("日期", "by date"), "semantic": Text("改动的程度", "by how much changed")}
# What each kind is called, and how several are counted in zh (with its measure) and en.
_KINDS: Mapping[str, tuple[Text, str, str, str]] = {
    "licence": (Text("许可", "licence"), "{} 项许可", "licence", "licences"),
    "versioning": (Text("编号方式", "numbering"), "{} 项编号方式", "numbering", "numberings"),
    "reading": (Text("文件的读法", "how the file is read"), "{} 个文件的读法", "file reading", "file readings"),
    "rule": (Text("规则", "rule"), "{} 条规则", "rule", "rules"),
    "categories": (Text("分类代码", "categories"), "{} 组分类代码", "list of categories", "lists of categories"),
    "title": (Text("标题", "title"), "{} 处标题", "title", "titles"),
    "description": (Text("说明", "description"), "{} 处说明", "description", "descriptions"),
    "caveats": (Text("注意事项", "caveats"), "{} 处注意事项", "list of caveats", "lists of caveats"),
    "format": (Text("格式", "format"), "{} 处格式", "format", "formats"),
    "example": (Text("示例", "example"), "{} 个示例", "example", "examples"),
    "sources": (Text("来源", "sources"), "{} 处来源", "list of sources", "lists of sources"),
    "steward": (Text("数据负责人", "steward"), "{} 位数据负责人", "steward", "stewards"),
    "contributors": (
        Text("贡献者", "contributors"),
        "{} 份贡献者名单",
        "list of contributors",
        "lists of contributors",
    ),
    "keywords": (Text("关键词", "keywords"), "{} 组关键词", "list of keywords", "lists of keywords"),
    "themes": (Text("主题", "themes"), "{} 组主题", "list of themes", "lists of themes"),
    "frequency": (Text("更新频率", "frequency"), "{} 项更新频率", "frequency", "frequencies"),
    "department": (Text("部门信息", "department"), "{} 项部门信息", "department detail", "department details"),
}  # fmt: skip
_NAMED = ("versioning", "licence")  # these have a sentence of their own


@dataclass(frozen=True, slots=True)
class DescriptionChange:
    """One change: `kind` is a key of the table above; `where` is blank for the dataset, else a table or a field of it.

    `rule` says which of several (the name of a constraint, a detail of the department). Of a reading neither `old` nor
    `new` is told: a release keeps a digest of it.
    """

    kind: str
    where: str
    old: Text
    new: Text
    rule: str = ""

    @property
    def level(self) -> Level:
        """How much it asks of those who use the data."""
        return Level.MAJOR if self.kind == "licence" else Level.PATCH

    @property
    def text(self) -> Text:
        """What changed, as a sentence."""
        name = _KINDS[self.kind][0]
        zh = "，".join(filter(None, (self.where, f"{name.zh}{f'“{self.rule}”' if self.rule else ''}")))
        en = f"{name.en}{f' “{self.rule}”' if self.rule else ''}{f' of {self.where}' if self.where else ''}"
        en = en[0].upper() + en[1:]
        if self.kind == "reading":
            return Text(f"{zh}有改动。", f"{en} changed.")
        zh_pair, en_pair = (f"{_cut(was)} → {_cut(now)}" for was, now in map(self.shown, LANGUAGES))
        return Text(f"{zh}：{zh_pair}", f"{en}: {en_pair}")

    def shown(self, language: Language) -> tuple[str, str]:
        """Both values in the language, or in the other one where only that differs."""
        other: Language = "en" if language == "zh" else "zh"
        both = ((_said(self.old, one), _said(self.new, one)) for one in (language, other))
        return next(
            (pair for pair in both if pair[0] != pair[1]), (_said(self.old, language), _said(self.new, language))
        )


def _said(text: Text, language: Language) -> str:
    return text.within(language) or _NONE.within(language)


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"


def description_changes(
    old: tuple[Dataset, Department], new: tuple[Dataset, Department], *, forwards: bool
) -> tuple[DescriptionChange, ...]:
    """What changed in the words and rules of what both have, the licence first.

    `forwards` says that the second is the younger one: names that were changed are told by the younger.
    """
    before, now = _facts(*old, {}), _facts(*new, _former(old[0], new[0], forwards=forwards))
    order = [*now, *(key for key in before if key not in now)]
    places = {key[1] for key in before} & {key[1] for key in now}  # what came or went is a change of the structure
    named = {key: where for key, (where, _) in now.items()}
    found = [
        DescriptionChange(key[0], named.get(key, key[1]), before.get(key, _ABSENT)[1], now.get(key, _ABSENT)[1], key[2])
        for key in order
        if key[1] in places and before.get(key, _ABSENT)[1] != now.get(key, _ABSENT)[1]
    ]
    kinds = list(_KINDS)
    return tuple(sorted([*found, *_readings(old[0], new[0])], key=lambda one: kinds.index(one.kind)))


def _readings(old: Dataset, new: Dataset) -> Iterator[DescriptionChange]:
    """Files that are read in another way, though into the same columns: other columns are told as such."""
    before = {one.name: one for one in old.resources}
    for resource in new.resources:
        was = before.get(resource.name)
        if was is None or _columns(was) != _columns(resource):
            continue
        digests = kept_reading(was), kept_reading(resource)
        if all(digests) and digests[0] != digests[1]:
            yield DescriptionChange("reading", new.table(resource), Text(), Text())


def _columns(resource: Resource) -> list[tuple[str, str]]:
    return [(field.name, field.type) for field in resource.schema.fields]


def named_sentences(changes: Sequence[DescriptionChange]) -> list[Text]:
    """What everybody has to know: another licence, another way to number the versions."""
    return [_SENTENCES[one.kind](one) for kind in _NAMED for one in changes if one.kind == kind]


def _of_licence(change: DescriptionChange) -> Text:
    (zh_old, zh_new), (en_old, en_new) = map(change.shown, LANGUAGES)
    whose = Text(f"{change.where} 的", f" of {change.where}") if change.where else Text()
    return Text(
        f"{whose.zh}许可由 {zh_old} 改为 {zh_new}。", f"The licence{whose.en} changed from {en_old} to {en_new}."
    )


def _of_scheme(change: DescriptionChange) -> Text:
    old, new = (_SCHEMES[one.en] for one in (change.old, change.new))
    return Text(f"版本号改按{new.zh}编，不再按{old.zh}。", f"Versions are now numbered {new.en}, no longer {old.en}.")


_SENTENCES = {"licence": _of_licence, "versioning": _of_scheme}


def counted(changes: Sequence[DescriptionChange]) -> Text:
    """How many of what else changed, in a sentence; blank where nothing did."""
    counts = Counter(one.kind for one in changes if one.kind not in _NAMED)
    told = [(count, _KINDS[kind]) for kind in _KINDS if (count := counts[kind])]
    if not told:
        return Text()
    if set(counts) == {"reading"}:
        return Text("改了文件的读法。", "How the file is read changed.")
    zh = "、".join(kind[1].format(f"{count:,}") for count, kind in told)
    each = [f"{count:,} {kind[2] if count == 1 else kind[3]}" for count, kind in told]
    en = " and ".join(filter(None, (", ".join(each[:-1]), each[-1])))
    return Text(f"{zh}有改动。", f"{en} changed.")


# ---- what a release says: (kind, place, rule) -> the place by its name now, and the value

_Key = tuple[str, str, str]
_ABSENT = ("", Text())


def _former(old: Dataset, new: Dataset, *, forwards: bool) -> dict[str, str]:
    """The fields that are called otherwise in the second: `table.field` of the second -> of the first."""
    before = {one.name: one for one in old.resources}
    return {
        f"{new.table(one)}.{name}": f"{new.table(one)}.{was}"
        for one in new.resources
        if one.name in before
        for name, was in former_names(before[one.name].schema, one.schema, forwards=forwards).items()
    }


def _facts(dataset: Dataset, department: Department, former: Mapping[str, str]) -> dict[_Key, tuple[str, Text]]:
    """What is said, with each place by its former name, so that both releases can be matched."""
    told = [*_of_dataset(dataset), *_of_department(department)]
    told += [one for resource in dataset.resources for one in _of_resource(resource, dataset.table(resource))]
    return {(kind, former.get(where, where), rule): (where, value) for kind, where, rule, value in told}


_Facts = Iterator[tuple[str, str, str, Text]]


def _of_dataset(dataset: Dataset) -> _Facts:
    others = [one for one in dataset.contributors if one != dataset.steward]
    values = {
        "licence": _listed([_licence(one) for one in dataset.licences]),
        "versioning": _same(dataset.versioning),
        "title": dataset.title,
        "description": dataset.description,
        "caveats": _listed(dataset.caveats),
        "sources": _same(", ".join(f"{one.title} {one.path}".strip() for one in dataset.sources)),
        "steward": _person(dataset.steward) if dataset.steward else Text(),
        "contributors": _listed([_person(one) for one in others]),
        "keywords": _same(", ".join(dataset.keywords)),
        "themes": _same(", ".join(dataset.themes)),
        "frequency": _same(dataset.frequency),
    }
    return ((kind, "", "", value) for kind, value in values.items())


def _of_department(department: Department) -> _Facts:
    contact = department.contact
    values = {
        "title": department.title,
        "description": department.description,
        "url": _same(department.url),
        "contact": _listed([contact.title, *map(_same, (contact.email, contact.phone, contact.url))]),
        "gaps": _listed(department.gaps),
    }
    return (("department", "", rule, value) for rule, value in values.items())


def _of_resource(resource: Resource, table: str) -> _Facts:
    said, schema = resource.descriptor, resource.schema
    ours = said.get("civicat")
    block: Mapping[str, object] = ours if isinstance(ours, Mapping) else {}
    yield "title", table, "", resource.title
    yield "description", table, "", resource.description
    yield "caveats", table, "", _listed(resource.caveats)
    yield "licence", table, "", _same(_named(said.get("licenses")))
    yield "sources", table, "", _same(_plain(said.get("sources")))
    yield "rule", table, "uniqueKeys", _same(_plain(schema.descriptor.get("uniqueKeys")))
    keys = [schema.descriptor.get("foreignKeys"), block.get("foreignKeys")]
    yield "rule", table, "foreignKeys", _same(", ".join(filter(None, map(_plain, keys))))
    for rule in ("checks", "submission", "table"):
        yield "rule", table, rule, _same(_plain(block.get(rule)))
    for field in schema.fields:
        if not field.generated:
            yield from _of_field(field, f"{table}.{field.name}")


def _of_field(field: Field, where: str) -> _Facts:
    labels = [Text(f"{code}: {label.zh}", f"{code}: {label.en}") for code, label in field.categories.items()]
    yield "title", where, "", field.title
    yield "description", where, "", field.description
    yield "caveats", where, "", _listed(field.caveats)
    yield "format", where, "", _same("" if field.format == "default" else field.format)
    yield "example", where, "", _same(field.example)
    yield "categories", where, "", _listed(labels)
    yield "rule", where, "identifier", _same(field.identifier)
    for rule, value in field.constraints.items():
        yield "rule", where, rule, _same(_plain(value))


def _same(value: str) -> Text:
    return Text(value, value)


def _listed(many: Sequence[Text]) -> Text:
    some = [one for one in many if one]
    return Text("；".join(one.within("zh") for one in some), "; ".join(one.within("en") for one in some))


def _licence(one: Licence) -> Text:
    return _same(one.name) if one.name else (one.title or _same(one.path))


def _named(listed: object) -> str:
    many = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list | tuple) else []
    return "; ".join(str(one.get("name") or one.get("path") or "") for one in many)


def _person(one: Contributor) -> Text:
    rest = " ".join(filter(None, (one.organization, one.email, one.path)))
    return Text(f"{one.title.within('zh')} {rest}".strip(), f"{one.title.within('en')} {rest}".strip())


def _plain(value: object) -> str:
    """A value on one line; blank where nothing is said."""
    if value is None or value in ([], {}) or isinstance(value, str):
        return value if isinstance(value, str) else ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
