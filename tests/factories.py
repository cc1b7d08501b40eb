"""Rows that tests need, by plain functions: each makes what it is not given."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from cryptography.fernet import Fernet
from django.db import transaction
from django.db.models import BinaryField, Model, Value

from orbit.accounts.actors import SYSTEM
from orbit.accounts.api_keys import services as api_keys
from orbit.accounts.models import Member, Organization, User
from orbit.accounts.scopes import ALL_SCOPES, ROLE_SCOPES
from orbit.accounts.sessions import services as sessions
from orbit.ids import first_id

PASSWORD = "correct-horse-battery"
_numbers = itertools.count(1)


def make_organization(name: str = "") -> Organization:
    return Organization.objects.create(name=name or f"Organisation {next(_numbers)}")


def make_user(email: str = "", *, password: str = PASSWORD, **fields) -> User:
    email = email or f"person{next(_numbers)}@example.com"
    return User.objects.create_user(email, password, **fields)


def make_member(
    organization: Organization | None = None, *, role: str = "owner", user: User | None = None
) -> Member:
    return Member.objects.create(
        organization=organization or make_organization(), user=user or make_user(), role=role
    )


def make_api_key(
    organization: Organization | None = None,
    *,
    member: Member | None = None,
    role: str = "owner",
    scopes: Sequence[str] = ALL_SCOPES,
    expires_at: datetime | None = None,
    allowed_ips: Sequence[str] = (),
) -> api_keys.NewKey:
    """A key (`.key`, `.secret`) made by a member with the role, with those scopes they have."""
    member = member or make_member(organization, role=role)
    own = ROLE_SCOPES[member.role]
    with transaction.atomic():
        return api_keys.create(
            by=SYSTEM,
            organization=member.organization,
            name="A key",
            scopes=[scope for scope in scopes if scope in own],
            own_scopes=own,
            made_by_id=member.user_id,
            expires_at=expires_at,
            allowed_ips=allowed_ips,
        )


def make_operator_key() -> api_keys.NewKey:
    with transaction.atomic():
        return api_keys.create_operator(by=SYSTEM, name="An operator's key")


def make_session(member: Member) -> sessions.Tokens:
    with transaction.atomic():
        return sessions.start(by=SYSTEM, user=member.user, organization=member.organization)


def made_at(prefix: str, moment: datetime) -> str:
    """An id as if it had been made then."""
    return first_id(prefix, moment) + uuid4().hex[12:]


def lose_key(row: Model, *names: str) -> None:
    """Leave these encrypted fields of the row as a key that nobody has any more wrote them."""
    token = Value(Fernet(Fernet.generate_key()).encrypt(b"lost"), output_field=BinaryField())
    type(row).objects.filter(pk=row.pk).update(**dict.fromkeys(names, token))
