"""What a browser needs to search here from its own address bar, at `/opensearch.xml`."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from datasette.utils.asgi import NotFound, Response

from civicat.catalog.site_context import origin, static_address

_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
_SHORT = "civicat"  # at most 16 characters
_LONG = "civicat 政府开放数据 · open government data"  # at most 48
_DESCRIPTION = "搜索政府开放数据：数据集、字段和代码含义。Search open government data: datasets, columns, code labels."
_TYPE = "application/opensearchdescription+xml; charset=utf-8"


async def opensearch(request: Any) -> Response:  # noqa: ANN401 (Datasette ships no types)
    """The description of the search (OpenSearch 1.1), in both languages, for this host.

    Raises:
        NotFound: the request names no host that an address could begin with.
    """
    site = origin(request)
    if not site:
        raise NotFound("no host")
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(_description(site), "utf-8")
    return Response(body.decode(), headers={"cache-control": "public, max-age=86400"}, content_type=_TYPE)


def _description(site: str) -> Element:
    root = Element("OpenSearchDescription", xmlns=_NAMESPACE)
    for name, said in (("ShortName", _SHORT), ("LongName", _LONG), ("Description", _DESCRIPTION)):
        SubElement(root, name).text = said
    for kind, path in (("text/html", "/search"), ("application/x-suggestions+json", "/search/suggestions")):
        SubElement(root, "Url", type=kind, template=f"{site}{path}?q={{searchTerms}}")
    SubElement(root, "Image", type="image/svg+xml").text = site + static_address("icon.svg")
    for language in ("zh-Hans", "zh-Hant", "en"):
        SubElement(root, "Language").text = language
    for encoding in ("InputEncoding", "OutputEncoding"):
        SubElement(root, encoding).text = "UTF-8"
    return root


ROUTES = ((r"^/opensearch\.xml$", opensearch),)
