"""What the site makes of releases when somebody asks: publish's makers, as `serve` of the catalogue takes them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from civicat.catalog.files.makers import Form, Makers
from civicat.layout import CHANGES, Layout
from civicat.release import Release
from civicat.text import Language


def makers() -> Makers:
    """Called once in each worker process."""
    from civicat.publish import citation, exports

    return Makers(
        forms=tuple(
            Form(one.name, one.suffix, one.media_type, one.title, whole=not one.per_resource)
            for one in exports.FORMS.values()
        ),
        styles=dict(citation.STYLES),
        export=exports.export,
        cite=_cite,
        leaflet=_leaflet,
        kit=_kit,
        compare=_compare,
    )


def _cite(release: Release, style: str, _manifest: str, address: str, language: Language | None) -> str:
    """The manifest is looked at again: what the site knows of it may be older."""
    from civicat.publish import citation

    return citation.cite(release, style, citation.cited_manifest(release), address, language=language)


def _leaflet(release: Release, language: Language, address: str) -> bytes:
    from civicat.publish import kit

    return kit.leaflet(release, None, language, address)


def _kit(layout: Layout, dataset: str, target: Path) -> Path:
    from civicat.publish import exports, kit

    def exported(release: Release, form: str, resource: str | None) -> Path:
        return exports.export(layout, release, form, resource)

    return kit.kit(layout, [dataset], target, exported)


def _compare(old: Release, new: Release, folder: Path) -> Mapping[str, object]:
    from civicat.publish import diff

    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        found = diff.compare(old, new, Path(scratch))
        diff.write_changes(found, folder / CHANGES)
        return diff.to_descriptor(found)
