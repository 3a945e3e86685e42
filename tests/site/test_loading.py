"""What the dataset page tells people to type does load the table."""

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import httpx
import pytest

pytestmark = pytest.mark.xdist_group("site")

ROWS = 3218  # of bls/county-unemployment, as its own description says
DIRECT = os.environ | {"NO_PROXY": "*", "no_proxy": "*"}


@pytest.fixture(scope="module")
def lines(client: httpx.Client) -> dict[str, str]:
    """The lines of the section "Load it", by what runs them."""
    page = client.get("/d/bls/county-unemployment").text
    section = page[page.index('id="load"') :].partition("</section>")[0]
    found = re.findall(r"<h3>([^<]+)</h3>.*?<pre[^>]*><code>(.*?)</code></pre>", section, re.DOTALL)
    return {name: html.unescape(code) for name, code in found}


def test_every_program_has_its_lines_and_each_names_the_version(lines: dict[str, str]) -> None:
    assert list(lines) == ["Python", "R", "DuckDB", "DuckDB (httpfs)", "Excel", "curl"]
    assert all("/d/bls/county-unemployment/1.0.0/" in one for one in lines.values())


def test_the_address_that_excel_is_given_is_a_table(lines: dict[str, str], client: httpx.Client) -> None:
    answer = client.get(lines["Excel"])
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(answer.text.splitlines()) == ROWS + 1


def test_python(lines: dict[str, str], tmp_path: Path) -> None:
    script = lines["Python"] + "\nprint(table.num_rows)"
    done = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-c", script], env=DIRECT, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(ROWS)


def test_curl(lines: dict[str, str], tmp_path: Path) -> None:
    _type(lines["curl"], tmp_path)
    (file,) = tmp_path.iterdir()
    assert len(file.read_text("utf-8").splitlines()) == ROWS + 1


def test_duckdb_over_the_file_that_its_first_line_fetches(
    lines: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch, query = lines["DuckDB"].splitlines()
    _type(fetch.removeprefix("-- "), tmp_path)
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as connection:
        assert len(connection.execute(query).fetchall()) == 10


def _type(line: str, folder: Path) -> None:
    """What happens when somebody types the line in a folder."""
    subprocess.run(["/bin/bash", "-c", f"{line} -sS"], env=DIRECT, cwd=folder, check=True)  # noqa: S603 (our own line)
