"""What phonenumbers knows of the numbers of China, as patterns of the digits after +86."""

from __future__ import annotations

import re
from functools import cache

_ABROAD = re.compile(r"(?:\+|00)?86(?=0?[1-9])", re.ASCII)  # the country's code in front
_AREA = re.compile(r"0?(?P<area>10|2\d|[3-9]\d{2})(?P<number>\d{7,8})", re.ASCII)


@cache
def mobile_pattern() -> str:
    """Which 11 digits are a mobile number."""
    return _known()[0]


@cache
def landline_pattern() -> str:
    """Which digits, the area code without its 0 and then the subscriber's, are a landline."""
    return _known()[1]


def _known() -> tuple[str, str]:
    from phonenumbers import PhoneMetadata  # noqa: PLC0415 (40 ms, which only columns of telephone numbers should pay)

    china = PhoneMetadata.metadata_for_region("CN")
    mobile = china.mobile.national_number_pattern if china and china.mobile else None
    landline = china.fixed_line.national_number_pattern if china and china.fixed_line else None
    if mobile is None or landline is None:
        raise LookupError("phonenumbers no longer knows the numbers of China")
    return mobile, landline


def rewritten(text: str) -> str:
    """A telephone number as ours are written: 11 digits of a mobile, area code, hyphen and number of a landline."""
    digits = _ABROAD.sub("", re.sub(r"[^\d+]", "", text), count=1)
    match = _AREA.fullmatch(digits)
    return f"0{match['area']}-{match['number']}" if match else digits
