"""Ten thousand credentials of two thousand organisations on three gateways, as rows alone.

Each organisation's list of opt-outs has changed once. Of a hundred binds one is down, one is on its
way and one could not be brought over. Ids are numbers, so that rows of large tables can name them
(`credential_id`, `organization_id`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from messaging.access.models import Access
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential, CredentialStatus
from messaging.webhooks.models import Webhook
from orbit.accounts.models import Organization
from reconciler.models import ConnectorRecord, Gateway, Placement

EACH = 5  # credentials of an organisation
_COUNTRIES = (["FR", "MC"], ["DE"], ["US", "CA"], ["GB"], ["*"])
_DOWN = "the carrier closed the connection"
_STATES = (  # by the last two digits of the number: bind, its error, sync, its error
    ("unbound", _DOWN, "synced", ""),
    ("binding", "", "synced", ""),
    ("unbound", "", "error", "Jasmin said no"),
)


@dataclass(frozen=True)
class Fleet:
    """`credentials` rows in all."""

    gateways: list[Gateway]
    organizations: list[Organization]
    credentials: int


def credential_id(number: str) -> str:
    """SQL: the id of a credential by its number, an expression from 0."""
    return f"'cred_' || lpad(to_hex({number}), 32, '0')"


def organization_id(number: str) -> str:
    return f"'org_' || lpad(to_hex({number}), 32, '0')"


def fill(credentials: int, *, gateways: int = 3) -> Fleet:
    """Make them; each has a carrier, each organisation an access and a webhook."""
    now = timezone.now()
    made = [_gateway(number, now) for number in range(gateways)]
    organizations = Organization.objects.bulk_create(
        Organization(id=f"org_{number:032x}", name=f"Fleet {number}", opt_outs=1)
        for number in range(math.ceil(credentials / EACH))
    )
    Placement.objects.bulk_create(
        Placement(organization=each, gateway=made[number % gateways])
        for number, each in enumerate(organizations)
    )
    Access.objects.bulk_create(
        Access(
            organization=each,
            enabled=True,
            password="acc3ss!!",
            password_set_at=now,
            sync_state="synced",
            submits_total=number,
        )
        for number, each in enumerate(organizations)
    )
    Webhook.objects.bulk_create(
        Webhook(
            organization=each,
            url=f"https://hooks.example.com/{number}",
            events=["*"],
            secret_set_at=now,
        )
        for number, each in enumerate(organizations)
    )
    _credentials(credentials, organizations, made, now)
    return Fleet(made, organizations, credentials)


def _gateway(number: int, now: datetime) -> Gateway:
    return Gateway.objects.create(
        name=f"fleet{number}",
        jcli_host="127.0.0.1",
        jcli_username="jcliadmin",
        jcli_password="hidden!!",
        http_url=f"http://127.0.0.1:{1401 + number}",
        state="up",
        state_since=now,
        looked_at=now,
        last_pass_at=now,
    )


def _credentials(
    count: int, organizations: list[Organization], gateways: list[Gateway], now: datetime
) -> None:
    rows = Credential.objects.bulk_create(
        [
            Credential(
                id=f"cred_{number:032x}",
                organization=organizations[number // EACH],
                name=f"Carrier {number}",
                host=f"127.0.1.{number % 250}",
                port=2775,
                system_id=f"acme{number}",
                password="s3cr3t",
                password_set_at=now,
                proven_version=1,
            )
            for number in range(count)
        ],
        batch_size=2000,
    )
    CredentialStatus.objects.bulk_create(
        [_status(number, row, gateways, now) for number, row in enumerate(rows)], batch_size=2000
    )
    ConnectorRecord.objects.bulk_create(
        [ConnectorRecord(credential=row, host=row.host, address=row.host) for row in rows],
        batch_size=2000,
    )
    Carrier.objects.bulk_create(
        [
            Carrier(
                organization_id=row.organization_id,
                credential=row,
                name=row.name,
                countries=_COUNTRIES[number % len(_COUNTRIES)],
            )
            for number, row in enumerate(rows)
        ],
        batch_size=2000,
    )


def _status(
    number: int, row: Credential, gateways: list[Gateway], now: datetime
) -> CredentialStatus:
    place = number % 100
    bind, bind_error, sync, sync_error = (
        _STATES[place] if place < len(_STATES) else ("bound", "", "synced", "")
    )
    return CredentialStatus(
        credential=row,
        gateway_id=gateways[number // EACH % len(gateways)].pk,
        bind_state=bind,
        bind_error=bind_error,
        bind_since=now,
        sync_state=sync,
        sync_error=sync_error,
        synced_at=now,
        observed_at=now,
    )
