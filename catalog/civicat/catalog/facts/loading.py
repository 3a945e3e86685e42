"""Lines that load a table of a release as they stand, for those who know one program and not the next.

Each names its version, so that it loads the same rows in ten years. Python, R and DuckDB read a file that they fetched:
read from memory, some versions of Arrow end the process badly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from civicat.text import Text

_HTTPFS = Text(
    "若已装 httpfs 扩展，可不下载文件，直接读取。",
    "With the httpfs extension, DuckDB reads it without a file of its own.",
)


@dataclass(frozen=True, slots=True)
class Load:
    """Lines for one program, and a note for whom they are; `steps` are told where there is nothing to type."""

    program: str
    lines: str
    note: Text = Text()  # noqa: RUF009 (frozen)
    steps: tuple[Text, ...] = ()


def loads(files: Sequence[str], csv: str) -> tuple[Load, ...]:
    """How to load a table, from the addresses of its Parquet files, in order, and of its CSV file."""
    parquet = _of_parts(files) if len(files) > 1 else _of_one(files[0])
    return (*parquet, _excel(csv), Load("curl", f"curl -O {csv}"))


def _of_one(file: str) -> Iterator[Load]:
    name = file.rsplit("/", 1)[1]
    yield Load(
        "Python",
        "from urllib.request import urlretrieve\n"
        "from pyarrow.parquet import read_table\n\n"
        f'urlretrieve("{file}", "{name}")\n'
        f'table = read_table("{name}")',
        Text(
            "接着可用 table.to_pandas() 或 polars.from_arrow(table)。",
            "Then table.to_pandas() or polars.from_arrow(table).",
        ),
    )
    yield Load(
        "R",
        f'download.file("{file}", "{name}", mode = "wb")\ntable <- arrow::read_parquet("{name}")',
        Text("nanoparquet::read_parquet 也可以。", "nanoparquet::read_parquet reads it too."),
    )
    yield Load("DuckDB", f"-- curl -O {file}\nSELECT * FROM '{name}' LIMIT 10;")
    yield Load("DuckDB (httpfs)", f"FROM '{file}' LIMIT 10;", _HTTPFS)


def _of_parts(files: Sequence[str]) -> Iterator[Load]:
    """Of a table in parts, whose names differ in their number only."""
    base, first = files[0].removesuffix(".parquet").rsplit(".", 1)
    last = files[-1].removesuffix(".parquet").rsplit(".", 1)[1]
    address, name = base.rsplit("/", 1)
    yield Load(
        "Python",
        "from urllib.request import urlretrieve\n"
        "from pyarrow import concat_tables\n"
        "from pyarrow.parquet import read_table\n\n"
        f'files = [f"{name}.{{part:0{len(first)}}}.parquet" for part in range({int(first)}, {int(last) + 1})]\n'
        "for file in files:\n"
        f'    urlretrieve(f"{address}/{{file}}", file)\n'
        "table = concat_tables(map(read_table, files))",
    )
    yield Load(
        "R",
        f'files <- sprintf("{name}.%0{len(first)}d.parquet", {int(first)}:{int(last)})\n'
        f'for (file in files) download.file(paste0("{address}/", file), file, mode = "wb")\n'
        "table <- do.call(rbind, lapply(files, arrow::read_parquet))",
    )
    yield Load("DuckDB", f"-- curl -O '{base}.[{first}-{last}].parquet'\nSELECT * FROM '{name}.*.parquet' LIMIT 10;")
    listed = ", ".join(f"'{file}'" for file in files)
    yield Load("DuckDB (httpfs)", f"FROM read_parquet([{listed}]) LIMIT 10;", _HTTPFS)


def _excel(csv: str) -> Load:
    return Load(
        "Excel",
        csv,
        steps=(
            Text("“数据”→“自网站”，粘贴下面的地址，点“确定”。", "Data, From Web: paste the address below, then OK."),
            Text(
                "点“转换数据”。带前导零的代码列改为“文本”。",
                "Transform Data: set columns of codes that begin with a zero to Text.",
            ),
            Text(
                "点“关闭并上载”。以后按“全部刷新”不会变：地址里写着版本号。",
                "Close & Load. The address names the version, so Refresh changes nothing.",
            ),
        ),
    )
