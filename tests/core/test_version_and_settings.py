"""Versions are read strictly; settings come from the environment once."""

from __future__ import annotations

from pathlib import Path

import pytest

from civicat.errors import CivicatError
from civicat.release import Version
from civicat.settings import Settings, read_settings


def test_versions_stand_in_the_order_of_their_numbers() -> None:
    versions = [Version.parse(text) for text in ("10.0.0", "9.9.9", "9.10.0")]
    assert [str(one) for one in sorted(one for one in versions if one)] == ["9.9.9", "9.10.0", "10.0.0"]


@pytest.mark.parametrize(
    "text", ["", "1", "1.0", "1.0.0.0", "1.0.x", "1.0.-1", "1..0", "v1.0.0", "１.0.0", ".new-1.0.0"]
)
def test_what_is_no_version(text: str) -> None:
    assert Version.parse(text) is None


def test_settings_have_defaults_and_are_read_from_the_environment() -> None:
    assert read_settings({}) == Settings()
    environ = {"CIVICAT_STORE": "/srv/store", "CIVICAT_PORT": "80", "CIVICAT_LANG": "zh", "CIVICAT_DATASETS": "d"}
    assert read_settings(environ) == Settings(datasets=Path("d"), store=Path("/srv/store"), port=80, language="zh")


def test_a_port_is_a_number() -> None:
    with pytest.raises(CivicatError, match="CIVICAT_PORT must be a port number from 1 to 65535, it is “http”"):
        read_settings({"CIVICAT_PORT": "http"})
