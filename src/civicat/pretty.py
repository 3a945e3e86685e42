"""JSON that people can read as well as programs: spread over lines, but each error and each finding on one."""

from __future__ import annotations

import json

_ON_ONE_LINE = frozenset({"errors", "findings", "causes"})  # lists of which each member takes one line
_compact = json.JSONEncoder(ensure_ascii=False).encode  # the quick one: an indented text is not made in C


def pretty(value: object, before: str = "", *, lines: bool = True) -> str:
    """A value as JSON text; `before` is the indentation of the line that it ends, `lines` says to spread it."""
    inner = f"{before}  "
    if lines and isinstance(value, dict) and value:
        members = [f"{inner}{_compact(str(name))}: {_member(name, one, inner)}" for name, one in value.items()]
        return "{\n" + ",\n".join(members) + f"\n{before}}}"
    if isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        return "[\n" + ",\n".join(inner + pretty(one, inner, lines=lines) for one in value) + f"\n{before}]"
    return _compact(value)


def _member(name: str, value: object, before: str) -> str:
    return pretty(value, before, lines=not (name in _ON_ONE_LINE and isinstance(value, list)))
