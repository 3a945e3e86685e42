"""Every identifier by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from civicat.validators.identifiers.coordinates import LATITUDE, LATITUDE_GCJ02, LONGITUDE, LONGITUDE_GCJ02
from civicat.validators.identifiers.country import COUNTRY, COUNTRY_ALPHA3
from civicat.validators.identifiers.currency import CURRENCY, CURRENCY_HISTORY
from civicat.validators.identifiers.division_code import DIVISION_CODE, DIVISION_CODE_HISTORY, of_year
from civicat.validators.identifiers.doi import DOI
from civicat.validators.identifiers.iban import IBAN
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.isbn import ISBN
from civicat.validators.identifiers.issn import ISSN
from civicat.validators.identifiers.landline_cn import LANDLINE_CN
from civicat.validators.identifiers.language import LANGUAGE
from civicat.validators.identifiers.language_alpha3 import LANGUAGE_ALPHA3
from civicat.validators.identifiers.lei import LEI
from civicat.validators.identifiers.mail import EMAIL
from civicat.validators.identifiers.mobile_cn import MOBILE_CN
from civicat.validators.identifiers.orcid import ORCID
from civicat.validators.identifiers.phone_cn import PHONE_CN
from civicat.validators.identifiers.plate_cn import PLATE_CN
from civicat.validators.identifiers.postcode_cn import POSTCODE_CN
from civicat.validators.identifiers.resident_id import RESIDENT_ID
from civicat.validators.identifiers.url import URL
from civicat.validators.identifiers.uscc import USCC
from civicat.validators.identifiers.uuids import UUID

# The order is that of the documents: organisations, persons and places of China, then the world's lists and numbers.
REGISTRY: Mapping[str, Identifier] = MappingProxyType(
    {
        one.name: one
        for one in (
            *(USCC, RESIDENT_ID, DIVISION_CODE, DIVISION_CODE_HISTORY, POSTCODE_CN, PLATE_CN),
            *(MOBILE_CN, LANDLINE_CN, PHONE_CN, EMAIL, URL),
            *(LONGITUDE, LATITUDE, LONGITUDE_GCJ02, LATITUDE_GCJ02),
            *(COUNTRY, COUNTRY_ALPHA3, CURRENCY, CURRENCY_HISTORY, LANGUAGE, LANGUAGE_ALPHA3),
            *(IBAN, ISBN, ISSN, DOI, LEI, ORCID, UUID),
        )
    }
)


def find(name: str) -> Identifier | None:
    """The identifier of a name, of the registry or of a year (division-code-2010); None where there is none."""
    return REGISTRY.get(name) or of_year(name)
