"""The pages: a module for each, called like its template and its messages; `test_page_<name>.py` tests it.

A page reads the index (reader.py, search.py) or a release, and hands plain values to one template. It lists the
addresses that it answers in ROUTES.
"""

from __future__ import annotations

from civicat.catalog.pages import (
    about,
    ask,
    calendar,
    changes,
    chart,
    dataset,
    department,
    departments,
    design,
    display,
    home,
    joins,
    language,
    ledger,
    opensearch,
    search,
    suggestions,
)

ROUTES = tuple(
    route
    for one in (
        home,
        search,
        suggestions,
        opensearch,
        ask,
        departments,
        department,
        calendar,
        ledger,
        dataset,
        changes,
        chart,
        joins,
        about,
        design,
        display,
        language,
    )
    for route in one.ROUTES
)
