"""Reading an organisation's access, which the first read creates."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from messaging.access.models import Access
from messaging.credentials import passwords
from orbit.accounts.models import Organization


def find(organization: Organization) -> Access:
    """The access, its password deferred."""
    return _one(Access.objects.defer("password"), organization)


def lock(organization: Organization) -> Access:
    """The access with its password, locked until the transaction ends."""
    return _one(Access.objects.select_for_update(), organization)


def _one(accesses: QuerySet[Access], organization: Organization) -> Access:
    access = accesses.filter(pk=organization.pk).first()
    if access is None:
        _make(organization)
        access = accesses.get(pk=organization.pk)
    access.organization = organization  # it is in memory already
    return access


def _make(organization: Organization) -> None:
    """Create the access: disabled, its password not revealed yet. Of two concurrent requests one
    creates it."""
    access = Access(
        organization=organization, password=passwords.generate(), password_set_at=timezone.now()
    )
    Access.objects.bulk_create([access], ignore_conflicts=True)
