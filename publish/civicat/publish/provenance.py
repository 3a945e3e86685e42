"""When, from which files and with which tools a release was made: the one file in it that a second run writes anew.

It also holds the sha256 of the manifest, of the report and of its own words, so that `verify` covers every file.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from json import JSONDecodeError, loads
from typing import Any

from civicat.errors import CivicatError
from civicat.publish.jsontext import encode, sha256_of
from civicat.report import Report
from civicat.text import Text

_SEAL = "sha256"
_TOOLS = ("civicat", "duckdb", "frictionless", "pyarrow")


def provenance(report: Report, files: Mapping[str, bytes]) -> bytes:
    """The content of provenance.json; `files` are the other JSON files of the release.

    Raises:
        CivicatError: SOURCE_DATE_EPOCH is set and is no number of seconds.
    """
    body = {
        "released": _now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tools": {tool: version(tool) for tool in _TOOLS} | {"python": platform.python_version()},
        "inputs": _inputs(report),
        "files": {name: f"sha256:{sha256_of(content)}" for name, content in files.items()},
    }
    return encode(_sealed(body))


def vouched(content: bytes) -> dict[str, str] | None:
    """The sha256, in hex, of each file that a provenance.json names; None where it is not as it was written."""
    try:
        body = loads(content)
    except (JSONDecodeError, UnicodeDecodeError):
        return None
    if not isinstance(body, dict) or encode(_sealed(body)) != content:
        return None
    return {name: text.removeprefix("sha256:") for name, text in body["files"].items()}


def _sealed(body: Mapping[str, Any]) -> dict[str, Any]:
    words = {key: value for key, value in body.items() if key != _SEAL}
    return {**words, _SEAL: sha256_of(encode(words))}


def _inputs(report: Report) -> list[dict[str, object]]:
    """The data files as they were read, each once (several resources can be sheets of one workbook)."""
    once = {one.path: {"path": one.path, "bytes": one.bytes, "sha256": one.sha256} for one in report.resources}
    return list(once.values())


def _now() -> datetime:
    """The time, or what SOURCE_DATE_EPOCH says it is (reproducible-builds.org): seconds since 1970, UTC."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not seconds:
        return datetime.now(UTC)
    if not (seconds.isascii() and seconds.isdecimal()):
        raise CivicatError(
            Text(
                f"SOURCE_DATE_EPOCH 应为秒数，实为“{seconds}”。",
                f"SOURCE_DATE_EPOCH must be a number of seconds, it is “{seconds}”.",
            )
        )
    return datetime.fromtimestamp(int(seconds), UTC)
