"""Why a file could not be written, in words."""

from __future__ import annotations

import errno

from civicat.errors import StoreError
from civicat.publish import staging
from civicat.text import Text

_REASONS = {**staging.REASONS, errno.EFBIG: Text("文件超出系统允许的大小", "the file is larger than the system allows")}


def is_of_writing(error: OSError) -> bool:
    """Whether an error is one of those that only writing has. What lies damaged on disk has none, or another."""
    return error.errno in _REASONS


def unwritable(name: str, error: OSError) -> StoreError:
    """The error for a file that cannot be written, of which nothing half is left."""
    known = error.strerror or str(error)
    reason = _REASONS.get(error.errno or 0, Text(known, known))
    return StoreError(
        Text(
            f"无法生成 {name}：{reason.zh}。没有留下不完整的文件。",
            f"{name} cannot be made: {reason.en}. Nothing half is left.",
        )
    )
