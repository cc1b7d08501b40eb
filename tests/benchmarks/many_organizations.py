"""Many organisations: each has five credentials, a carrier for each, and an access."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from messaging.access.models import Access
from messaging.carriers.models import Carrier as CarrierRow
from messaging.credentials.models import Credential, CredentialStatus
from orbit.accounts.models import Organization
from reconciler.models import Gateway, Placement
from tests.benchmarks.carrier import PASSWORD, Carrier, system_ids

A_ORGANIZATION = 5  # credentials
AT_ONCE = 500  # rows in one statement
# Of the carriers of an organisation, in turn: two share a list, so a route has two connectors.
COUNTRIES = (["FR", "BE"], ["FR", "BE"], ["US"], ["DE", "AT", "CH"], ["*"])


@transaction.atomic
def fill(gateway: Gateway, carrier: Carrier, count: int, *, start: int = 0) -> None:
    """Make the credentials `start` to `count`. Each was taken by its carrier before: what first
    binds may try at one host is bounded, and that is not what is measured."""
    names = system_ids(count, start)
    groups = [names[at : at + A_ORGANIZATION] for at in range(0, len(names), A_ORGANIZATION)]
    owners = Organization.objects.bulk_create(
        [Organization(name=f"Organisation {group[0]}") for group in groups], AT_ONCE
    )
    now = timezone.now()
    Placement.objects.bulk_create(
        [Placement(organization=each, gateway=gateway) for each in owners], AT_ONCE
    )
    Access.objects.bulk_create(
        [
            Access(organization=each, enabled=True, password="pl4tf0rm", password_set_at=now)
            for each in owners
        ],
        AT_ONCE,
    )
    rows = Credential.objects.bulk_create(
        [
            Credential(
                organization=owner,
                name=f"{name}@carrier",
                host="127.0.0.1",
                port=carrier.port,
                system_id=name,
                password=PASSWORD,
                password_set_at=now,
                proven_version=1,
                throughput=1_000,
            )
            for owner, group in zip(owners, groups, strict=True)
            for name in group
        ],
        AT_ONCE,
    )
    CredentialStatus.objects.bulk_create(
        [CredentialStatus(credential=each) for each in rows], AT_ONCE
    )
    CarrierRow.objects.bulk_create(
        [
            CarrierRow(
                organization_id=each.organization_id,
                credential=each,
                name=each.name,
                countries=COUNTRIES[place % len(COUNTRIES)],
            )
            for place, each in enumerate(rows)
        ],
        AT_ONCE,
    )
