"""Numbers in a search, written in E.164 or as they are dialled inside a country."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from messaging.carriers.models import Carrier
from messaging.countries import ANY
from messaging.numbers import as_read, e164, national_readings


def matching_numbers(text: str, carriers: QuerySet[Carrier]) -> list[str]:
    """The numbers in E.164 that `text` can mean: one, or for a national form one for each country
    that these carriers list and where it can be a number. Raises ValueError saying why it is none.
    """
    text = as_read(text)
    if text.startswith("00"):
        return [e164(f"+{text[2:]}")]  # ITU-T E.123: what stands for the +
    if not text.startswith("0"):
        return [e164(text)]
    countries = _countries(carriers.values_list("countries", flat=True).order_by())
    if not countries:
        raise ValueError(
            f"{text} is in national form, and its country is not known: no carrier lists one. "
            "Write + and the country's code, without the 0."
        )
    found = national_readings(text, countries)
    if not found:
        raise ValueError(
            f"{text} is in national form, and can't be a number of {_named(countries)}, which the "
            "carriers list. Write + and the country's code, without the 0."
        )
    return found


def _countries(lists: Iterable[list[str]]) -> list[str]:
    return sorted({country for each in lists for country in each} - {ANY})


def _named(countries: list[str]) -> str:
    shown = ", ".join(countries[:10])
    return f"{shown} and {len(countries) - 10} more" if len(countries) > 10 else shown
