"""Operators, and a credential with its carrier."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential, CredentialStatus
from orbit.accounts.models import AuditEvent
from tests.factories import PASSWORD, make_organization, make_user
from tests.orbit.console.scenery import build

SECRET = "s3cr3t!!"


@pytest.fixture
def sign_in(db) -> Callable[..., Client]:
    """`sign_in("Operator")`: a client signed in with this role; without a role, as a superuser."""

    def make(role: str = "") -> Client:
        person = make_user(is_staff=True, is_superuser=not role, password=PASSWORD)
        if role:
            person.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(person)
        client.person = person
        return client

    return make


@pytest.fixture(scope="module")
def build_once(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Callable[[int], None]]:
    """`build(rows)` for all tests of a file: what each of them does is rolled back to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build
        transaction.set_rollback(True)


@pytest.fixture
def operator(sign_in: Callable[..., Client]) -> Client:
    return sign_in("Operator")


@pytest.fixture
def administrator(sign_in: Callable[..., Client]) -> Client:
    return sign_in("Admin")


@pytest.fixture
def credential(db) -> Credential:
    row = Credential.objects.create(
        organization=make_organization("Acme Travel"),
        name="Orange FR",
        host="127.0.0.1",
        system_id="acme",
        password=SECRET,
        password_set_at=timezone.now(),
    )
    CredentialStatus.objects.create(
        credential=row, sync_state="synced", bind_state="unbound", bind_error="connection refused"
    )
    return row


@pytest.fixture
def carrier(credential: Credential) -> Carrier:
    return Carrier.objects.create(
        organization=credential.organization,
        credential=credential,
        name="Orange",
        countries=["FR"],
    )


def path_of(credential: Credential, button: str = "") -> str:
    """The page of a credential, or what one of its buttons leads to."""
    if button:
        return f"/admin/console/credentials/{credential.pk}/{button}/"
    return f"/admin/messaging/credential/{quote(credential.pk)}/change/"


def secrets_of(credential: Credential) -> list[str]:
    row = Credential.objects.get(pk=credential.pk)
    return list(filter(None, [row.password, row.gateway_password, row.staged_password]))


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("-id")[0]
