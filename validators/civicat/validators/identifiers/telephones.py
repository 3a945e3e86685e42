"""What phonenumbers knows of the numbers of China, as patterns of the digits after +86."""

from __future__ import annotations

from functools import cache


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
