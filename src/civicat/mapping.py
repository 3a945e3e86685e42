"""Reads the mappings of a descriptor strictly: every key known, every value of its kind, every error with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from civicat.errors import DescriptorError
from civicat.text import Text

Value = TypeVar("Value")

_KINDS: dict[type, Text] = {
    str: Text("文字", "text"),
    bool: Text("true 或 false", "true or false"),
    int: Text("整数", "a whole number"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """One mapping of a descriptor and where it stands: in `file`, at a path such as `resources[0]`."""

    values: Mapping[str, object]
    file: str
    at: str = ""
    closed: bool = True

    def only(self, known: Collection[str]) -> None:
        """Refuses every key that is not in `known`, with the nearest known key. An open block lets them pass.

        Raises:
            DescriptorError: an unknown key.
        """
        if not self.closed:
            return
        for key in self.values:
            if key not in known:
                raise self.unknown(str(key), known)

    def unknown(self, key: str, known: Collection[str]) -> DescriptorError:
        """The error for a key (or a value of a closed list) that nobody knows."""
        near = get_close_matches(key, known, n=1, cutoff=0.5)
        zh = f"您是指“{near[0]}”吗？" if near else f"可用：{'、'.join(sorted(known))}。"
        en = f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(sorted(known))}."
        return self.wrong(Text(f"没有“{key}”这一项。{zh}", f"“{key}” is not known here. {en}"))

    def wrong(self, message: Text, key: str = "") -> DescriptorError:
        """A DescriptorError at this block, or at one of its keys."""
        at = ".".join(part for part in (self.at, key) if part)
        return DescriptorError(
            Text(
                f"{self.file}{f'，{at}' if at else ''}：{message.zh}",
                f"{self.file}{f', {at}' if at else ''}: {message.en}",
            )
        )

    def get(self, key: str, kind: type[Value], default: Value) -> Value:
        """The value of one kind, or the default where the key is absent or null."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            expected = _KINDS.get(kind, Text("一组键值", "a mapping"))
            raise self.wrong(
                Text(f"这里应为{expected.zh}，实为 {value!r}。", f"this must be {expected.en}, it is {value!r}."), key
            )
        return value

    def text(self, key: str, default: str = "") -> str:
        """A text, or the default where there is none."""
        return self.get(key, str, default)

    def needed(self, key: str) -> str:
        """A text that must be there.

        Raises:
            DescriptorError: the key is absent, blank or no text.
        """
        if not (value := self.text(key).strip()):
            raise self.wrong(Text(f"缺少“{key}”。请补上。", f"“{key}” is missing. Add it."))
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone counts as a list of one."""
        value = self.values.get(key)
        if value is None:
            return ()
        many = [value] if isinstance(value, str) else value
        if not isinstance(many, list) or not all(isinstance(one, str) for one in many):
            raise self.wrong(Text("这里应为一列文字。", "this must be a list of texts."), key)
        return tuple(many)

    def both(self, key: str) -> Text:
        """A text in both languages, written as `{zh: ..., en: ...}`."""
        block = self.block(key)
        block.only(("zh", "en"))
        return Text(block.text("zh"), block.text("en"))

    def block(self, key: str) -> Block:
        """The mapping under a key; an empty one where the key is absent."""
        value = self.values.get(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.wrong(Text("这里应为一组键值。", "this must be a mapping."), key)
        return Block(value, self.file, ".".join(part for part in (self.at, key) if part), self.closed)

    def blocks(self, key: str) -> Iterator[Block]:
        """The mappings in a list under a key; none where the key is absent."""
        value = self.values.get(key)
        if value is None:
            value = []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.wrong(Text("这里应为一列键值组。", "this must be a list of mappings."), key)
        at = ".".join(part for part in (self.at, key) if part)
        for number, one in enumerate(value):
            yield Block(one, self.file, f"{at}[{number}]", self.closed)


def mappings(value: object) -> list[Mapping[str, object]]:
    """The mappings in a list as JSON was parsed to; none where it is no list, for a file may hold anything."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def mapping(value: object) -> Mapping[str, object]:
    """A mapping as JSON was parsed to; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def whole(value: object) -> int:
    """A count as JSON was parsed to; 0 where it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def spelled(value: object) -> str:
    """A text as JSON was parsed to; blank where it is none."""
    return value if isinstance(value, str) else ""
