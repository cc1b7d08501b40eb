"""Reading carriers: of one organisation, with their credential and its status in one query."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, StrIndex

from messaging.carriers import demotions
from messaging.carriers.demotions import QualityMode
from messaging.carriers.models import Carrier
from messaging.carriers.ranking import RouteCandidate
from messaging.countries import ANY
from messaging.credentials.models import BindState, BindType
from messaging.credentials.selectors import SECRETS
from orbit.accounts.models import Organization
from orbit.api.errors import not_found
from orbit.db.prepared_queries import Prepared

_ID = re.compile(r"carr_[0-9a-f]{32}")
_CANDIDATE_COLUMNS = (  # in the order of `_candidate`
    "id",
    "organization_id",
    "name",
    "credential_id",
    "countries",
    "quality",
    "fallback_order",
    "billing_rate",
    "enabled",
    "currency",
    "credential__enabled",
    "credential__bind_type",
    "credential__status__bind_state",
    "credential__gsm_data_coding",
    "quality_mode",
    "demotions",
)


def visible(organization: Organization) -> QuerySet[Carrier]:
    """The organisation's carriers with their credential, its secrets deferred."""
    return (
        Carrier.objects.filter(organization=organization)
        .select_related("credential__status")
        .defer(*(f"credential__{name}" for name in SECRETS))
    )


def find(*, organization: Organization, carrier_id: str) -> Carrier:
    """One carrier. Raises NOT_FOUND for an unknown id and for another organisation's alike."""
    return _one(visible(organization), organization, carrier_id)


def lock(*, organization: Organization, carrier_id: str) -> Carrier:
    """One carrier, locked until the transaction ends."""
    return _one(visible(organization).select_for_update(of=("self",)), organization, carrier_id)


def listing(carriers: QuerySet[Carrier], country: str) -> QuerySet[Carrier]:
    """The carriers that list the country; with `*`, those that list `*`."""
    return _listing_any(carriers, [country])


def serving(carriers: QuerySet[Carrier], countries: Iterable[str]) -> QuerySet[Carrier]:
    """The carriers that may take messages for one of the countries; "" is for numbers without a
    country."""
    return _listing_any(carriers, {ANY, *countries} - {""})


def _listing_any(carriers: QuerySet[Carrier], countries: Iterable[str]) -> QuerySet[Carrier]:
    # Only PostgreSQL can query a list of JSON; every database finds `"FR"` in its text.
    text = Cast("countries", TextField())
    found = Q()
    for country in countries:
        found |= Q(countries_text__contains=f'"{country}"')
    return carriers.alias(countries_text=text).filter(found)


def candidates(carriers: QuerySet[Carrier]) -> list[RouteCandidate]:
    """The candidates of `ranking`, in one query."""
    return [_candidate(*row) for row in carriers.order_by().values_list(*_CANDIDATE_COLUMNS)]


def _serving_one(organization_id: str, listed: str) -> QuerySet[Carrier]:
    text = Cast("countries", TextField())
    here, anywhere = (StrIndex(text, Value(each)) for each in (listed, f'"{ANY}"'))
    carriers = Carrier.objects.filter(organization=organization_id).order_by()
    found = carriers.alias(here=here, anywhere=anywhere).filter(Q(here__gt=0) | Q(anywhere__gt=0))
    return found.values_list(*_CANDIDATE_COLUMNS)


_SERVING_ONE = Prepared(_serving_one, parameters=2)


def candidates_serving(organization_id: str, country: str) -> list[RouteCandidate]:
    """`candidates` that may take messages for one country ("": numbers without one), by a prepared
    query: each POST of a message needs it."""
    rows = _SERVING_ONE.rows(organization_id, f'"{country or ANY}"')
    return [_candidate(*row) for row in rows]


def _candidate(
    id_: str,
    organization_id: str,
    name: str,
    credential_id: str,
    countries: list[str],
    quality: int,
    fallback_order: int,
    billing_rate: Decimal,
    enabled: bool,
    currency: str,
    credential_enabled: bool,
    bind_type: str,
    bind_state: str | None,
    gsm_data_coding: int,
    quality_mode: str,
    demoted: str,
) -> RouteCandidate:
    found = demotions.read(demoted)
    return RouteCandidate(
        id_,
        organization_id,
        name,
        credential_id,
        tuple(countries),
        quality,
        fallback_order,
        billing_rate,
        enabled,
        credential_enabled,
        receiver=bind_type == BindType.RECEIVER,
        bound=bind_state == BindState.BOUND,
        currency=currency,
        gsm_data_coding=gsm_data_coding,
        demotions=found if quality_mode == QualityMode.ENFORCE else (),
        advised=found if quality_mode == QualityMode.ADVISE else (),
    )


def _one(carriers: QuerySet[Carrier], organization: Organization, carrier_id: str) -> Carrier:
    # PostgreSQL fails on a NUL in a text: only look up what has the form of an id.
    known = _ID.fullmatch(carrier_id)
    carrier = carriers.filter(pk=carrier_id).first() if known else None
    if carrier is None:
        raise not_found()
    carrier.organization = organization  # it is in memory already
    return carrier
