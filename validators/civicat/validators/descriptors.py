"""Reads department.yaml, datapackage.(yaml|json) and Table Schemas strictly: no key twice, each error with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from civicat.dataset import Dataset, Department, read_dataset, read_department
from civicat.errors import DescriptorError
from civicat.text import Text
from civicat.validators.places import inside

if TYPE_CHECKING:
    import yaml

NAMES = ("datapackage.yaml", "datapackage.json")
DEPARTMENT = "department.yaml"
_DEEPEST = 60  # levels of a descriptor; a whole one of ours has nine
_REFERENCED = ("schema", "dialect")

# Only what YAML 1.1 and 1.2 read alike is no text: dates stay text, and so do `no` (Norway), `007` and `1e-5`.
_SCALARS = {
    "tag:yaml.org,2002:bool": (re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"),
    "tag:yaml.org,2002:int": (re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), "-+0123456789"),
    "tag:yaml.org,2002:float": (
        re.compile(r"^[-+]?(?:(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?$"),
        "-+0123456789.",
    ),
    "tag:yaml.org,2002:null": (re.compile(r"^(?:~|null|Null|NULL|)$"), "~nN\0"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A descriptor as read: its values, and the line (from 1) of each key path such as `resources[0].schema`."""

    path: Path
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def line(self, key: str) -> int | None:
        """The line of a key path, or of the nearest one above it."""
        while key and key not in self.lines:
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return self.lines.get(key)


def find_descriptor(folder: Path) -> Path | None:
    """The descriptor of a dataset folder, if there is one."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def load(path: Path) -> Document:
    """The mapping in a YAML or JSON file.

    Raises:
        DescriptorError: no such file, not UTF-8, not YAML or JSON, a key twice, or no mapping.
    """
    text = _text(path)
    values, lines = (_json(path, text), {}) if path.suffix == ".json" else _yaml(path, text)
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise _refused(path, Text("这里应为一组键值。", "this must hold a mapping of keys and values."))
    if _too_deep(values):
        raise _refused(path, _NESTED)
    return Document(path, values, lines)


def load_dataset(path: Path, department: str) -> Dataset:
    """The dataset of a datapackage.(yaml|json), with schemas that stand in files of their own read in.

    Raises:
        DescriptorError: the descriptor cannot be read, or a key or value in it is not known.
    """
    values = load(path).values
    resources = values.get("resources")
    files: dict[int, str] = {}
    if isinstance(resources, list):
        files = {number: str(path.parent / name) for number, one in enumerate(resources) if (name := _schema_file(one))}
        resources = [_with_references(one, path.parent) if isinstance(one, dict) else one for one in resources]
        values = {**values, "resources": resources}
    return read_dataset(values, str(path), department, path.parent, files)


def load_department(path: Path) -> Department:
    """The department of a department.yaml.

    Raises:
        DescriptorError: the file is not there or cannot be read.
    """
    return read_department(load(path).values, str(path))


def _schema_file(resource: object) -> str:
    """The file that a resource names as its schema; empty where the schema stands in the descriptor itself."""
    schema = resource.get("schema") if isinstance(resource, dict) else None
    return schema if isinstance(schema, str) else ""


def _with_references(resource: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    named = {key: resource[key] for key in _REFERENCED if isinstance(resource.get(key), str)}
    return {**resource, **{key: load(inside(folder, name)).values for key, name in named.items()}}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise _refused(path, Text("没有这个文件。", "there is no such file.")) from error
    except OSError as error:
        raise _refused(path, Text(f"打不开（{error.strerror}）。", f"cannot be opened ({error.strerror}).")) from error
    except UnicodeDecodeError as error:
        raise _refused(
            path, Text("不是 UTF-8 文本。请另存为 UTF-8。", "this is not UTF-8 text. Save it as UTF-8.")
        ) from error


def _json(path: Path, text: str) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if (twice := _twice(key for key, _ in pairs)) is not None:
            raise _refused(path, _written_twice(twice))
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise _refused(
            path, Text(f"不是有效的 JSON（{error.msg}）。", f"not JSON ({error.msg})."), error.lineno
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise _refused(path, Text(f"不是有效的 JSON（{error}）。", f"not JSON ({error}).")) from error
    except RecursionError as error:
        raise _refused(path, _NESTED) from error


def _yaml(path: Path, text: str) -> tuple[object, dict[str, int]]:
    import yaml  # noqa: PLC0415 (a descriptor in JSON need not pay for it)

    try:
        loader = _loader()(text)
        node = loader.get_single_node()
        if node is None:
            raise _refused(path, Text("这个文件是空的。", "this file is empty."))
        lines: dict[str, int] = {}
        _index(path, node, "", lines, set())
        return loader.construct_document(node), lines
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        problem = f"{error.problem or error.context}"
        raise _refused(
            path,
            Text(
                f"不是有效的 YAML（{problem}）。请检查缩进、冒号和引号。",
                f"not YAML ({problem}). Look at the indentation, the colons and the quotes.",
            ),
            line,
        ) from error
    except RecursionError as error:
        raise _refused(path, _NESTED) from error
    except yaml.YAMLError as error:
        raise _refused(path, Text("含有不允许的字符。", "holds characters that YAML does not allow.")) from error


@cache
def _loader() -> Any:  # noqa: ANN401 (PyYAML's loader classes are made at run time: with libyaml or without)
    import yaml  # noqa: PLC0415 (a descriptor in JSON need not pay for it)

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # a class chosen at run time
        yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}

    for tag, (pattern, first) in _SCALARS.items():
        Loader.add_implicit_resolver(tag, pattern, ["" if one == "\0" else one for one in first])
    return Loader


def _index(path: Path, node: yaml.Node, at: str, lines: dict[str, int], seen: set[int]) -> None:
    """Notes the line of each key path. An alias is refused: it may unfold without end, and JSON knows none."""
    import yaml  # noqa: PLC0415 (a descriptor in JSON need not pay for it)

    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return
    if id(node) in seen:
        raise _refused(
            path, Text("不支持 YAML 别名（*）。请写全。", "YAML aliases (*) are not supported. Write it out."), line
        )
    seen.add(id(node))
    for key, key_node, value in _entries(path, node):
        below = f"{at}{key}" if key.startswith("[") or not at else f"{at}.{key}"
        lines[below] = key_node.start_mark.line + 1
        _index(path, value, below, lines, seen)


def _entries(path: Path, node: yaml.Node) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    import yaml  # noqa: PLC0415 (a descriptor in JSON need not pay for it)

    if isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield f"[{number}]", value, value
    elif isinstance(node, yaml.MappingNode):
        keys = [str(key.value) for key, _ in node.value]
        if (twice := _twice(iter(keys))) is not None:
            last = [key for key, _ in node.value if str(key.value) == twice][-1]
            raise _refused(path, _written_twice(twice), last.start_mark.line + 1)
        yield from ((str(key.value), key, value) for key, value in node.value)


_NESTED = Text("层次太深。请检查括号和缩进。", "nested too deeply. Look at the brackets and the indentation.")


def _too_deep(values: object) -> bool:
    """Whether a descriptor has more levels than what reads it can follow."""
    level = [values]
    for _ in range(_DEEPEST):
        level = [one for above in level for one in _inside(above)]
    return bool(level)


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _twice(keys: Iterator[str]) -> str | None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    return None


def _written_twice(key: str) -> Text:
    return Text(f"“{key}”写了两次。请只留一处。", f"“{key}” is written twice. Keep one.")


def _refused(path: Path, message: Text, line: int | None = None) -> DescriptorError:
    zh = f"，第 {line} 行" if line else ""
    en = f", line {line}" if line else ""
    return DescriptorError(Text(f"{path}{zh}：{message.zh}", f"{path}{en}: {message.en}"))


def same_names(path: Path, dataset: Dataset, department: Department) -> None:
    """Refuses a dataset or a department that does not bear the name of its folder.

    Raises:
        DescriptorError: a name differs.
    """
    folder = path.absolute().parent
    folder = folder.resolve() if ".." in folder.parts else folder
    _named_as(path, dataset.name, folder.name)
    _named_as(path.parent.parent / DEPARTMENT, department.code, folder.parent.name)


def _named_as(path: Path, name: str, folder: str) -> None:
    if name != folder:
        raise DescriptorError(
            Text(
                f"{path}：名称是“{name}”，而目录叫“{folder}”。两者须一致。",
                f"{path}: the name is “{name}” and the folder is “{folder}”. They must be the same.",
            )
        )


def no_descriptor(folder: Path) -> NoReturn:
    """Refuses a folder that has no descriptor.

    Raises:
        DescriptorError: always.
    """
    raise DescriptorError(
        Text(f"{folder} 中没有 datapackage.yaml。", f"{folder} has no datapackage.yaml."),
        Text("可用 civicat new 起草一份。", "civicat new drafts one from a file."),
        note="'resources' is a required property",
    )
