from __future__ import annotations

from typing import TYPE_CHECKING

from civicat import publish

if TYPE_CHECKING:
    from tests.publish.conftest import Desk


def test_versions_are_listed_from_the_first(desk: Desk) -> None:
    assert publish.versions(desk.layout, "transport/counters") == []

    published = [desk.publish(inputs, (desk.counters(range(n)), desk.notes("静"))) for n, inputs in enumerate("abc")]

    assert publish.versions(desk.layout, "transport/counters") == published
    assert [(str(one.version), one.rows) for one in published] == [("1.0.0", 1), ("1.1.0", 2), ("1.2.0", 3)]
