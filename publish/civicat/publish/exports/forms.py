"""Every form that a release can be had in. A new one is a module with a Form, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from civicat.publish.exports.arrowfile import ARROW
from civicat.publish.exports.database import SQLITE
from civicat.publish.exports.delimited import CSV, CSV_FOR_EXCEL
from civicat.publish.exports.features import GEOJSON
from civicat.publish.exports.form import Form
from civicat.publish.exports.jsonlines import NDJSON
from civicat.publish.exports.workbook import XLSX

FORMS: Mapping[str, Form] = MappingProxyType(
    {form.name: form for form in (CSV, CSV_FOR_EXCEL, NDJSON, XLSX, GEOJSON, SQLITE, ARROW)}
)
