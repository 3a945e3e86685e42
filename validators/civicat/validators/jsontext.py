"""JSON text as a stream: the elements of an array of any size, one after the other, in bounded memory."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self, TypeAlias

from civicat.errors import SourceError
from civicat.text import Text
from civicat.validators.messages import of_file, plain

LARGEST = 256 << 20  # characters of one value: a whole country's border in full detail has 20 million
_PIECE = 1 << 18  # characters read at a time
_CUT = (
    16  # characters at the end of a piece in which what is cut off looks wrong: the longest are escapes and -Infinity
)
_BLANK = frozenset({"", " ", "\t", "\r", "\n"})
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_SPACE = re.compile(r"[ \t\r\n]*")


Pairs: TypeAlias = Callable[[list[tuple[str, Any]]], dict[str, Any]] | None


class DuplicateNameError(ValueError):
    """A name that occurs twice in one object."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Reader:
    """Reads one JSON text from its start; a context manager. Each method begins where the last one ended.

    `pairs` makes an object of its pairs: `unique` looks for names that occur twice, None does not.
    """

    def __init__(self, path: Path, encoding: str, pairs: Pairs) -> None:
        self._path = path
        self._file = path.open(encoding=encoding)
        self._text = ""
        self._at = 0
        self._line = 1  # of the first character of the text that is held
        self._ended = False
        self._decode = decoder(path, pairs).raw_decode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def next(self) -> str:
        """The next character that is no space, which stays where it is; empty at the end of the text."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr] # it matches nothing too
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, wanted: str) -> bool:
        """Whether the next character is the one that is wanted; then it is passed."""
        found = self.next() == wanted
        self._at += found
        return found

    def elements(self) -> Iterator[Any]:
        """The elements of an array.

        Raises:
            SourceError: it is no JSON.
        """
        self._need("[")
        if self.take("]"):
            return
        while True:
            yield self.value()
            if (comma := _COMMA.match(self._text, self._at)) and comma.end() < len(self._text):
                self._at = comma.end()
                continue
            if self.take("]"):
                return
            self._need(",")

    def names(self) -> Iterator[str]:
        """The names of an object; whoever asks for the next one must have read the value of the last."""
        self._need("{")
        if self.take("}"):
            return
        while True:
            name = self.value() if self.next() == '"' else self._fail("a name in quotes is due")
            self._need(":")
            yield name
            if self.take("}"):
                return
            self._need(",")

    def value(self) -> Any:  # noqa: ANN401 (any JSON value)
        """The next value as a whole.

        Raises:
            SourceError: it is no JSON, nested too deeply, or too large.
        """
        if self._text[self._at : self._at + 1] in _BLANK:
            self.next()
        wanted = _PIECE
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not (self._may_go_on(error) and self._more(wanted)):
                    self._at = min(error.pos, len(self._text))
                    self._fail(error.msg, error)
            except RecursionError as error:
                raise unsuitable(self._path, Text("层次不太深的 JSON", "JSON that is not nested too deeply")) from error
            except DuplicateNameError as error:
                raise self._duplicate(error.name) from error
            except ValueError as error:
                raise too_long(self._path, self._here()) from error
            else:
                if end < len(self._text) or not self._more():  # else a number might go on
                    self._at = end
                    return value
            wanted *= (
                2  # what is not whole yet is begun again: with pieces of one size a long value would take for ever
            )

    def end(self) -> None:
        """Nothing may follow.

        Raises:
            SourceError: something does.
        """
        if self.next():
            self._fail("Extra data")

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Whether the text is wrong only because it is cut off."""
        return error.pos >= len(self._text) - _CUT or error.msg.startswith("Unterminated string")

    def _more(self, size: int = _PIECE) -> bool:
        """Reads on, and lets go of what was passed. Whether there was more."""
        piece = "" if self._ended else self._file.read(size)
        self._ended = not piece
        self._line += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :] + piece
        self._at = 0
        if len(self._text) > LARGEST:
            raise unsuitable(self._path, Text("每一项都不太大的 JSON", "JSON of which no single value is too large"))
        return bool(piece)

    def _need(self, wanted: str) -> None:
        if not self.take(wanted):
            self._fail(f"“{wanted}” is due")

    def _here(self) -> int:
        return self._line + self._text.count("\n", 0, self._at)

    def _fail(self, why: str, cause: Exception | None = None) -> NoReturn:
        raise wrong(self._path, self._here(), why) from cause

    def _duplicate(self, name: str) -> SourceError:
        return duplicate(self._path, self._here(), name)


def decoder(path: Path, pairs: Pairs) -> json.JSONDecoder:
    """A decoder that takes JSON and nothing more: no NaN."""

    def refuse(word: str) -> NoReturn:
        raise unsuitable(path, Text(f"有效的 JSON（其中不得有 {word}）", f"valid JSON, which knows no {word}"))

    return json.JSONDecoder(object_pairs_hook=pairs, parse_constant=refuse)


def wrong(path: Path, line: int, why: str) -> SourceError:
    """The refusal of what is no JSON, at a line of the file."""
    told = of_file(why)
    return SourceError(
        Text(
            f"{path}，第 {line} 行：不是有效的 JSON（{told.zh}）。",
            f"{path}, line {line}: this is not JSON ({told.en}).",
        ),
        Text("请重新导出。", "Export the file again."),
        note=why,
    )


def too_long(path: Path, line: int) -> SourceError:
    """The refusal of a whole number of thousands of digits: it is JSON, and nothing computes with it."""
    most = sys.get_int_max_str_digits()
    return SourceError(
        Text(
            f"{path}，第 {line} 行：有一个整数超过 {most} 位，无法读成数字。",
            f"{path}, line {line}: a whole number has more than {most:,} digits and cannot be read as one.",
        ),
        Text("若它是编号，请加上引号，写成文字。", "If it is a code, put it in quotes, as text."),
    )


def duplicate(path: Path, line: int, name: str) -> SourceError:
    """The refusal of an object in which a name occurs twice: nobody knows which of the values is meant."""
    return SourceError(
        Text(
            f"{path}，第 {line} 行：同一个对象里有两个“{plain(name)}”。",
            f"{path}, line {line}: one object has “{plain(name)}” twice.",
        ),
        Text("请只保留一个。", "Keep one of them."),
    )


def unsuitable(path: Path, expected: Text) -> SourceError:
    """The refusal of JSON that is not what a table needs."""
    return SourceError(Text(f"{path}：这里应为{expected.zh}。", f"{path}: this must be {expected.en}."))


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of its pairs.

    Raises:
        DuplicateNameError: a name occurs twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        seen = set[str]()
        raise DuplicateNameError(next(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value] # add is always false
    return found
