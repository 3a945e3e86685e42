"""JSON as releases hold it: one spelling for one value, so that the same input gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, time


def plain(value: object) -> object:
    """What JSON can hold: mappings with text keys, lists, and the dates and times of a YAML file as ISO 8601."""
    match value:
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case date() | time():
            return value.isoformat()
        case _:
            return value


def encode(value: object) -> bytes:
    """A plain value as indented UTF-8 with its keys in the order in which they stand."""
    return (json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n").encode()


def canonical(value: object) -> bytes:
    """A value as canonical JSON (RFC 8785) of texts, whole numbers, truths, lists and mappings with ASCII keys.

    Raises:
        ValueError: it holds a number that is not finite.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def sha256_of(content: bytes) -> str:
    """The sha256 of bytes, in hex."""
    return hashlib.sha256(content).hexdigest()
