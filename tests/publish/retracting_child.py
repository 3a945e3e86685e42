"""Takes a release down with the later ones that hold its rows, in a process of its own that a test may kill.

It is called with STORE DATASET VERSION.
"""

from __future__ import annotations

import sys
from pathlib import Path

from civicat import publish
from civicat.layout import Layout
from civicat.release import Version
from civicat.text import Text


def main(store: Path, dataset: str, version: str) -> None:
    """Does it, and says what is online then."""
    number = Version.parse(version)
    assert number is not None
    layout = Layout(store)
    words = Text("含有个人信息。", "It holds personal data."), Text("数据台", "Data desk")
    publish.retract(layout, dataset, number, *words, with_later=True)
    sys.stdout.write(f"online: {', '.join(map(str, layout.versions(dataset)))}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
