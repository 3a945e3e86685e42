"""What time it is, said in one place: a release can be made again as it was (reproducible-builds.org)."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from civicat.errors import CivicatError
from civicat.text import Text


def now() -> datetime:
    """The time in UTC, or what SOURCE_DATE_EPOCH says it is: seconds since 1970.

    Raises:
        CivicatError: SOURCE_DATE_EPOCH is set and is no number of seconds.
    """
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


def moment(time: datetime) -> str:
    """A time in UTC as releases write it: ISO 8601, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
