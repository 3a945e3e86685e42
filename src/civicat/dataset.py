"""What a department hands in, as frozen values: Department, Dataset, Resource, Schema, Field.

Source: Data Package v2 and Table Schema v2 (datapackage.org) plus one closed `civicat` block at each level
(docs/descriptor.md). The standard properties speak one language (`civicat.language`, `en` unless said); the other
language stands in the `civicat` block of the same level, under its code.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import cast

from civicat.errors import DescriptorError
from civicat.mapping import Block
from civicat.text import LANGUAGES, Language, Text
from civicat.vocabulary import FREQUENCIES, OPENINGS, THEMES

_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")

# Addresses of the site begin with a department's code, so these are taken; a table named sqlite_x is SQLite's own.
LONGEST_NAME = 60  # characters; names become folders, files and addresses
_TAKEN = frozenset(
    ("about", "api", "ask", "calendar", "d", "design", "joins", "keys", "ledger", "search", "sql", "sqlite", "static")
)

_DEPARTMENT_KEYS = ("code", "title", "description", "contact", "url", "gaps")
_PACKAGE_KEYS = (
    *("$schema", "profile", "name", "id", "title", "description", "homepage", "version", "created", "keywords"),
    *("licenses", "sources", "contributors", "resources", "image", "civicat"),
)
_PACKAGE_BLOCK = (
    *("language", *LANGUAGES, "themes", "frequency", "caveats", "bounds", "versioning", "release"),
    *("opening", "uses", "biases", "place", "period"),
)
_RESOURCE_KEYS = (
    *("$schema", "profile", "name", "path", "data", "type", "title", "description", "format", "mediatype", "encoding"),
    *("compression", "extrapaths", "innerpath", "scheme", "homepage", "bytes", "hash", "rows", "fields", "sources"),
    *("licenses", "dialect", "schema", "civicat"),
)
# A release holds one file as it was handed in, and one digest of it: what would bring in more is refused. That file may
# be packed (compression, innerpath): the digest is that of the packed file.
_ONE_FILE_ONLY = ("extrapaths", "scheme")
_RESOURCE_BLOCK = (*LANGUAGES, "caveats", "foreignKeys", "sample", "table", "checks", "submission", "parts", "read")
_SCHEMA_KEYS = (
    *("$schema", "fields", "fieldsMatch", "missingValues", "primaryKey", "uniqueKeys", "foreignKeys"),
    *("name", "title", "description", "type"),
)
_FIELD_KEYS = (
    *("name", "type", "format", "title", "description", "example", "examples", "constraints", "missingValues"),
    *("rdfType", "trueValues", "falseValues", "decimalChar", "groupChar", "bareNumber", "floatNumber", "itemType"),
    *("delimiter", "arrayItem", "categories", "categoriesOrdered", "civicat"),
)
TYPES = (
    *("string", "number", "integer", "boolean", "date", "datetime", "time", "year", "yearmonth", "duration"),
    *("geopoint", "geojson", "array", "object", "list", "any"),
)
_HALF_ROUND, _POLE = 180, 90  # degrees
_DAY = re.compile(r"\d{4}(-\d\d){0,2}", re.ASCII)
_MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_FIELD_BLOCK = (*LANGUAGES, "unit", "scale", "identifier", "caveats", "generated", "renamed")
VERSIONINGS = ("semantic", "calendar")
SUBMISSIONS = ("replace", "append", "upsert")


@dataclass(frozen=True, slots=True)
class Contact:
    """A desk that answers: its name, and one or more ways to reach it."""

    title: Text = field(default_factory=Text)
    email: str = ""
    phone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Department:
    """A body that hands in data. `gaps` says what people need of it and nobody has published yet."""

    code: str
    title: Text
    description: Text
    url: str
    contact: Contact
    gaps: tuple[Text, ...]
    descriptor: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Licence:
    """One entry of `licenses`: its identifier (SPDX where there is one), title and address."""

    name: str
    title: Text
    path: str


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of `sources`: where the figures come from."""

    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Contributor:
    """One entry of `contributors`; the steward is the one with the role `steward`."""

    title: Text
    email: str
    path: str
    organization: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What a dataset covers on the map: its name, and a box in degrees (WGS 84), (west, south, east, north).

    West is greater than east where the box crosses the antimeridian.
    """

    title: Text = field(default_factory=Text)
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a dataset covers: first and last day, or month or year (ISO 8601); blank where that end is open."""

    begins: str = ""
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One column: what it is called, what it means, in which unit, and what its cells may hold.

    `scale` is the number of decimals that every value has (the column is then an exact decimal). `categories` maps
    each code of the column to its label. `generated` marks a column that publishing added. `identifier` names the kind
    of code that the column holds (docs/identifiers.md), empty where it asks for none. `renamed` is what the column was
    called before, where it was called otherwise: a diff then compares the two.
    """

    name: str
    type: str
    format: str
    title: Text
    description: Text
    example: str
    unit: str
    scale: int | None
    constraints: Mapping[str, object]
    categories: Mapping[str, Text]
    caveats: tuple[Text, ...]
    generated: bool
    identifier: str = ""
    renamed: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns whose values must be found elsewhere.

    `dataset` is `department/dataset`, or empty for the same dataset; an empty `resource` is the resource itself.
    """

    fields: tuple[str, ...]
    dataset: str
    resource: str
    reference: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table and its keys. `descriptor` is the Table Schema as written.

    `file` is where it is written, as its author names it, where that is a file of its own.
    """

    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    descriptor: Mapping[str, object]
    file: str = ""

    def field(self, name: str) -> Field | None:
        """The field of that name, if there is one."""
        return next((one for one in self.fields if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Sample:
    """Where `make samples` finds a file that is too large to be committed: a package and a path inside it.

    `sha256` is that of the unpacked file, so that nobody can hand us another; empty where it is not known.
    """

    registry: str
    package: str
    version: str
    path: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """One table of a dataset: a file (or a sheet of one) and its schema. `path` is relative to the dataset folder.

    `place` is how a file that was named outright was named, empty for those that a descriptor lists; `guessed` says
    that nobody has described its columns, and that they are what its first rows look like. `submission` is what its
    rows do with those of the release that is online: `replace` them all, `append` to them, or `upsert` by primary key.
    """

    name: str
    path: str
    title: Text
    description: Text
    format: str
    encoding: str
    dialect: Mapping[str, object]
    schema: Schema
    caveats: tuple[Text, ...]
    sample: Sample | None
    descriptor: Mapping[str, object]
    place: str = ""
    guessed: bool = False
    submission: str = "replace"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset of one department, as its datapackage.yaml says. `folder` is where that file stands.

    `file` is that file, as it is named in errors. `versioning` says how its releases are numbered: `semantic` or
    `calendar`. `opening` is the class of its opening (`OPENINGS`), `uses` say what it is good for and `biases` whom or
    what it shows too much or too little; `place` and `period` are what it covers, None where its steward does not say.
    """

    department: str
    name: str
    folder: Path
    language: Language
    title: Text
    description: Text
    keywords: tuple[str, ...]
    licences: tuple[Licence, ...]
    sources: tuple[Source, ...]
    contributors: tuple[Contributor, ...]
    themes: tuple[str, ...]
    frequency: str
    caveats: tuple[Text, ...]
    resources: tuple[Resource, ...]
    descriptor: Mapping[str, object]
    file: str = ""
    versioning: str = "semantic"
    opening: str = "open"
    uses: tuple[Text, ...] = ()
    biases: tuple[Text, ...] = ()
    place: Place | None = None
    period: Period | None = None

    @property
    def id(self) -> str:
        """`department/dataset`: how people and commands name it."""
        return f"{self.department}/{self.name}" if self.department else self.name

    @property
    def steward(self) -> Contributor | None:
        """The contributor who answers for the data."""
        return next((one for one in self.contributors if "steward" in one.roles), None)

    def resource(self, name: str) -> Resource | None:
        """The resource of that name, if there is one."""
        return next((one for one in self.resources if one.name == name), None)

    def table(self, resource: Resource) -> str:
        """The name of a resource's table: the dataset's, with the resource's added where the two differ."""
        return self.name if resource.name == self.name else f"{self.name}_{resource.name}"


def read_department(descriptor: Mapping[str, object], file: str) -> Department:
    """A Department from the mapping of a department.yaml; `file` is named in errors.

    Raises:
        DescriptorError: an unknown or missing key, or a value of the wrong kind.
    """
    block = Block(descriptor, file)
    block.only(_DEPARTMENT_KEYS)
    contact = block.block("contact")
    contact.only(("title", "email", "phone", "url"))
    return Department(
        code=_name(block, "code"),
        title=block.both("title"),
        description=block.both("description"),
        url=block.text("url"),
        contact=Contact(contact.both("title"), contact.text("email"), contact.text("phone"), contact.text("url")),
        gaps=_texts(block, "gaps"),
        descriptor=descriptor,
    )


def read_dataset(
    descriptor: Mapping[str, object],
    file: str,
    department: str,
    folder: Path,
    schema_files: Mapping[int, str] | None = None,
) -> Dataset:
    """A Dataset from the mapping of a datapackage.(yaml|json); `file` is named in errors.

    `schema_files` are the files that the schemas in it were read from, by the number of their resource (from 0).

    A package without a `civicat` block and without a department is somebody else's: its unknown keys pass.

    Raises:
        DescriptorError: an unknown or missing key, or a value of the wrong kind.
    """
    block = Block(descriptor, file, closed=bool(department) or "civicat" in descriptor)
    _refuse_halves(block)
    block.only(_PACKAGE_KEYS)
    ours = block.block("civicat")
    ours.only(_PACKAGE_BLOCK)
    language = _language(ours)
    both = _Bilingual(language)
    files = schema_files or {}
    return Dataset(
        department=department,
        name=_name(block, "name") if block.closed else block.text("name", folder.name),
        folder=folder,
        language=language,
        title=both.read(block, "title"),
        description=both.read(block, "description"),
        keywords=(*block.texts("keywords"), *ours.block(both.other).texts("keywords")),
        licences=tuple(_licence(one, both) for one in block.blocks("licenses")),
        sources=tuple(Source(one.text("title"), one.text("path")) for one in block.blocks("sources")),
        contributors=tuple(_contributor(one, both) for one in block.blocks("contributors")),
        themes=_codes(ours, "themes", THEMES),
        frequency=_code(ours, "frequency", FREQUENCIES),
        caveats=_texts(ours, "caveats"),
        resources=tuple(
            _resource(one, both, files.get(number, "")) for number, one in enumerate(block.blocks("resources"))
        ),
        descriptor=descriptor,
        file=file,
        versioning=_one_of(ours, "versioning", VERSIONINGS),
        opening=_one_of(ours, "opening", tuple(OPENINGS)),
        uses=_texts(ours, "uses"),
        biases=_texts(ours, "biases"),
        place=_place(ours),
        period=_period(ours),
    )


def _place(ours: Block) -> Place | None:
    """The place that a steward names; its box is four degrees."""
    if "place" not in ours.values:
        return None
    block = ours.block("place")
    block.only(("title", "box"))
    return Place(block.both("title"), _box(block) if "box" in block.values else None)


def _box(block: Block) -> tuple[float, float, float, float]:
    written = block.values["box"]
    numbers = [one for one in written if _is_number(one)] if isinstance(written, list) else []
    match [float(one) for one in numbers]:
        case [west, south, east, north] if (
            len(cast("list[object]", written)) == len(numbers)
            and all(-_HALF_ROUND <= one <= _HALF_ROUND for one in (west, east))
            and -_POLE <= south <= north <= _POLE
        ):
            return west, south, east, north
    raise block.wrong(
        Text(
            f"“{written}”不是范围。请写四个度数：[西, 南, 东, 北]，如 [73.5, 18.1, 134.8, 53.6]。",
            f"“{written}” is no box. Write four degrees: [west, south, east, north], such as [-125, 24, -66, 50].",
        ),
        "box",
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _period(ours: Block) -> Period | None:
    """The time that a steward names; YAML turns a day into a date and a year into a number."""
    if "period" not in ours.values:
        return None
    block = ours.block("period")
    block.only(("begins", "ends"))
    begins, ends = (str(block.values.get(key) or "") for key in ("begins", "ends"))
    for key, written in (("begins", begins), ("ends", ends)):
        if written and not _is_day(written):
            raise block.wrong(
                Text(
                    f"“{written}”不是年、年月或日期。请写成 2012、2012-08 或 2012-08-31。",
                    f"“{written}” is no year, month or day. Write it like 2012, 2012-08 or 2012-08-31.",
                ),
                key,
            )
    if begins and ends and begins > ends[: len(begins)].ljust(len(begins), "~"):
        raise block.wrong(Text("结束早于开始。", "it ends before it begins."), "ends")
    return Period(begins, ends)


def _is_day(written: str) -> bool:
    if not _DAY.fullmatch(written):
        return False
    year, month, day = (int(one) for one in (written + "-01-01").split("-")[:3])
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _refuse_halves(block: Block) -> None:
    """Refuses half a character, which JSON may spell and no file can hold (Unicode, D75)."""
    try:
        json.dumps(block.values, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        around = str(error.object)[max(0, error.start - 20) : error.start]
        raise block.wrong(
            Text(
                f"“{around}”之后有半个字符（{error.object[error.start]!a}）。请更正。",
                f"half a character stands after “{around}” ({error.object[error.start]!a}). Correct it.",
            )
        ) from error


def _one_of(block: Block, key: str, known: tuple[str, ...]) -> str:
    """One of a few words; the first where nothing is said."""
    word = block.text(key) or known[0]
    if word not in known:
        raise block.unknown(word, known)
    return word


@dataclass(frozen=True, slots=True)
class _Bilingual:
    """Reads a text that stands in one language on its level and in the other in that level's `civicat` block."""

    language: Language

    @property
    def other(self) -> Language:
        return "en" if self.language == "zh" else "zh"

    def read(self, block: Block, key: str) -> Text:
        own = block.text(key).strip()
        translation = block.block("civicat").block(self.other)
        translation.only(("title", "description", "keywords", "categories"))
        return Text(**{self.language: own, self.other: translation.text(key).strip()})


def _language(ours: Block) -> Language:
    language = ours.text("language", "en")
    if language not in LANGUAGES:
        raise ours.unknown(language, LANGUAGES)
    return language


def _name(block: Block, key: str) -> str:
    name = block.needed(key)
    if not set(name) <= _NAME or name.strip("-") != name:
        raise block.wrong(
            Text(f"“{name}”只能含小写字母 a-z、数字和连字符。", f"“{name}” may only hold a-z, 0-9 and inner hyphens."),
            key,
        )
    if len(name) > LONGEST_NAME:
        raise block.wrong(
            Text(
                f"名称太长：最多 {LONGEST_NAME} 个字符。", f"the name is too long: {LONGEST_NAME} characters at most."
            ),
            key,
        )
    if name in _TAKEN:
        raise block.wrong(
            Text(f"“{name}”为网站保留，请换一个名称。", f"“{name}” is the site’s own: take another."), key
        )
    return name


def _texts(block: Block, key: str) -> tuple[Text, ...]:
    many = []
    for one in block.blocks(key):
        one.only(LANGUAGES)
        many.append(Text(one.text("zh").strip(), one.text("en").strip()))
    return tuple(many)


def _code(block: Block, key: str, known: Mapping[str, Text]) -> str:
    code = block.text(key)
    if code and code not in known and not code.startswith("TODO"):
        raise _unlisted(block, key, code, known)
    return code


def _codes(block: Block, key: str, known: Mapping[str, Text]) -> tuple[str, ...]:
    codes = block.texts(key)
    for code in codes:
        if code not in known and not code.startswith("TODO"):
            raise _unlisted(block, key, code, known)
    return codes


def _unlisted(block: Block, key: str, code: str, known: Mapping[str, Text]) -> DescriptorError:
    """The error for a code that a closed list does not hold: codes are unlike each other, so only a slip is guessed."""
    near = get_close_matches(code, known, n=1, cutoff=0.75)
    zh = f"您是指“{near[0]}”吗？" if near else f"可用：{'、'.join(known)}。"
    en = f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(known)}."
    return block.wrong(Text(f"没有“{code}”这一项。{zh}", f"“{code}” is not known here. {en}"), key)


def _licence(block: Block, both: _Bilingual) -> Licence:
    block.only(("name", "title", "path", "civicat"))
    return Licence(block.text("name"), both.read(block, "title"), block.text("path"))


def _contributor(block: Block, both: _Bilingual) -> Contributor:
    block.only(("title", "email", "path", "organization", "role", "roles", "givenName", "familyName", "civicat"))
    email = block.text("email")
    if block.closed and email and "TODO" not in email and not _MAIL.fullmatch(email):
        raise block.wrong(
            Text(
                f"“{email}”不是电子邮件地址。请写成 name@example.org 的样子。",
                f"“{email}” is not an e-mail address. Write it like name@example.org.",
            ),
            "email",
        )
    return Contributor(
        title=both.read(block, "title"),
        email=email,
        path=block.text("path"),
        organization=block.text("organization"),
        roles=block.texts("roles") or block.texts("role"),
    )


def _resource(block: Block, both: _Bilingual, schema_file: str) -> Resource:
    block.only(_RESOURCE_KEYS)
    ours = block.block("civicat")
    ours.only(_RESOURCE_BLOCK)
    name = _name(block, "name") if block.closed else block.text("name", block.at)
    if block.closed and not ours.values.get("parts"):
        _one_file(block)
    path = next(iter(block.texts("path")), "")
    return Resource(
        name=name,
        path=path,
        title=both.read(block, "title"),
        description=both.read(block, "description"),
        format=block.text("format") or PurePosixPath(path).suffix.lstrip(".").lower(),
        encoding=block.text("encoding"),
        dialect=block.block("dialect").values if not isinstance(block.values.get("dialect"), str) else {},
        schema=_schema(block, ours, both, schema_file),
        caveats=_texts(ours, "caveats"),
        sample=_sample(ours),
        descriptor=block.values,
        submission=_submission(block, ours),
    )


def _submission(block: Block, ours: Block) -> str:
    """How the rows join those online; to find the row that another one replaces takes a primary key."""
    submission = _one_of(ours, "submission", SUBMISSIONS)
    if submission == "upsert" and not block.block("schema").texts("primaryKey"):
        raise ours.wrong(
            Text(
                "submission: upsert 需要主键。请在 schema 中写明 primaryKey，或改用 append。",
                "submission: upsert needs a primary key. Write primaryKey in its schema, or use append.",
            ),
            "submission",
        )
    return submission


def _one_file(block: Block) -> None:
    """Refuses a table that lies in several files, in a part of one, or elsewhere: only one would be published."""
    if len(block.texts("path")) > 1:
        raise block.wrong(
            Text(
                "每个资源只能有一个文件。请合并成一个，或分成几个资源。",
                "one file for each resource. Join them, or make each a resource of its own.",
            ),
            "path",
        )
    for key in _ONE_FILE_ONLY:
        if key in block.values:
            raise block.wrong(
                Text(
                    f"不支持“{key}”：每个资源是数据集目录里的一个文件。请删去这一项，只写 path。",
                    f"“{key}” is not supported: one file for each resource, in the dataset folder. "
                    "Take it out, and write path alone.",
                ),
                key,
            )


def _sample(ours: Block) -> Sample | None:
    if "sample" not in ours.values:
        return None
    block = ours.block("sample")
    block.only(("registry", "package", "version", "path", "sha256"))
    return Sample(
        registry=block.needed("registry"),
        package=block.needed("package"),
        version=block.needed("version"),
        path=block.needed("path"),
        sha256=block.text("sha256"),
    )


def _schema(resource: Block, ours: Block, both: _Bilingual, file: str) -> Schema:
    if isinstance(resource.values.get("schema"), str):  # another package may name a schema file: frictionless reads it
        return Schema((), (), (), {})
    block = resource.block("schema")
    if file:
        block = Block(block.values, file, closed=block.closed)
    block.only(_SCHEMA_KEYS)
    inside = (_foreign_key(one) for one in block.blocks("foreignKeys"))
    across = (_foreign_key(one) for one in ours.blocks("foreignKeys"))
    schema = Schema(
        fields=tuple(_field(one, both) for one in block.blocks("fields")),
        primary_key=block.texts("primaryKey"),
        foreign_keys=(*inside, *across),
        descriptor=block.values,
        file=file,
    )
    if block.closed and schema.fields:
        _columns_there(block, "primaryKey", schema.primary_key, schema)
        for one in block.blocks("foreignKeys"):
            _columns_there(one, "fields", one.texts("fields"), schema)
    return schema


def _columns_there(block: Block, key: str, names: tuple[str, ...], schema: Schema) -> None:
    """Refuses a key of columns that the table does not have."""
    known = [one.name for one in schema.fields]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            zh = f"您是指“{near[0]}”吗？" if near else "请写 fields 中的列名。"
            en = f"Did you mean “{near[0]}”?" if near else "Write the name of one of its fields."
            raise block.wrong(Text(f"表中没有“{name}”这一列。{zh}", f"the table has no column “{name}”. {en}"), key)


def _foreign_key(block: Block) -> ForeignKey:
    block.only(("fields", "reference"))
    reference = block.block("reference")
    reference.only(("dataset", "resource", "fields"))
    return ForeignKey(
        fields=block.texts("fields"),
        dataset=reference.text("dataset"),
        resource=reference.text("resource"),
        reference=reference.texts("fields"),
    )


def _field(block: Block, both: _Bilingual) -> Field:
    block.only(_FIELD_KEYS)
    ours = block.block("civicat")
    ours.only(_FIELD_BLOCK)
    name, kind = block.needed("name"), block.text("type", "any")
    if block.closed and kind not in TYPES:
        raise _unknown_type(block, name, kind)
    return Field(
        name=name,
        type=kind,
        format=block.text("format", "default"),
        title=both.read(block, "title"),
        description=both.read(block, "description"),
        example=_example(block),
        unit=ours.text("unit"),
        scale=ours.get("scale", int, 0) if "scale" in ours.values else None,
        constraints=block.block("constraints").values,
        categories=_categories(block, ours.block(both.other), both),
        caveats=_texts(ours, "caveats"),
        generated=ours.get("generated", bool, default=False),
        identifier=ours.text("identifier"),
        renamed=ours.text("renamed"),
    )


def _unknown_type(block: Block, name: str, kind: str) -> DescriptorError:
    near = get_close_matches(kind, TYPES, n=1)
    zh = f"您是指“{near[0]}”吗？" if near else f"可用：{'、'.join(TYPES)}。"
    en = f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(TYPES)}."
    return block.wrong(
        Text(f"“{name}”一列的类型“{kind}”不存在。{zh}", f"column {name} has a type “{kind}”, which there is not. {en}"),
        "type",
    )


def _example(block: Block) -> str:
    value = block.values.get("example")
    if value is None:
        value = next(iter(cast("list[object]", block.values.get("examples") or [])), "")
    return str(value)


def _categories(block: Block, translation: Block, both: _Bilingual) -> Mapping[str, Text]:
    """Labels of codes: `categories` of Table Schema v2; the other language maps value to label."""
    others = translation.block("categories").values
    return {
        value: Text(**{both.language: label, both.other: str(others.get(value, ""))})
        for value, label in _labelled(block)
    }


def _labelled(block: Block) -> Iterator[tuple[str, str]]:
    """Each category and its label: the value itself where it has none. They are listed as values, or {value, label}."""
    listed = block.values.get("categories")
    if not isinstance(listed, list):
        return
    if all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in listed):
        yield from ((str(one), str(one)) for one in listed)
        return
    for one in block.blocks("categories"):
        one.only(("value", "label"))
        value = str(one.values.get("value", ""))
        yield value, one.text("label", value)
