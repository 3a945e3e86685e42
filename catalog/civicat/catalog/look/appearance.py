"""How a reader wants the pages to look: the colours and the size of the text, as chosen at the foot of each page.

A choice is kept in a cookie of its own name and becomes a class on the root of the page (civicat.css, section 1); what
was not chosen has no cookie and no class: the colours of the device, text of the usual size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from civicat.catalog.look.cookies import chosen

# What can be chosen, by the cookie's name. The first is what everybody has who chose nothing.
CHOICES: Mapping[str, tuple[str, ...]] = {"text": ("normal", "large"), "theme": ("auto", "light", "dark")}


@dataclass(frozen=True, slots=True)
class Appearance:
    """What was chosen: `text` is normal or large, `theme` auto, light or dark."""

    text: str = "normal"
    theme: str = "auto"

    @property
    def classes(self) -> str:
        """The classes of the root; blank where nothing was chosen."""
        return " ".join(one for one in (self.text, self.theme) if one not in {"normal", "auto"})

    @property
    def schemes(self) -> str:
        """The colour schemes that the page can be shown in, for the browser's own parts of it."""
        return "light dark" if self.theme == "auto" else self.theme


def appearance(scope: Mapping[str, Any]) -> Appearance:
    """What the reader of the answer to an ASGI request chose."""
    return Appearance(**chosen(scope, CHOICES))
