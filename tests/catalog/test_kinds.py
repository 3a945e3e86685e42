"""How values are shown and how written values are read."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from civicat.catalog.tables.kinds import Kind, UnreadableError, read, shown


@pytest.mark.parametrize(
    ("value", "as_shown"),
    [
        (Decimal("1.50"), "1.50"),
        (Decimal("0E-8"), "0.00000000"),
        (Decimal("123456789012345678.90"), "123456789012345678.90"),
        (True, "true"),
        (False, "false"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05"),  # noqa: DTZ001 (a moment without a zone is what is shown)
        (datetime(2026, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC), "2026-01-02T03:04:05.5Z"),
        (time(8, 30), "08:30:00"),
        (float("nan"), None),
        (0.1, 0.1),
        (None, None),
    ],
)
def test_values_are_shown_exactly(value: object, as_shown: object) -> None:
    assert shown(value) == as_shown


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("5", Kind.INTEGER, 5),
        (" 5.0 ", Kind.INTEGER, 5),
        ("2.5", Kind.INTEGER, Decimal("2.5")),
        ("1.005", Kind.DECIMAL, Decimal("1.005")),
        ("1e-3", Kind.NUMBER, 0.001),
        ("TRUE", Kind.BOOLEAN, True),
        ("0", Kind.BOOLEAN, False),
        ("2026-11-02", Kind.DATE, date(2026, 11, 2)),
        ("2026-11-02T08:00:00+08:00", Kind.INSTANT, datetime(2026, 11, 2, tzinfo=UTC)),
        (" kept ", Kind.TEXT, " kept "),
        (5, Kind.TEXT, "5"),
        ("[^a]*", Kind.GLOB, "[!a]*"),
        (None, Kind.INTEGER, None),
    ],
)
def test_written_values_are_read_as_their_column_holds_them(written: object, kind: Kind, value: object) -> None:
    assert read(written, kind) == value


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        *(
            ("abc", Kind.INTEGER),
            ("", Kind.INTEGER),
            ("1_000", Kind.INTEGER),
            ("NaN", Kind.DECIMAL),
            ("nan", Kind.NUMBER),
        ),
        *(("Infinity", Kind.DECIMAL), ("1e40", Kind.DECIMAL), ("0.1234567890123456789", Kind.DECIMAL)),
        *(("bad", Kind.DATE), ("20261102", Kind.DATE), ("2026-02-30", Kind.DATE), ("2026-W01-1", Kind.DATE)),
        *(("yes", Kind.BOOLEAN), ("25:00", Kind.TIME), ("today", Kind.INSTANT), ("x", Kind.OTHER)),
    ],
)
def test_values_that_a_column_cannot_hold_are_told(written: str, kind: Kind) -> None:
    with pytest.raises(UnreadableError) as told:
        read(written, kind)
    assert told.value.expected.zh
    assert told.value.expected.en
