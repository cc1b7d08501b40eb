"""Reading the numbers of an organisation."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from messaging.own_numbers.models import ID_PREFIX, OwnNumber
from orbit.accounts.models import Organization
from orbit.api.errors import not_found

_ID = re.compile(rf"{ID_PREFIX}_[0-9a-f]{{32}}")
Account = tuple[str, int, str]
"""Host, port and system_id: binds of one account may be several credentials."""


@dataclass(frozen=True)
class Registered:
    """A number as texts need it. `keywords` and `default_answer` as of the model."""

    id: str
    organization_id: str
    credential_id: str
    account: Account
    number: str
    countries: tuple[str, ...]
    route: str
    webhook_url: str | None = field(repr=False)
    keywords: list[dict[str, Any]] = field(repr=False)
    default_answer: str | None = field(repr=False)


def visible(organization: Organization) -> QuerySet[OwnNumber]:
    """The organisation's numbers."""
    return OwnNumber.objects.filter(organization=organization)


def find(*, organization: Organization, number_id: str) -> OwnNumber:
    """One number. Raises NOT_FOUND for an unknown id and for another organisation's alike."""
    return _one(visible(organization), organization, number_id)


def lock(*, organization: Organization, number_id: str) -> OwnNumber:
    """One number, locked until the transaction ends."""
    rows = visible(organization).select_for_update(of=("self",))
    return _one(rows, organization, number_id)


def registered(
    organization_ids: Collection[str], numbers: Collection[str]
) -> Mapping[tuple[str, str], list[Registered]]:
    """Registered numbers by (organisation, number), in one query. A number may be on several
    credentials."""
    rows = OwnNumber.objects.filter(organization__in=organization_ids, number__in=numbers)
    columns = rows.order_by("id").values_list(
        "id", "organization_id", "credential_id", "credential__host", "credential__port",
        "credential__system_id", "number", "countries", "route", "webhook_url", "keywords",
        "default_answer",
    )  # fmt: skip
    found: dict[tuple[str, str], list[Registered]] = defaultdict(list)
    for pk, organization_id, credential_id, host, port, system_id, number, listed, *rest in columns:
        account = (host, port, system_id)
        one = Registered(pk, organization_id, credential_id, account, number, tuple(listed), *rest)
        found[organization_id, number].append(one)
    return found


def _one(rows: QuerySet[OwnNumber], organization: Organization, number_id: str) -> OwnNumber:
    # PostgreSQL fails on a NUL in a text: only look up what has the form of an id.
    known = _ID.fullmatch(number_id)
    number = rows.filter(pk=number_id).first() if known else None
    if number is None:
        raise not_found()
    number.organization = organization  # it is in memory already
    return number
