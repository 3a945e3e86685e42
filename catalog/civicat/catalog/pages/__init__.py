"""The pages: a module for each, called like its template and its messages; `test_page_<name>.py` tests it.

A page reads the index (reader.py, search.py) or a release, and hands plain values to one template. It lists the
addresses that it answers in ROUTES.
"""

from __future__ import annotations

from civicat.catalog.pages import about, changes, dataset, department, departments, home, language, search

ROUTES = tuple(
    route for one in (home, search, departments, department, dataset, changes, about, language) for route in one.ROUTES
)
