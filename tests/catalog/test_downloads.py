"""Downloads: the published bytes, CSV value for value, bounded memory, and an end when the client leaves."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from civicat.catalog.files.downloads import Stream, csv_chunks
from civicat.catalog.index.building import build_index
from civicat.catalog.serve import make
from civicat.layout import Layout
from civicat.release import Release

HOME = "/d/demo/kinds/1.0.0"
Get = Callable[..., httpx.Response]


@pytest.fixture
def get(layout: Layout, make_release: Callable[..., Release]) -> Iterator[Get]:
    """Asks the site for an address. Of `demo/kinds` there are the versions 1.0.0 and 2.0.0."""
    make_release("demo/kinds", tables={"kinds": kinds()})
    make_release("demo/kinds", version="2.0.0", tables={"kinds": kinds().slice(0, 1)})
    build_index(layout)
    site = make(layout)

    def ask(address: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(app=site, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://civicat.test") as client:
                written = {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.request(method, address, headers=written)

        return loop.run_until_complete(answer())

    loop = asyncio.new_event_loop()
    yield ask
    site.close()
    loop.close()


def kinds() -> pa.Table:
    """Two rows: one of awkward values, one of nulls."""
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return pa.table(
        {
            "id": pa.array([1, 2], pa.int64()),
            "price": pa.array([Decimal("1234567890.10"), None], pa.decimal128(18, 2)),
            "share": pa.array([0.1, None], pa.float64()),
            "open": pa.array([True, None], pa.bool_()),
            "day": pa.array([date(2026, 1, 2), None], pa.date32()),
            "seen": pa.array([moment, None], pa.timestamp("us", "UTC")),
            "exact": pa.array([moment.replace(microsecond=250_000, tzinfo=None), None], pa.timestamp("us")),
            "at": pa.array([time(8, 30), None], pa.time64("us")),
            "words": pa.array(['中文, "quoted"\nline', None], pa.string()),
        }
    )


def test_parquet_is_the_published_file_and_is_asked_for_again(get: Get, layout: Layout) -> None:
    published = (layout.dataset("demo/kinds") / "1.0.0" / "kinds.parquet").read_bytes()
    answer = get(f"{HOME}/kinds.parquet")
    assert answer.content == published
    assert answer.headers["content-length"] == str(len(published))
    assert answer.headers["etag"] == f'"{hashlib.sha256(published).hexdigest()}"'
    assert answer.headers["cache-control"] == "public, max-age=10, must-revalidate"
    assert answer.headers["content-disposition"] == 'attachment; filename="demo-kinds-1.0.0.parquet"'
    assert answer.headers["last-modified"] == "Mon, 02 Nov 2026 08:00:00 GMT"
    assert pq.read_table(io.BytesIO(answer.content)).equals(kinds())


def test_old_versions_stay_at_their_addresses(get: Get) -> None:
    assert get("/d/demo/kinds/1.0.0/kinds.csv").text.count("\n2,") == 1
    assert get("/d/demo/kinds/2.0.0/kinds.csv").text.count("\n2,") == 0


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=4-", 206, slice(4, None)),
        ("bytes=-8", 206, slice(-8, None)),
        ("bytes=0-0", 206, slice(0, 1)),
    ],
)
def test_a_range_of_bytes_is_answered(get: Get, asked: str, status: int, part: slice) -> None:
    whole = get(f"{HOME}/kinds.parquet").content
    answer = get(f"{HOME}/kinds.parquet", range=asked)
    assert (answer.status_code, answer.content) == (status, whole[part])
    assert answer.headers["content-range"].endswith(f"/{len(whole)}")


def test_ranges_that_cannot_be_answered(get: Get) -> None:
    whole = get(f"{HOME}/kinds.parquet").content
    assert get(f"{HOME}/kinds.parquet", range="bytes=999999-").status_code == 416
    assert get(f"{HOME}/kinds.parquet", range="bytes=5-2").status_code == 416
    for asked in ("bytes=-", "lines=1-2", "bytes=0-1,4-5"):
        assert get(f"{HOME}/kinds.parquet", range=asked).content == whole
    assert get(f"{HOME}/kinds.parquet", range="bytes=0-3", if_range='"another"').content == whole


def test_what_the_client_has_is_not_sent_again(get: Get) -> None:
    for address in ("kinds.parquet", "kinds.csv", "datapackage.json"):
        tag = get(f"{HOME}/{address}").headers["etag"]
        again = get(f"{HOME}/{address}", if_none_match=f'"x", W/{tag}')
        assert (again.status_code, again.content) == (304, b"")


def test_head_has_the_head_only(get: Get) -> None:
    for address in ("kinds.parquet", "kinds.csv", "report.json"):
        answer = get(f"{HOME}/{address}", method="HEAD")
        assert (answer.status_code, answer.content) == (200, b"")


def test_csv_is_true_to_every_value(get: Get) -> None:
    answer = get(f"{HOME}/kinds.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="demo-kinds-1.0.0.csv"'
    header, row, empty = csv.reader(io.StringIO(answer.content.decode("utf-8"), newline=""))
    assert header == kinds().column_names
    assert row == [
        *("1", "1234567890.10", "0.1", "true", "2026-01-02", "2026-01-02T03:04:05Z"),
        *("2026-01-02T03:04:05.25", "08:30:00", '中文, "quoted"\nline'),
    ]
    assert empty == ["2", *[""] * 8]


def test_the_descriptor_and_the_report_are_there(get: Get) -> None:
    assert get(f"{HOME}/datapackage.json").json()["name"] == "kinds"
    assert get(f"{HOME}/report.json").json()["valid"] is True
    assert get(f"{HOME}/report.json").headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "address",
    [
        *("/d/demo/kinds/9.9.9/kinds.parquet", "/d/demo/kinds/1.0.0/other.parquet", "/d/demo/other/1.0.0/kinds.csv"),
        *("/d/demo/kinds/1.0.0/profile.json", "/d/demo/kinds/1.0/kinds.csv", "/d/demo/kinds/1.0.0/kinds.txt"),
        *(
            "/d/demo/kinds/..%2f..%2f1.0.0/kinds.csv",
            "/d/demo/%2e%2e/1.0.0/kinds.csv",
        ),
        *(
            "/d/../../etc/passwd",
            "/d/demo/kinds/1.0.0/..%2f..%2f..%2fetc%2fpasswd",
            "/d/demo/kinds/1.0.0/%2fetc%2fpasswd.csv",
        ),
        *("/static/..%2fapp.py", "/static/../app.py", "/static/%2e%2e/app.py", "/static/nothing.css"),
    ],
)
def test_nothing_else_can_be_fetched(get: Get, address: str) -> None:
    answer = get(address)
    assert answer.status_code in {302, 404}
    assert "root:" not in answer.text
    assert "def " not in answer.text


def test_a_path_that_no_client_tidied_up_leads_nowhere(get: Get, layout: Layout) -> None:
    get("/")
    site = make(layout)

    async def raw(path: str) -> int:
        sent: list[Any] = []
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [],
            "scheme": "http",
            "server": ("civicat.test", 80),
            "http_version": "1.1",
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:  # noqa: ANN401 (an ASGI message)
            sent.append(message)

        await site(scope, receive, send)
        return int(sent[0]["status"])

    async def every() -> list[int]:
        escapes = (
            "/d/demo/kinds/1.0.0/../../../../../etc/passwd",
            "/static/../app.py",
            "/d/../ledger.db",
            "/../etc/passwd",
        )
        return [await raw(path) for path in escapes]

    assert asyncio.run(every()) == [404] * 4
    site.close()


def test_a_csv_ends_when_the_client_leaves() -> None:
    pulled, closed = [], []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            for number in range(10_000):
                pulled.append(number)
                yield pa.RecordBatch.from_pydict({"id": [number]})
        finally:
            closed.append(True)

    async def leave_after_three() -> int:
        left, sent = asyncio.Event(), []

        async def receive() -> dict[str, object]:
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:  # noqa: ANN401 (an ASGI message)
            sent.append(message)
            if len(sent) > 3:
                left.set()
                await asyncio.sleep(0.01)

        await Stream(receive, {"content-type": "text/csv"}, csv_chunks(batches())).asgi_send(send)
        return len(sent)

    assert asyncio.run(leave_after_three()) < 10
    assert len(pulled) < 10
    assert closed == [True]


def test_a_csv_holds_one_batch_at_a_time() -> None:
    alive: list[int] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(20):
            before = pa.total_allocated_bytes()
            yield pa.RecordBatch.from_pydict({"id": pa.array(range(number, number + 16_384))})
            alive.append(pa.total_allocated_bytes() - before)

    for chunk in csv_chunks(batches()):
        assert chunk
    assert max(alive) < 3_000_000
