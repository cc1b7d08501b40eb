"""Reading carriers: of one organisation, with their credential and its status in one query."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from messaging.carriers.models import Carrier
from messaging.carriers.order import Candidate
from messaging.credentials.models import BindState, BindType
from messaging.credentials.selectors import SECRETS
from orbit.accounts.models import Organization
from orbit.api.errors import not_found
from orbit.prepared import Prepared

_ID = re.compile(r"carr_[0-9a-f]{32}")
_OF_A_CANDIDATE = (
    "id",
    "organization_id",
    "name",
    "credential_id",
    "countries",
    "quality",
    "fallback_order",
    "billing_rate",
    "currency",
    "enabled",
)


def visible(organization: Organization) -> QuerySet[Carrier]:
    """What an organisation sees, without the credentials' secrets (they load when touched)."""
    return (
        Carrier.objects.filter(organization=organization)
        .select_related("credential__status")
        .defer(*(f"credential__{name}" for name in SECRETS))
    )


def find(*, organization: Organization, carrier_id: str) -> Carrier:
    """One carrier. Raises NOT_FOUND, alike for another organisation's id and one that never was."""
    return _one(visible(organization), organization, carrier_id)


def lock(*, organization: Organization, carrier_id: str) -> Carrier:
    """The same, locked until the transaction ends."""
    return _one(visible(organization).select_for_update(of=("self",)), organization, carrier_id)


def listing(carriers: QuerySet[Carrier], country: str) -> QuerySet[Carrier]:
    """Those that list the country; `*` finds those of any country."""
    # No database but PostgreSQL looks into a list of JSON; each of them finds `"FR"` in its text.
    text = Cast("countries", TextField())
    return carriers.alias(countries_text=text).filter(countries_text__contains=f'"{country}"')


def candidates(carriers: QuerySet[Carrier]) -> list[Candidate]:
    """What `order` works on, in one query."""
    rows = carriers.order_by().values(
        *_OF_A_CANDIDATE,
        credential_enabled=F("credential__enabled"),
        bind_type=F("credential__bind_type"),
        bind_state=F("credential__status__bind_state"),
        gsm_data_coding=F("credential__gsm_data_coding"),
    )
    return [_candidate(**row) for row in rows]


_OF_A_CREDENTIAL = ("enabled", "bind_type", "status__bind_state", "gsm_data_coding")
_NAMES = (*_OF_A_CANDIDATE, "credential_enabled", "bind_type", "bind_state", "gsm_data_coding")
_CANDIDATES = Prepared(
    lambda organization_id: (
        Carrier.objects.order_by()
        .filter(organization=organization_id)
        .values_list(*_OF_A_CANDIDATE, *(f"credential__{name}" for name in _OF_A_CREDENTIAL))
    )
)


def candidates_of(organization_id: str) -> list[Candidate]:
    """All of an organisation, as each POST of a message asks for them."""
    rows = _CANDIDATES.rows(organization_id)
    return [_candidate(**dict(zip(_NAMES, row, strict=True))) for row in rows]


def ids_by_credential(credential_ids: Sequence[str]) -> dict[str, list[str]]:
    """Ids of the carriers that use these credentials, oldest first, in one query."""
    rows = Carrier.objects.filter(credential__in=credential_ids).order_by("id")
    found: dict[str, list[str]] = {}
    for credential_id, carrier_id in rows.values_list("credential_id", "id"):
        found.setdefault(credential_id, []).append(carrier_id)
    return found


def _candidate(
    *, countries: list[str], bind_type: str, bind_state: str | None, **same: Any
) -> Candidate:
    return Candidate(
        countries=tuple(countries),
        receiver=bind_type == BindType.RECEIVER,
        bound=bind_state == BindState.BOUND,
        **same,
    )


def _one(carriers: QuerySet[Carrier], organization: Organization, carrier_id: str) -> Carrier:
    # PostgreSQL fails on a NUL in a text, so what is no id is not asked for.
    known = _ID.fullmatch(carrier_id)
    carrier = carriers.filter(pk=carrier_id).first() if known else None
    if carrier is None:
        raise not_found()
    carrier.organization = organization  # it is in memory already
    return carrier
