"""The few settings, read once from the environment and passed in. Each is documented in docs/settings.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from civicat.errors import CivicatError
from civicat.text import Text

_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how the site is served."""

    datasets: Path = Path("datasets")
    store: Path = Path("store")
    host: str = "127.0.0.1"
    port: int = 8001
    language: str = ""
    signing_key: str = ""
    signing_key_file: Path | None = None
    address: str = ""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from the environment.

    CIVICAT_DATASETS, CIVICAT_STORE, CIVICAT_HOST, CIVICAT_PORT, CIVICAT_LANG, CIVICAT_ADDRESS, CIVICAT_SIGNING_KEY
    and CIVICAT_SIGNING_KEY_FILE.
    """
    default = Settings()
    return Settings(
        datasets=Path(environ.get("CIVICAT_DATASETS", default.datasets)),
        store=Path(environ.get("CIVICAT_STORE", default.store)),
        host=environ.get("CIVICAT_HOST", default.host),
        port=_port(environ.get("CIVICAT_PORT", "")) or default.port,
        language=environ.get("CIVICAT_LANG", default.language),
        signing_key=environ.get("CIVICAT_SIGNING_KEY", ""),
        signing_key_file=Path(file) if (file := environ.get("CIVICAT_SIGNING_KEY_FILE", "")) else None,
        address=environ.get("CIVICAT_ADDRESS", "").rstrip("/"),
    )


def _port(text: str) -> int:
    if text and not (text.isdecimal() and 0 < int(text) <= _LAST_PORT):
        raise CivicatError(
            Text(
                f"CIVICAT_PORT 应为 1 到 65535 的端口号，实为“{text}”。",
                f"CIVICAT_PORT must be a port number from 1 to 65535, it is “{text}”.",
            )
        )
    return int(text or 0)
