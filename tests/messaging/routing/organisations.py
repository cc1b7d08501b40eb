"""Random organisations: carriers, credentials, pools, what is attached to what, and messages."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st

from messaging.carriers.models import Carrier
from messaging.countries import country_of
from messaging.credentials.models import BindState, Credential, CredentialStatus
from messaging.numbers import sender_type
from messaging.pools.engine.values import Strategy
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool
from messaging.routing.values import RouteRequest
from orbit.accounts.models import Organization
from orbit.ids import new_id

DESTINATIONS = ("+14155552671", "+14165552671", "+33639980001", "+33639980002", "+80012345678")
SENDERS = ("+14155550100", "+14165550100", "+33700000001", "ACME", "Shop", "36179")
BODIES = ("hello", "Жё", "a" * 1400, "é" * 500, "[" * 700)
DEMOTIONS = ("", "", "FR warn", "US critical", "CA warn,FR critical probing,US warn probing")
COUNTRIES = (("FR",), ("US",), ("US", "CA"), ("*",), ("*",))

credentials = st.fixed_dictionaries(
    {
        "enabled": st.sampled_from([True, True, True, False]),
        "bind_type": st.sampled_from(["transceiver", "transceiver", "transmitter", "receiver"]),
        "gsm_data_coding": st.sampled_from([0, 0, 1, 3]),
        "bind_state": st.sampled_from(["bound", "bound", "unbound", ""]),
    }
)
carriers = st.fixed_dictionaries(
    {
        "credential": st.integers(0, 2),
        "countries": st.sampled_from(COUNTRIES),
        "quality": st.integers(0, 2),
        "fallback_order": st.integers(1, 2),
        "billing_rate": st.sampled_from([Decimal(0), Decimal("0.01")]),
        "enabled": st.sampled_from([True, True, True, False]),
        "quality_mode": st.sampled_from(["off", "advise", "enforce", "enforce"]),
        "demotions": st.sampled_from(DEMOTIONS),
    }
)
members = st.fixed_dictionaries(
    {
        "sender": st.sampled_from(SENDERS),
        "weight": st.integers(1, 3),
        "countries": st.lists(st.sampled_from(["US", "FR"]), max_size=1),
        "enabled": st.sampled_from([True, True, True, False]),
    }
)
pools = st.fixed_dictionaries(
    {
        "strategy": st.sampled_from([each.value for each in Strategy]),
        "sticky": st.booleans(),
        "geo_match": st.booleans(),
        "members": st.lists(members, max_size=3, unique_by=lambda each: each["sender"]),
        "carriers": st.sets(st.integers(0, 3), max_size=2),
    }
)
organisations = st.fixed_dictionaries(
    {
        "credentials": st.lists(credentials, min_size=1, max_size=3),
        "carriers": st.lists(carriers, max_size=4),
        "pools": st.lists(pools, max_size=3),
    }
)
# Carrier and pool by number; one that there is none of is not named.
messages = st.fixed_dictionaries(
    {
        "to": st.sampled_from(DESTINATIONS),
        "body": st.sampled_from(BODIES),
        "sender": st.sampled_from(["", "", "", *SENDERS]),
        "pool": st.none() | st.integers(0, 2),
        "carrier": st.none() | st.none() | st.integers(0, 3),
    }
)


@dataclass(frozen=True)
class Made:
    """The rows of an organisation, in the order in which they were drawn."""

    organization: Organization
    carriers: list[Carrier]
    pools: list[SenderPool]

    def wanted(self, message: dict[str, Any]) -> RouteRequest:
        return RouteRequest(
            to=message["to"],
            country=country_of(message["to"]) or "",
            body=message["body"],
            sender=message["sender"],
            pool_id=_nth(self.pools, message["pool"]),
            carrier_id=_nth(self.carriers, message["carrier"]),
        )


def _nth(rows: list[Any], number: int | None) -> str | None:
    return rows[number].pk if number is not None and number < len(rows) else None


def make(organization: Organization, drawn: dict[str, Any]) -> Made:
    """Write the rows down, in a statement for each table."""
    own = _credentials(organization, drawn["credentials"])
    rows = [
        Carrier(
            organization=organization,
            name=f"Carrier {number}",
            credential=own[each["credential"] % len(own)],
            **{name: value for name, value in each.items() if name != "credential"},
        )
        for number, each in enumerate(drawn["carriers"])
    ]
    made = Made(organization, Carrier.objects.bulk_create(rows), [])
    parts = ("members", "carriers")
    for each in drawn["pools"]:
        fields = {name: value for name, value in each.items() if name not in parts}
        made.pools.append(SenderPool(organization=organization, name="Pool", **fields))
    SenderPool.objects.bulk_create(made.pools)
    both = list(zip(made.pools, drawn["pools"], strict=True))
    PoolMember.objects.bulk_create(
        PoolMember(pool=pool, type=sender_type(each["sender"]), position=position, **each)
        for pool, fields in both
        for position, each in enumerate(fields["members"])
    )
    PoolCarrier.objects.bulk_create(
        PoolCarrier(pool=pool, carrier=made.carriers[number])
        for pool, fields in both
        for number in sorted(fields["carriers"])
        if number < len(made.carriers)
    )
    return made


def _credentials(organization: Organization, drawn: list[dict[str, Any]]) -> list[Credential]:
    now, numbers = timezone.now(), itertools.count()
    states = [each["bind_state"] for each in drawn]
    rows = Credential.objects.bulk_create(
        Credential(
            organization=organization,
            name=f"Credential {next(numbers)}",
            host="192.0.2.1",
            system_id=f"acme{next(numbers)}",
            gateway_key=f"ob{new_id('x')[-12:]}",
            password="secret",
            password_set_at=now,
            **{name: value for name, value in each.items() if name != "bind_state"},
        )
        for each in drawn
    )
    CredentialStatus.objects.bulk_create(
        CredentialStatus(credential=row, bind_state=BindState(state))
        for row, state in zip(rows, states, strict=True)
        if state
    )
    return rows
