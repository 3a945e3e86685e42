"""Where the charts of a column and the card of a release are found, once this site draws them."""

from __future__ import annotations

import re
from functools import cache

from civicat.catalog.charts.asked import encoded
from civicat.release import Release
from civicat.text import Language

_SAMPLE = "/d/department/dataset/1.0.0/chart/distribution/resource/column"


def chart_address(release: Release, resource: str, column: str) -> str:
    """The page of a column's distribution."""
    return f"{_base(release)}/chart/distribution/{encoded(resource)}/{encoded(column)}"


def card_address(release: Release, language: Language) -> str:
    """The picture that stands for a release where its address is shared."""
    return f"{_base(release)}/card-{language}.png"


def _base(release: Release) -> str:
    return f"/d/{release.dataset.id}/{release.version}"


@cache
def are_drawn() -> bool:
    """Whether this site draws charts: a link to one that it does not draw would lead nowhere."""
    from civicat.catalog.pages import ROUTES  # noqa: PLC0415 (the pages import this module)

    return any(re.match(address, _SAMPLE) for address, _ in ROUTES)
