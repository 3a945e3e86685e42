"""docs/performance-releases.md from the figures in bench/results/: nobody types a figure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance-releases.md"
_RESULTS = Path(__file__).parent / "results"

_HEAD = """# Releases: speed and size 版本的速度与大小

Written by `make bench` (bench/releases_page.py) from bench/results/; do not edit. 由 `make bench` 生成，请勿手改。

Synthetic rows of 13 columns; whole processes, both sides in turn in one run, medians; seconds and MB. The ratios count,
the seconds are those of the machine. 合成数据；整个进程；双方交替运行取中位数。
"""


def write_page() -> None:
    """Writes the page."""
    PAGE.write_text("\n".join([_HEAD, *_publishing(), *_diffs(), *_tables(), *_exports()]) + "\n", "utf-8")


def _read(name: str) -> Mapping[str, Any]:
    return dict(json.loads((_RESULTS / f"{name}.json").read_text("utf-8")))


def _table(*head: str) -> list[str]:
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]


def _publishing() -> Iterator[str]:
    """Check, profile, Parquet, hash, manifest and signature against DuckDB's plain COPY, which checks nothing."""
    found = _read("publish")
    yield "## Publish a million rows 发布一百万行"
    yield from _table("the file", "publish", "MB", "COPY, nothing checked", "times COPY", "with the index of the site")
    for name in ("sorted", "shuffled"):
        one = found[name]
        ours, theirs = one["publish without the index"], one["copy"]
        yield (
            f"| {name} | {ours['wall']:.2f} | {ours['memory']:.0f} | {theirs['wall']:.2f} "
            f"| {one['times copy without the index']:.2f} | {one['times copy']:.2f} |"
        )
    again, proof = found["second release"], found["verify"]
    yield ""
    yield (
        f"A second release with 1 % of the rows changed: {again['second release']['wall']:.2f} s, of which comparing "
        f"{again['comparing']:.2f} s. `verify` hashes {100 * proof['of hashlib']:.0f} % of what hashlib does "
        "in two threads."
    )
    yield ""
    yield from _table("rows", "wall", "wall per million", "MB")
    for rows, one in found["by size"].items():
        yield f"| {rows} | {one['wall']:.1f} | {one['wall per million rows']:.2f} | {one['memory']:.0f} |"
    yield ""


def _diffs() -> Iterator[str]:
    """Comparing two releases against reading both."""
    yield "## Compare two releases, 1 % changed 比较两个版本"
    yield from _table("tables", "rows each", "times reading both", "MB")
    for name, one in _read("diff").items():
        if isinstance(one, dict) and "times_reading" in one:
            yield f"| {name} | {one['rows']:,} | {one['times_reading']:.2f} | {one['compare']['memory']:.0f} |"
    yield ""


def _tables() -> Iterator[str]:
    """Our Parquet as a share of the best of DuckDB's and pyarrow's zstd defaults."""
    yield "## Parquet, as a share of the best default 与最佳默认设置之比"
    yield from _table("table", "rows", "size", "time of a point lookup by key")
    found = _read("parquet")
    for name in ("made", "flights"):
        if name in found:
            share = found[name]["of the best default"]
            key = next(one for one in share if one.startswith("lookup"))
            yield f"| {name} | {found[name]['rows']:,} | {100 * share['bytes']:.0f} % | {100 * share[key]:.0f} % |"
    yield ""


def _exports() -> Iterator[str]:
    """Each form of export against a peer."""
    yield "## Exports 导出"
    yield from _table("form", "rows", "peer", "times faster, cpu", "MB at 1 million", "MB at 5 million")
    for name, one in _read("exports")["forms"].items():
        peer = one.get("peer", "")
        faster = f"{one['theirs']['cpu'] / one['ours']['cpu']:.2f}" if peer else ""
        sizes = " | ".join(f"{one[key]:.0f}" if key in one else "" for key in ("MB at 1 times", "MB at 5 times"))
        yield f"| {name} | {one['rows']:,} | {peer} | {faster} | {sizes} |"


if __name__ == "__main__":
    write_page()
