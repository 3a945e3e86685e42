"""A first descriptor for a file, and a dataset folder to begin with: what can be known is filled in, the rest TODO."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from civicat.dataset import LONGEST_NAME
from civicat.errors import SourceError
from civicat.layout import Layout
from civicat.text import LANGUAGES, Language, Text
from civicat.validators.candidates import Candidate, find_pair, find_references
from civicat.validators.descriptors import DEPARTMENT, NAMES
from civicat.validators.flaws import flaws
from civicat.validators.formats import DELIMITED
from civicat.validators.hints import hints, hints_on_rows, on_one_line
from civicat.validators.house import MOST_COLUMNS
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.inference import Inferred, Rows, infer_table
from civicat.validators.places import readable
from civicat.validators.records import flat
from civicat.validators.semantics import Known, find_kinds
from civicat.validators.sketches import Sketch, sketch
from civicat.validators.tallies import LONGEST_EXAMPLE
from civicat.vocabulary import FREQUENCIES, THEMES

_HAN = re.compile(r"[㐀-鿿]")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_PLAIN = re.compile(r"^[-+.\d~]")  # our reader takes fewer scalars for numbers than PyYAML's does, and some others
_NUMBERS = frozenset({"integer", "number"})
_KEYS = frozenset({"string", "integer"})  # types of a column that may be a primary key
_KEY_NAMES = ("id", "code", "no", "key", "uuid", "编号", "代码", "编码", "序号", "号码", "编")
_TODO: Mapping[str, Text] = {
    "title": Text("TODO：{what}的中文标题", "TODO: a title for {what}"),
    "description": Text("TODO：用一两句话说明{what}", "TODO: say in a sentence or two what {what} is"),
}
_STRUCTURED = frozenset({"array", "geojson", "object"})
_ASKED = Text(
    "TODO：先决定怎样读这一列（{or_}），再用一两句话说明它",
    "TODO: decide how to read this column ({or_}), then say what it is",
)
_BOTH_ORDERS = Text(
    "TODO：日和月有两种写法（见上面的注释），先在文件中统一，再用一两句话说明这一列",
    "TODO: day and month stand in both orders (see above): mend the file, then say what this column is",
)
_UNIT = Text(
    "TODO：计量单位的符号；数量或比例写 '1'；若是代码，请把类型改为 string",
    "TODO: a unit symbol; '1' for a count or a share; for a code make the type string",
)
_WHICH_MONEY = Text("TODO：{sign} 是哪一种货币？（{kinds}）", "TODO: which money is {sign}? ({kinds})")
_TYPICAL = Text("TODO：一个典型的值", "TODO: a typical value")
_SHORT_ONE = Text("TODO：一个短的例子", "TODO: a short one of them")
_PERSONAL = Text(
    "TODO：个人信息。先决定能否公开，再用一两句话说明这一列",
    "TODO: this names persons: decide whether it may be published, then say in a sentence what it is",
)
_LISTED, _TELLING = 5, 5  # other columns that are listed as keys; rows from which that is no accident
_DEGREES = frozenset({"longitude", "latitude"})
# The unit that a sign beside the numbers stands for. $ and ¥ are the money of several countries: that is asked.
_UNITS = {"£": "GBP", "€": "EUR", "US$": "USD", "HK$": "HKD", "元": "CNY", "RMB": "CNY", "％": "%"}
_ASKED_UNITS = {"$": "USD, HKD ...", "¥": "CNY, JPY", "￥": "CNY, JPY"}
_ALSO = Text("各行也不相同：", "Different in every row, too: ")
_NO_KEY = Text(
    "没有哪一列能单独区分各行。如果几列合起来可以，请写 primaryKey: [a, b]。",
    "No single column tells the rows apart. If several do together: primaryKey: [a, b].",
)
_PAIR = Text(
    "没有哪一列能单独区分各行，但这两列合起来可以：primaryKey: [{pair}]",
    "No single column tells the rows apart, but these two do together: primaryKey: [{pair}]",
)


@dataclass(frozen=True, slots=True)
class _Draft:
    """All that a file shows. `pair` are two columns that tell the rows apart together, where none does alone.

    `flaws` are those of the text as a whole. `chosen` is the language that was asked for.
    """

    drawn: Sketch
    columns: tuple[Inferred, ...]
    rows: Rows
    kinds: Mapping[str, Known]
    references: tuple[Candidate, ...]
    pair: tuple[str, str] | None
    flaws: tuple[Text, ...]
    chosen: Language | None

    @property
    def skips_blank_rows(self) -> bool:
        """Whether blank rows are the only rows that are not as they should be: then they may be passed over."""
        return self.rows.blank > 0 and not self.rows.ragged

    @property
    def language(self) -> Language:
        """The one that was asked for, else that of most labels."""
        if self.chosen is not None:
            return self.chosen
        chinese = sum(_speaks(one.name) == "zh" for one in self.columns)
        return "zh" if chinese * 2 > len(self.columns) else "en"

    @property
    def unique(self) -> list[str]:
        """The columns that tell the rows apart, those called like a key first."""
        names = [one.name for one in self.columns if one.unique and one.type in _KEYS and not one.doubt]
        return sorted(names, key=lambda name: not name.strip().casefold().endswith(_KEY_NAMES))


def describe(path: Path, layout: Layout | None = None, language: Language | None = None) -> str:
    """The text of a datapackage.yaml for one data file, with a TODO wherever a human must decide.

    With a `layout`, its latest releases are asked whether they hold the values of a column as their key.
    `language` is that of its comments and its main texts; without it the labels decide.

    Raises:
        SourceError: the file is not there, no format that is known, too wide, or cannot be read.
    """
    with sketch(readable(path), pick_sheet=True, widest=MOST_COLUMNS) as drawn:
        return _written(str(drawn.resource["name"]), drawn.resource, _look(drawn, layout, language))


def scaffold(
    target: str, source: Path, datasets: Path, layout: Layout | None = None, language: Language | None = None
) -> Path:
    """Makes the folder of a new dataset from one data file; nothing that is there is changed. See `describe`.

    Raises:
        SourceError: the name is none, the dataset is there already, or the file cannot be read.
    """
    department, name = _names(target)
    folder = datasets / department / name
    if folder.exists():
        raise SourceError(Text(f"{folder} 已经存在，未作改动。", f"{folder} is there already. Nothing was changed."))
    with sketch(readable(source), pick_sheet=True, widest=MOST_COLUMNS) as drawn:
        draft = _look(drawn, layout, language)
    placed = {**drawn.resource, "name": name, "path": f"data/{source.name}"}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as staging:
        made = Path(staging) / name
        _fill(made, source, _written(name, placed, draft), draft.columns)
        if not (folder.parent / DEPARTMENT).exists():
            (folder.parent / DEPARTMENT).write_text(_department(department), encoding="utf-8")
        made.replace(folder)
    return folder


def _look(drawn: Sketch, layout: Layout | None, language: Language | None) -> _Draft:
    """Everything that the file shows: the passes over it are made here."""
    columns, rows = _columns(drawn)
    found = find_kinds(drawn, columns)
    references = find_references(drawn, columns, layout) if layout is not None else []
    alone = any(one.unique and one.type in _KEYS for one in columns)
    pair = None if alone else find_pair(drawn, columns)
    told = tuple(flaws(drawn, rows))
    return _Draft(drawn, tuple(columns), rows, found, tuple(references), pair, told, language)


def _columns(drawn: Sketch) -> tuple[list[Inferred], Rows]:
    """What the columns are and what the rows show; of a damaged file, those before the damage."""
    narrow = max(len(drawn.names), 1)  # bytes of the shortest row: one mark for each cell
    most = drawn.path.stat().st_size / narrow if drawn.resource["format"] in DELIMITED else np.inf
    return infer_table(drawn.names, drawn.blocks, most)


def _names(target: str) -> tuple[str, str]:
    parts = target.split("/")
    if any(len(part) > LONGEST_NAME for part in parts):
        raise SourceError(
            Text(
                f"名称太长：部门和数据集的名称各最多 {LONGEST_NAME} 个字符。",
                f"The name is too long: a department and a dataset have {LONGEST_NAME} characters at most each.",
            )
        )
    if len(parts) != 2 or not all(_NAME.fullmatch(part) for part in parts):  # noqa: PLR2004 (department and dataset)
        raise SourceError(
            Text(
                f"“{target}”不是“部门/数据集”的写法：只用小写字母 a-z、数字和连字符。",
                f"“{target}” is not department/dataset, each of the letters a-z, digits and inner hyphens.",
            )
        )
    return parts[0], parts[1]


def _fill(folder: Path, source: Path, descriptor: str, columns: Sequence[Inferred]) -> None:
    for part in ("data", "examples"):
        (folder / part).mkdir(parents=True)
    shutil.copyfile(source, folder / "data" / source.name)
    (folder / NAMES[0]).write_text(descriptor, encoding="utf-8")
    (folder / "README.md").write_text(_readme(folder.name), encoding="utf-8")
    (folder / "examples" / "invalid.csv").write_text(_examples(columns), encoding="utf-8")


def _written(name: str, resource: Mapping[str, Any], draft: _Draft) -> str:
    """The YAML: the package, its one resource, then field by field with what else could be said of it as comments."""
    language = draft.language
    other: Language = "en" if language == "zh" else "zh"
    head = {"$schema": "https://datapackage.org/profiles/2.0/datapackage.json", "name": name}
    whole, table = Text("这个数据集", "this dataset"), Text("这张表", "this table")
    package = {
        "keywords": [_todo(Text("TODO：检索用的词", "TODO: words that people search for"), language)],
        "licenses": [
            {
                "name": _todo(
                    Text("TODO：SPDX 名称，如 CC-BY-4.0", "TODO: an SPDX identifier such as CC-BY-4.0"), language
                ),
                "title": "TODO",
                "path": _todo(Text("TODO：许可证的网址", "TODO: its address"), language),
            }
        ],
        "sources": [
            {"title": _todo(Text("TODO：数字从哪里来", "TODO: where the figures come from"), language), "path": "TODO"}
        ],
        "contributors": [
            {
                "title": _todo(Text("TODO：答复的岗位", "TODO: the desk that answers"), language),
                "roles": ["steward"],
                "email": "TODO@example.org",
                "civicat": {other: {"title": _todo(Text("TODO：答复的岗位", "TODO: the desk that answers"), other)}},
            }
        ],
    }
    ours = {
        "language": language,
        other: {**_texts(whole, other), "keywords": [_todo(Text("TODO", "TODO"), other)]},
        "themes": [
            _todo(
                Text(f"TODO：选一项或几项：{'、'.join(THEMES)}", f"TODO: one or more of {', '.join(THEMES)}"), language
            )
        ],
        "frequency": _todo(
            Text(f"TODO：选一项：{'、'.join(FREQUENCIES)}", f"TODO: one of {', '.join(FREQUENCIES)}"), language
        ),
        "caveats": [{"zh": "TODO：使用前须知", "en": "TODO: what to know before use"}],
    }
    if language == "en":
        ours.pop("language")
    kept = {key: value for key, value in resource.items() if key != "name"}
    if draft.skips_blank_rows:
        kept["dialect"] = {**kept.get("dialect", {}), "skipBlankRows": True}
    return "".join(
        (
            _yaml({**head, **_texts(whole, language), **package}),
            "resources:\n",
            _other_sheets(draft, language),
            _on_rows(draft, language),
            _block([{"name": resource["name"], **kept, **_texts(table, language)}], 2),
            "    schema:\n      fields:\n",
            *(_field(one, draft, language, other) for one in draft.columns),
            _keys(draft),
            _block({"civicat": {other: _texts(table, other)} | _foreign_keys(draft)}, 4),
            _yaml({"civicat": ours}),
        )
    )


def _other_sheets(draft: _Draft, language: Language) -> str:
    if not draft.drawn.other_sheets:
        return ""
    names = draft.drawn.other_sheets
    said = Text(
        f"工作簿还有这些工作表：{'、'.join(names)}。要发布，请各写成一个资源。",
        f"The workbook has other sheets: {', '.join(names)}. To publish one, make it a resource of its own.",
    )
    return f"  # {said.within(language)}\n"


def _on_rows(draft: _Draft, language: Language) -> str:
    said = [on_one_line(text.within(language)) for text in draft.flaws]
    said += hints_on_rows(draft.rows, draft.drawn.headers, language, skips=draft.skips_blank_rows)
    return "".join(f"  # {line}\n" for line in said)


def _field(one: Inferred, draft: _Draft, language: Language, other: Language) -> str:
    what = Text(f"“{one.name}”一列", f"the column {one.name}")
    known = draft.kinds.get(one.name)
    kind = known.identifier if known is not None else None
    field = {**_read(one, kind), **_texts(what, language), **_example(one, language)}
    if one.required:
        field["constraints"] = {"required": True}
    labels = {"title": one.name} if _speaks(one.name) == other else {}
    field |= {"title": one.name} if _speaks(one.name) == language else {}
    if one.doubt:
        joint = Text(" 还是 ", " or ").within(language)
        field["description"] = _ASKED.within(language).format(or_=joint.join(one.doubt))
    elif one.orders:
        field["description"] = _BOTH_ORDERS.within(language)
    elif kind is not None and kind.personal:
        field["description"] = _PERSONAL.within(language)
    coded = one.name in {*draft.unique[:1], *(found.field for found in draft.references)}
    ours = {**_ours(one, kind, language, coded=coded), other: {**_texts(what, other), **labels}}
    said = hints(one, language, known, _said_of(one, draft.references))
    comments = "".join(f"        # {line}\n" for line in said)
    return comments + _block([{**field, "civicat": ours}], 8)


def _read(one: Inferred, kind: Identifier | None) -> dict[str, Any]:
    """How the cells are read. A code is text, were it of figures alone; a workbook's numbers can be read as no text."""
    field = one.to_field()
    is_code = kind is not None and one.type == "integer" and not one.typed
    return {**field, "type": "string"} if is_code else field


def _ours(one: Inferred, kind: Identifier | None, language: Language, *, coded: bool) -> dict[str, Any]:
    """What our own block says of a field: its unit, its decimals, the kind of its codes. A key has no unit."""
    ours: dict[str, Any] = {}
    if kind is not None and kind.name in _DEGREES:
        ours["unit"] = "°"
    elif one.sign:
        asked = _WHICH_MONEY.within(language).format(sign=one.sign, kinds=_ASKED_UNITS.get(one.sign, ""))
        ours["unit"] = asked if one.sign in _ASKED_UNITS else _UNITS.get(one.sign, one.sign)
    elif one.type in _NUMBERS and kind is None and not (coded and one.type == "integer"):
        ours["unit"] = _UNIT.within(language)
    if one.type == "number" and one.decimals is not None and one.decimals[0] == one.decimals[1] > 0:
        ours["scale"] = one.decimals[0]
    return {**ours, **({"identifier": kind.name} if kind is not None else {})}


def _said_of(one: Inferred, references: Sequence[Candidate]) -> list[Text]:
    """Why a column seems to refer to another dataset."""
    return [
        Text(
            f"{found.values:,} 个值都在 {found.dataset} 的 {found.resource}.{found.key} 中（共 {found.keys:,} 个），"
            "所以下面写了 foreignKeys。不对请删去。",
            f"All {found.values:,} values are among the {found.keys:,} of {found.dataset}, "
            f"{found.resource}.{found.key}: hence the foreignKeys below. Take it out if it is by chance.",
        )
        for found in references
        if found.field == one.name
    ]


def _foreign_keys(draft: _Draft) -> dict[str, Any]:
    return {"foreignKeys": [one.to_descriptor() for one in draft.references]} if draft.references else {}


def _keys(draft: _Draft) -> str:
    """The first column that tells the rows apart as the primary key; the others as a comment."""
    unique = draft.unique
    if unique:
        others, many = ", ".join(unique[1 : _LISTED + 1]), max(one.filled for one in draft.columns) >= _TELLING
        dots = " ..." if len(unique) > _LISTED + 1 else ""
        more = f"      # {_ALSO.within(draft.language)}{others}{dots}\n" if others and many else ""
        return more + _block({"primaryKey": unique[:1]}, 6)
    said = _NO_KEY if draft.pair is None else _PAIR
    words = said.within(draft.language).format(pair=", ".join(draft.pair or ()))
    return f"      # {words}\n"


def _texts(what: Text, language: Language) -> dict[str, str]:
    return {name: _todo(text, language).format(what=what.within(language)) for name, text in _TODO.items()}


def _todo(text: Text, language: Language) -> str:
    return text.within(language)


def _example(one: Inferred, language: Language) -> dict[str, Any]:
    """A value of the column as it stands in the file, cut where it is long; half a shape would be no shape.

    frictionless reads `example` without the marks of its field, so 1,5 stands under `examples`, which it leaves alone.
    """
    text = one.example
    if one.type in _STRUCTURED:
        text = _shape(text) if one.type == "geojson" else text
        return {"example": text} if len(text) <= LONGEST_EXAMPLE else {"examples": [_SHORT_ONE.within(language)]}
    if one.type == "datetime" and one.typed and "T" not in text:
        text = f"{text}T00:00:00"
    text = text[:LONGEST_EXAMPLE]
    marked = text and {"groupChar", "decimalChar", "bareNumber"} & set(dict(one.kind))
    return {"examples": [text]} if marked else {"example": text or _TYPICAL.within(language)}


def _shape(text: str) -> str:
    """A geometry without heights, which the standard's own schema of an example does not know."""
    return json.dumps(flat(json.loads(text)), ensure_ascii=False, separators=(",", ":"))


def _speaks(label: str) -> Language:
    return "zh" if _HAN.search(label) else "en"


def _examples(columns: Sequence[Inferred]) -> str:
    """The header that the bad examples have, and one good row."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["finding", *(one.name for one in columns)])
    writer.writerow(["", *(one.example for one in columns)])
    return lines.getvalue()


def _department(code: str) -> str:
    whole = Text("这个部门", "this department")
    both = {language: _texts(whole, language) for language in LANGUAGES}
    return _yaml(
        {
            "code": code,
            "title": {language: both[language]["title"] for language in LANGUAGES},
            "description": {language: both[language]["description"] for language in LANGUAGES},
            "url": "TODO: the department's site",
            "contact": {
                "title": {"zh": "TODO：答复的岗位", "en": "TODO: the desk that answers"},
                "url": "TODO: or email, or phone",
            },
        }
    )


def _readme(name: str) -> str:
    return (
        f"# {name}\n\nTODO: why the data is collected, how, and what it cannot say.\n\n"
        "TODO：为什么收集，怎样收集，不能说明什么。\n"
    )


def _block(value: object, indent: int) -> str:
    return "".join(f"{' ' * indent}{line}\n" for line in _yaml(value).splitlines())


def _yaml(value: object) -> str:
    return str(yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=4096))


class _Dumper(yaml.SafeDumper):
    """Quotes every text that any YAML reader may take for something else; short lists stay on one line."""


def _quote(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if _PLAIN.match(text) else None)


def _flow(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.SequenceNode:
    short = all(isinstance(one, str | int | float) for one in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=short)


_Dumper.add_representer(str, _quote)
_Dumper.add_representer(list, _flow)
