"""Runs every benchmark of this folder, one after the other; each writes its own figures to bench/results/."""

from __future__ import annotations

import runpy
from pathlib import Path

for script in sorted(Path(__file__).parent.glob("bench_*.py")):
    runpy.run_path(str(script), run_name="__main__")

page = runpy.run_path(str(Path(__file__).parent / "releases_page.py"))
page["write_page"]()
