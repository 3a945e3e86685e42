"""A dataset's releases, and what each changed."""

from __future__ import annotations

from civicat.layout import Layout
from civicat.release import Release


def versions(layout: Layout, dataset: str) -> list[Release]:
    """The releases of a dataset, oldest first, each with its date, its rows and what it changed.

    Raises:
        StoreError: a release is there and cannot be read.
    """
    found = (layout.release(dataset, version) for version in layout.versions(dataset))
    return [release for release in found if release is not None]
