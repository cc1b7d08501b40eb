"""How a carrier is answered."""

from __future__ import annotations

from messaging.carriers.dependents import pools_of
from messaging.carriers.models import Carrier
from messaging.carriers.ranking import route_positions
from messaging.carriers.selectors import candidates
from messaging.credentials.models import SyncState
from messaging.credentials.representation import bind_of, status_of
from messaging.money import as_text
from orbit.accounts.models import Organization
from orbit.api.envelope import timestamp
from orbit.api.etags import etag


def represent(carrier: Carrier) -> dict:
    """One carrier as the API answers it."""
    return in_place(carrier.organization, [alone(carrier)])[0]


def alone(carrier: Carrier) -> dict:
    """The same without what depends on others, for lists: `in_place` fills a page at once."""
    return {
        "id": carrier.id,
        **_written(carrier),
        "credential": {
            "id": carrier.credential_id,
            "name": carrier.credential.name,
            "bind": bind_of(carrier.credential),
        },
        "sync": sync_of(carrier),
        "sender_pools": [],
        "routes": [],
        "created_at": timestamp(carrier.created_at),
        "updated_at": timestamp(carrier.updated_at),
    }


def in_place(organization: Organization, answers: list[dict]) -> list[dict]:
    """Fill in `sync`, `sender_pools` and `routes` of all, with one query each."""
    access = Organization.objects.filter(pk=organization.pk)
    errors = access.values_list("access__carrier_errors", flat=True).first() or {}
    pools = pools_of([answer["id"] for answer in answers])
    places = route_positions(candidates(Carrier.objects.filter(organization=organization)))
    for answer in answers:
        answer["sync"] = _behind(answer["sync"], errors.get(answer["id"], ""))
        answer["sender_pools"] = list(pools.get(answer["id"], []))
        answer["routes"] = [
            {"country": each.country, "position": each.position, "of": each.of}
            for each in places.get(answer["id"], [])
        ]
    return answers


def sync_of(carrier: Carrier, access_error: str = "") -> dict:
    """Whether the gateway has it as it is wanted: its credential, and (`access_error`) its place
    behind the organisation's access."""
    status = status_of(carrier.credential)
    return _behind({"state": status.sync_state, "error": status.sync_error or None}, access_error)


def _behind(sync: dict, access_error: str) -> dict:
    if sync["state"] == SyncState.ERROR or not access_error:
        return sync
    return {"state": SyncState.ERROR, "error": access_error}


def tag(carrier: Carrier) -> str:
    """ETag over what people wrote: binds and other carriers leave it alone."""
    return etag({"id": carrier.id, **_written(carrier)})


def _written(carrier: Carrier) -> dict:
    """In the order of the API's documentation."""
    return {
        "name": carrier.name,
        "credential_id": carrier.credential_id,
        "countries": carrier.countries,
        "quality": carrier.quality,
        "fallback_order": carrier.fallback_order,
        "billing_rate": as_text(carrier.billing_rate),
        "currency": carrier.currency,
        "enabled": carrier.enabled,
    }
