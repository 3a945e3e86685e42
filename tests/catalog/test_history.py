"""The past of a dataset is read from its own files, kept until one of them changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from civicat.catalog.facts.history import Arrival, history
from civicat.hand_ins import Became, Found, HandedResource, HandIn, record
from civicat.layout import Layout
from civicat.release import Release

MakeRelease = Callable[..., Release]
HANDED = HandIn("2026-11-01T08:00:00Z", "ab", Became.REFUSED, "", (HandedResource("towns"),))


def test_releases_and_recorded_hand_ins_stand_in_the_order_of_time(layout: Layout, make_release: MakeRelease) -> None:
    make_release("demo/towns", "1.0.0", released="2026-01-01T08:00:00Z", civicat={"frequency": "monthly"})
    make_release("demo/towns", "1.1.0", released="2026-11-02T08:00:00Z")
    record(layout.hand_ins("demo/towns"), HANDED)
    published = replace(HANDED, when="2026-11-02T08:00:00Z", result=Became.PUBLISHED, version="1.1.0")
    record(layout.hand_ins("demo/towns"), published)
    past = history(layout, "demo/towns")
    assert past.arrivals == (
        Arrival("1.0.0", "2026-01-01T08:00:00Z", "monthly"),
        Arrival("1.1.0", "2026-11-02T08:00:00Z", "yearly"),
    )
    assert [(one.version, bool(one.inputs)) for one in past.hand_ins] == [("1.0.0", False), ("", True), ("1.1.0", True)]
    assert past.online == published


def test_what_is_added_shows_at_once(layout: Layout, make_release: MakeRelease) -> None:
    make_release()
    assert len(history(layout, "demo/towns").hand_ins) == 1
    record(layout.hand_ins("demo/towns"), HANDED)
    assert len(history(layout, "demo/towns").hand_ins) == 2
    make_release(version="1.1.0", released="2026-11-03T08:00:00Z")
    assert history(layout, "demo/towns").arrivals[-1].version == "1.1.0"


def test_a_release_that_was_taken_down_came_all_the_same_and_is_not_online(
    layout: Layout, make_release: MakeRelease, retract: Callable[..., None]
) -> None:
    make_release("demo/towns", "1.0.0", manifest=True, released="2026-01-01T08:00:00Z")
    make_release("demo/towns", "1.1.0", manifest=True)
    record(layout.hand_ins("demo/towns"), HANDED)
    before = layout.hand_ins("demo/towns").read_bytes()
    retract("demo/towns", "1.1.0")
    past = history(layout, "demo/towns")
    assert [(one.version, one.released[:4]) for one in past.arrivals] == [("1.0.0", "2026"), ("1.1.0", "2026")]
    assert [one.is_down for one in past.arrivals] == [False, True]
    assert past.online is not None
    assert past.online.version == "1.0.0"
    assert layout.hand_ins("demo/towns").read_bytes() == before, "what was handed in stays written down"


def test_remarks_of_a_release_from_before_the_record_come_from_its_report(
    layout: Layout, make_release: MakeRelease
) -> None:
    found = [
        {"code": "digits-shortened", "severity": "warning", "place": {"field": "people"}},
        {"code": "type-error", "severity": "error", "place": {}},
        "nonsense",
    ]
    report = {
        "valid": True,
        "civicat": {"findings": [], "resources": [{"name": "towns", "rows": 2, "findings": found}]},
    }
    make_release(documents={"report.json": report})
    online = history(layout, "demo/towns").online
    assert online is not None
    assert online.resources[1] == HandedResource("towns", 2, warnings=(Found("digits-shortened", "people", 1),))


def test_dates_that_are_none_and_files_that_are_none_are_left_out(layout: Layout, make_release: MakeRelease) -> None:
    make_release(released="yesterday")
    layout.hand_ins("demo/towns").parent.mkdir(parents=True)
    layout.hand_ins("demo/towns").write_bytes(b"\x00\xff\n[]\n")
    past = history(layout, "demo/towns")
    assert past.arrivals[0].released == ""
    assert [one.version for one in past.hand_ins] == ["1.0.0"]
    assert history(layout, "demo/nothing").arrivals == ()


def test_a_newest_file_that_was_refused_is_known_until_one_is_published(
    layout: Layout, make_release: MakeRelease
) -> None:
    make_release("demo/towns", "1.0.0", released="2026-01-01T08:00:00Z")
    assert history(layout, "demo/towns").refused is None
    record(layout.hand_ins("demo/towns"), HANDED)
    assert history(layout, "demo/towns").refused == HANDED
    published = replace(HANDED, when="2026-11-02T08:00:00Z", result=Became.PUBLISHED, version="1.1.0")
    record(layout.hand_ins("demo/towns"), published)
    assert history(layout, "demo/towns").refused is None
