"""The ledger is reckoned from hand-ins: what was found, when it was mended, what is open."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from civicat.catalog.facts.finding_names import finding_name, rewrite_name
from civicat.catalog.facts.history import History
from civicat.catalog.facts.ledger import MONTHS, Entry, Month, entries, ledger
from civicat.hand_ins import Became, Found, HandedResource, HandIn

TODAY = date(2026, 11, 23)
TYPE, EMPTY = Found("type-error", "passed", 3), Found("constraint-error", "day", 1)


def _handed(day: str, *errors: Found, version: str = "", complete: bool = True) -> HandIn:
    table = HandedResource("counts", 9, complete=complete, errors=errors)
    became = Became.PUBLISHED if version else Became.REFUSED
    return HandIn(f"{day}T09:00:00Z", day, became, version, (HandedResource(""), table))


def _history(*hand_ins: HandIn) -> History:
    return History("roads/counts", (), hand_ins, next((one for one in reversed(hand_ins) if one.version), None))


def _told(*hand_ins: HandIn) -> list[tuple[str, str, str, int]]:
    return sorted((one.code, one.found[:10], one.mended[:10], one.times) for one in entries(_history(*hand_ins)))


def test_an_error_is_open_until_the_first_later_hand_in_that_does_not_have_it() -> None:
    told = _told(
        _handed("2026-01-05", TYPE, EMPTY), _handed("2026-01-09", TYPE), _handed("2026-02-01", version="1.0.0")
    )
    assert told == [("constraint-error", "2026-01-05", "2026-01-09", 1), ("type-error", "2026-01-05", "2026-02-01", 2)]


def test_an_error_that_comes_again_is_another_entry() -> None:
    told = _told(_handed("2026-01-05", TYPE), _handed("2026-01-06", version="1.0.0"), _handed("2026-02-01", TYPE))
    assert told == [("type-error", "2026-01-05", "2026-01-06", 1), ("type-error", "2026-02-01", "", 1)]


def test_a_file_that_was_not_read_to_its_end_mends_nothing() -> None:
    unread = Found("encoding-error", "", 1)
    told = _told(_handed("2026-01-05", TYPE), _handed("2026-01-06", unread, complete=False))
    assert told == [("encoding-error", "2026-01-06", "", 1), ("type-error", "2026-01-05", "", 1)]


def test_a_table_that_is_not_handed_in_mends_nothing_unless_the_rest_is_published() -> None:
    without = HandIn("2026-01-06T09:00:00Z", "x", Became.REFUSED, "", (HandedResource("", errors=(EMPTY,)),))
    assert ("type-error", "2026-01-05", "", 1) in _told(_handed("2026-01-05", TYPE), without)
    gone = HandIn("2026-01-07T09:00:00Z", "y", Became.PUBLISHED, "1.0.0", (HandedResource(""),))
    assert ("type-error", "2026-01-05", "2026-01-07", 1) in _told(_handed("2026-01-05", TYPE), gone)


@pytest.mark.parametrize(("mended", "days"), [("", None), ("2026-01-05T23:59:59Z", 0), ("2026-01-06T00:00:00Z", 1)])
def test_days_are_counted_from_day_to_day(mended: str, days: int | None) -> None:
    assert Entry("a/b", "b", "type-error", "", 1, "2026-01-05T00:00:00Z", mended).days == days


def test_the_ledger_counts_and_puts_open_ones_first() -> None:
    kept = ledger(
        [_history(_handed("2026-09-30", TYPE, EMPTY), _handed("2026-10-04", EMPTY), _handed("2026-10-10", EMPTY))],
        TODAY,
    )
    assert (kept.found, kept.mended, kept.open, kept.refused, kept.median_days) == (2, 1, 1, 3, 4)
    assert [one.code for one in kept.entries] == ["constraint-error", "type-error"]
    assert kept.months == (Month("2026-09", 2, 0), Month("2026-10", 0, 1), Month("2026-11", 0, 0))
    assert kept.most == 2
    assert [one.when[:10] for _, one in kept.hand_ins] == ["2026-10-10", "2026-10-04", "2026-09-30"]


def test_nothing_handed_in_is_an_empty_ledger() -> None:
    kept = ledger([], TODAY)
    assert (kept.found, kept.months, kept.median_days, kept.most, kept.hand_ins) == (0, (), None, 1, ())


def test_the_chart_has_the_newest_months_only() -> None:
    kept = ledger([_history(_handed("2001-01-05", TYPE), _handed("2026-11-01", version="1.0.0"))], TODAY)
    assert len(kept.months) == MONTHS
    assert kept.months[-1] == Month("2026-11", 0, 1)
    assert (kept.found, kept.mended) == (1, 1)


def test_remarks_are_of_what_is_online_and_cells_spelled_anew_of_all() -> None:
    remark = Found("digits-shortened", "passed", 2)

    def handed(day: str, version: str) -> HandIn:
        table = HandedResource("counts", 9, warnings=(remark,), mended=(Found("white-space", "", 7),))
        return HandIn(f"{day}T09:00:00Z", day, Became.PUBLISHED, version, (table,))

    kept = ledger([_history(handed("2026-01-01", "1.0.0"), handed("2026-02-01", "1.1.0"))], TODAY)
    assert [(one.dataset, one.resource, one.found) for one in kept.remarks] == [("roads/counts", "counts", remark)]
    assert (kept.spelled, kept.respelled) == ((("white-space", 14),), 14)


def test_every_finding_has_a_name_in_both_languages() -> None:
    page = Path(__file__).parents[2].joinpath("docs/findings.md").read_text("utf-8")
    codes = [line[4:].strip("`") for line in page.splitlines() if line.startswith("### `")]
    assert len(codes) > 100
    drafted = {code for code in codes if finding_name(code).en == code}
    causes = {
        line.split("`")[1] for line in page.split("## The whole file")[-1].splitlines() if line.startswith("### `")
    }
    assert drafted <= causes, "a likely cause is no finding; all others have a name"
    assert all(finding_name(code).zh and finding_name(code).en for code in codes)


def test_what_is_not_known_calls_itself() -> None:
    assert finding_name("brand-new").en == rewrite_name("brand-new").en == "brand-new"
    assert finding_name("package-error").zh == "描述文件写法有误"


def test_a_clock_that_was_ahead_leaves_a_month_to_draw() -> None:
    kept = ledger([_history(_handed("2999-01-05", TYPE))], TODAY)
    assert kept.months == (Month("2026-11", 0, 0),)
