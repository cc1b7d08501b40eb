"""Carriers and accesses, as rows."""

from __future__ import annotations

from django.utils import timezone

from messaging.access.models import Access
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from orbit.accounts.models import Organization

ACCESS_PASSWORD = "acce55pw"


def make_carrier(credential: Credential, countries: list[str], **fields) -> Carrier:
    return Carrier.objects.create(
        organization=credential.organization,
        credential=credential,
        name=f"{credential.system_id} carrier",
        countries=countries,
        **fields,
    )


def give_access(organization: Organization, **fields) -> Access:
    values = {"enabled": True, "password": ACCESS_PASSWORD} | fields
    return Access.objects.create(
        organization=organization, password_set_at=timezone.now(), **values
    )
