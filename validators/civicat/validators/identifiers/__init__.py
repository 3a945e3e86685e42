"""Identifiers that a column may ask for: `civicat: {identifier: uscc}` on its field (docs/identifiers.md).

identifier.py   what an identifier is
registry.py     REGISTRY: every identifier by its name; one small module each (uscc.py, resident_id.py ...)
judging.py      wrong: a column -> which rows are not good, and why; fitting: which identifiers a column shows
mending.py     how a value that is only written otherwise must be written
asking.py       which columns of a resource ask for one, and what is said of them and of their cells
listing.py      the registry -> docs/identifiers.md

Importing this package is light: a table without identifiers does not pay for thirty of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from civicat.validators.identifiers.identifier import Identifier
    from civicat.validators.identifiers.judging import fitting, wrong
    from civicat.validators.identifiers.registry import REGISTRY

__all__ = ["REGISTRY", "Identifier", "fitting", "wrong"]

_HOMES = {"REGISTRY": "registry", "Identifier": "identifier", "fitting": "judging", "wrong": "judging"}


def __getattr__(name: str) -> object:
    """One of the names above, from its module."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"civicat.validators.identifiers.{_HOMES[name]}"), name)
