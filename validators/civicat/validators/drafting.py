"""A first descriptor for a file, and a dataset folder to begin with: what can be known is filled in, the rest TODO."""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from civicat.dataset import LONGEST_NAME
from civicat.errors import SourceError
from civicat.text import LANGUAGES, Language, Text
from civicat.validators.descriptors import DEPARTMENT, NAMES
from civicat.validators.inference import LONGEST_EXAMPLE, Inferred
from civicat.validators.opening import columns_of, draft_resource
from civicat.validators.places import readable
from civicat.vocabulary import FREQUENCIES, THEMES

_HAN = re.compile(r"[㐀-鿿]")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_PLAIN = re.compile(r"^[-+.\d~]")  # our reader takes fewer scalars for numbers than PyYAML's does, and some others
_SAID = 200  # characters of a comment that lists values
_TODO: Mapping[str, Text] = {
    "title": Text("TODO：{what}的中文标题", "TODO: a title for {what}"),
    "description": Text("TODO：用一两句话说明{what}", "TODO: say in a sentence or two what {what} is"),
}
_STRUCTURED = frozenset({"array", "geojson", "object"})
_ASKED = "TODO: decide how to read this column"


def describe(path: Path) -> str:
    """The text of a datapackage.yaml for one data file, with a TODO wherever a human must decide.

    Raises:
        SourceError: the file is not there, no format that is known, or cannot be read.
    """
    resource = draft_resource(path)
    return _written(str(resource["name"]), resource, columns_of(path, resource))


def scaffold(target: str, source: Path, datasets: Path) -> Path:
    """Makes the folder of a new dataset from one data file; nothing that is there is changed.

    Raises:
        SourceError: the name is none, the dataset is there already, or the file cannot be read.
    """
    department, name = _names(target)
    folder = datasets / department / name
    if folder.exists():
        raise SourceError(Text(f"{folder} 已经存在，未作改动。", f"{folder} is there already. Nothing was changed."))
    readable(source)
    resource = draft_resource(source)
    columns = columns_of(source, resource)
    placed = {**resource, "name": name, "path": f"data/{source.name}"}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as staging:
        draft = Path(staging) / name
        _fill(draft, source, _written(name, placed, columns), columns)
        if not (folder.parent / DEPARTMENT).exists():
            (folder.parent / DEPARTMENT).write_text(_department(department), encoding="utf-8")
        draft.replace(folder)
    return folder


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


def _written(name: str, resource: Mapping[str, Any], columns: Sequence[Inferred]) -> str:
    """The YAML: the package, its one resource, then field by field with what else could be said of it as comments."""
    language = _language(columns)
    other: Language = "en" if language == "zh" else "zh"
    head = {"$schema": "https://datapackage.org/profiles/2.0/datapackage.json", "name": name}
    whole, table = Text("这个数据集", "this dataset"), Text("这张表", "this table")
    package = {
        "keywords": [_todo(Text("TODO：检索用的词", "TODO: words that people search for"), language)],
        "licenses": [
            {"name": "TODO: an SPDX identifier such as CC-BY-4.0", "title": "TODO", "path": "TODO: its address"}
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
        "themes": [f"TODO: one or more of {', '.join(THEMES)}"],
        "frequency": f"TODO: one of {', '.join(FREQUENCIES)}",
        "caveats": [{"zh": "TODO：使用前须知", "en": "TODO: what to know before use"}],
    }
    if language == "en":
        ours.pop("language")
    kept = {key: value for key, value in resource.items() if key != "name"}
    return "".join(
        (
            _yaml({**head, **_texts(whole, language), **package}),
            "resources:\n",
            _block([{"name": resource["name"], **kept, **_texts(table, language)}], 2),
            "    schema:\n      fields:\n",
            *(_field(one, language, other) for one in columns),
            _keys(columns),
            _block({"civicat": {other: _texts(table, other)}}, 4),
            _yaml({"civicat": ours}),
        )
    )


def _field(one: Inferred, language: Language, other: Language) -> str:
    what = Text(f"“{one.name}”一列", f"the column {one.name}")
    ours: dict[str, Any] = {}
    if one.type in {"number", "integer"}:
        ours["unit"] = "TODO: a unit symbol; '1' for a count or a share; for a code make the type string"
    field = {**one.to_field(), **_texts(what, language), **_example(one)}
    if one.required:
        field["constraints"] = {"required": True}
    labels = {"title": one.name} if _speaks(one.name) == other else {}
    field |= {"title": one.name} if _speaks(one.name) == language else {}
    ours[other] = {**_texts(what, other), **labels}
    if one.doubt:
        field["description"] = f"{_ASKED} ({' or '.join(one.doubt)}), then say what it is"
    return _comment(one) + _block([{**field, "civicat": ours}], 8)


def _comment(one: Inferred) -> str:
    """What the file shows and nobody has decided: the few values of a column, the decimals of a number."""
    lines = []
    if one.labels and len(listed := ", ".join(one.labels)) <= _SAID:
        lines.append(f"# Holds only: {listed}. To allow no other value, list them under constraints: {{enum: [...]}}.")
    if one.type == "number" and one.decimals:
        many = "1 decimal" if one.decimals == 1 else f"{one.decimals} decimals"
        lines.append(f"# At most {many}. To keep them exactly: civicat: {{scale: {one.decimals}}}.")
    return "".join(f"        {line}\n" for line in lines)


def _keys(columns: Sequence[Inferred]) -> str:
    """The first column that tells the rows apart as the primary key; the others as a comment."""
    unique = [one.name for one in columns if one.unique and one.type in {"string", "integer"}]
    if not unique:
        return "      # No single column tells the rows apart. If several do together: primaryKey: [a, b].\n"
    more = f"      # Different in every row, too: {', '.join(unique[1:])}.\n" if unique[1:] else ""
    return more + _block({"primaryKey": unique[:1]}, 6)


def _texts(what: Text, language: Language) -> dict[str, str]:
    return {name: _todo(text, language).format(what=what.within(language)) for name, text in _TODO.items()}


def _todo(text: Text, language: Language) -> str:
    return text.within(language)


def _example(one: Inferred) -> dict[str, Any]:
    """A value of the column as it stands in the file, cut where it is long; half a shape would be no shape.

    frictionless reads `example` without the marks of its field, so 1,5 stands under `examples`, which it leaves alone.
    """
    if len(one.example) > LONGEST_EXAMPLE and one.type in _STRUCTURED:
        return {}
    text = one.example[:LONGEST_EXAMPLE]
    marked = text and {"groupChar", "decimalChar"} & set(dict(one.kind))
    return {"examples": [text]} if marked else {"example": text or "TODO: a typical value"}


def _language(columns: Sequence[Inferred]) -> Language:
    chinese = sum(_speaks(one.name) == "zh" for one in columns)
    return "zh" if chinese * 2 > len(columns) else "en"


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
