"""docs/performance.md from the figures of bench_validate.py: nobody types a figure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
_TITLES = {
    "clean": ("Validate, clean", "frictionless validate"),
    "convert": ("Validate and write typed Parquet", "DuckDB COPY, nothing checked"),
    "all explained": ("0.1 % of the cells wrong, all explained", "frictionless validate"),
    "hopeless": ("30 % of the cells wrong, limit of 1,000", "frictionless validate"),
    "counted": ("30 % of the cells wrong, all counted", "civicat validate of the clean table"),
    "workbook": ("A workbook of 100,000 x 12", "frictionless validate"),
    "start-up": ("A file of two rows", "frictionless validate"),
}


def write_page(found: Mapping[str, Any]) -> None:
    """Writes the page."""
    PAGE.write_text(page(found), "utf-8")


def page(found: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    return "\n".join(
        [
            "# Performance 性能",
            "",
            "Written by `make bench` (bench/bench_validate.py); do not edit. 由 `make bench` 生成，请勿手改。",
            "",
            _conditions(found),
            "",
            "Seconds of wall and processor time, MB of greatest memory; “faster” is the peer's wall time by ours.",
            "",
            "| what | ours: wall | cpu | MB | the peer | wall | cpu | MB | faster |",
            "|---|---|---|---|---|---|---|---|---|",
            *(_row(found[name], *titles) for name, titles in _TITLES.items() if name in found),
            "",
            *_sizes(found.get("by size", {})),
        ]
    )


def _conditions(found: Mapping[str, Any]) -> str:
    machine = found["machine"]
    versions = ", ".join(f"{name} {value}" for name, value in machine.items() if name not in {"processor", "cores"})
    runs = ", ".join(f"{name} {times}" for name, times in found["runs"].items())
    return (
        f"{found['rows']:,} synthetic rows of 13 columns unless said otherwise. Whole processes, start-up counted; "
        f"medians of several runs ({runs}; of the slow peers a third as many, of the larger sizes one). "
        f"{machine['processor']}, "
        f"{machine['cores']} cores; {versions}."
    )


def _row(one: Mapping[str, Any], what: str, peer: str) -> str:
    ours, theirs = one["ours"], one["theirs"]
    cells = (
        what,
        *(f"{ours['wall']:.2f}", f"{ours['cpu']:.2f}", f"{ours['memory']:.0f}"),
        peer,
        *(f"{theirs['wall']:.2f}", f"{theirs['cpu']:.2f}", f"{theirs['memory']:.0f}"),
        f"{one['times faster']:.2f} x",
    )
    return f"| {' | '.join(cells)} |"


def _sizes(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if not found:
        return []
    rows = []
    for count, one in found.items():
        figures = f"{one['wall']:.2f} | {one['wall per million rows']:.2f} | {one['memory']:.0f}"
        rows.append(f"| {count} | {one['bytes'] / 1e6:,.0f} | {figures} |")
    head = ["| rows | MB of CSV | wall | wall per million rows | MB of memory |", "|---|---|---|---|---|"]
    return ["## By size 规模", "", *head, *rows, ""]
