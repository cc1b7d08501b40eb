"""Makes, rotates, revokes and finds API keys; checks the maker's scopes for API and commands."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DEFAULT_DB_ALIAS
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from orbit.accounts.actors import Actor
from orbit.accounts.api_keys import limits
from orbit.accounts.api_keys.selectors import living_descendants
from orbit.accounts.audit import services as audit
from orbit.accounts.members.selectors import active_members
from orbit.accounts.models import ApiKey, Organization
from orbit.accounts.quotas import services as quotas
from orbit.db.prepared_queries import Prepared

PREFIX = "dv_live_sk_"
_PREFIX_LENGTH = 16  # characters of a key by which people recognise it
_RANDOM_BYTES = 24  # 48 hex digits, 192 bits
_REVOKED = "The API key has been revoked."
_TOUCH_EVERY = timedelta(minutes=1)

_COLUMNS, _OWNERS = (
    [field.attname for field in model._meta.concrete_fields] for model in (ApiKey, Organization)
)


def _of_hash(secret_hash: str) -> QuerySet:
    """One query for each request: the key, its maker's current role, and the organisation."""
    role = Subquery(active_members(OuterRef("made_by"), OuterRef("organization")).values("role"))
    keys = ApiKey.objects.order_by().filter(secret_hash=secret_hash).annotate(maker_role=role)
    owners = (f"organization__{name}" for name in _OWNERS)
    return keys.values_list(*_COLUMNS, "maker_role", *owners)


_KEYS = Prepared(_of_hash)


class KeyRejected(Exception):
    """A presented key is not valid; the text says why and holds no secret."""


class ScopesLacking(Exception):
    """The maker of a key lacks scopes that the key would have."""

    def __init__(self, scopes: Collection[str]) -> None:
        self.scopes = sorted(scopes)
        super().__init__("You lack " + ", ".join(self.scopes) + ".")


@dataclass(frozen=True)
class NewKey:
    """A key and its secret, which is shown once and not stored."""

    key: ApiKey
    secret: str = field(repr=False)


def create(
    *,
    by: Actor,
    organization: Organization,
    name: str,
    scopes: Sequence[str],
    own_scopes: frozenset[str],
    made_by_id: int,
    expires_at: datetime | None = None,
    allowed_ips: Sequence[str] = (),
    parent: ApiKey | None = None,
) -> NewKey:
    """Make a key with some of the maker's `own_scopes`; one that `parent` makes has its limits.

    Raises ScopesLacking, LimitsExceeded, KeyRejected, QUOTA_EXCEEDED.
    """
    _check_scopes(scopes, own_scopes)
    _check_still_living(parent)
    expires_at, allowed_ips = limits.inherited(parent, expires_at, allowed_ips)
    live = ApiKey.objects.filter(organization=organization, revoked_at=None)
    quotas.require(organization, "api_keys", live)
    secret = _new_secret()
    key = ApiKey.objects.create(
        organization=organization,
        name=name,
        scopes=sorted(set(scopes)),
        allowed_ips=list(allowed_ips),
        expires_at=expires_at,
        made_by_id=made_by_id,
        parent=parent,
        **_secret_columns(secret),
    )
    audit.record(
        by=by,
        organization=organization,
        action="api_key.created",
        target=key.pk,
        changes=["name", "scopes", "allowed_ips", "expires_at"],
        detail=f"made by {parent.pk}" if parent else "",
    )
    return NewKey(key, secret)


def create_operator(
    *,
    by: Actor,
    name: str,
    expires_at: datetime | None = None,
    allowed_ips: Sequence[str] = (),
) -> NewKey:
    """Make a key for the operators' routes, which belongs to no organisation."""
    secret = _new_secret()
    key = ApiKey.objects.create(
        name=name,
        is_operator=True,
        expires_at=expires_at,
        allowed_ips=list(allowed_ips),
        **_secret_columns(secret),
    )
    audit.record(
        by=by,
        organization=None,
        action="api_key.created",
        target=key.pk,
        changes=["name", "allowed_ips", "expires_at"],
    )
    return NewKey(key, secret)


def rotate(
    *, by: Actor, key: ApiKey, own_scopes: frozenset[str], parent: ApiKey | None = None
) -> NewKey:
    """Give the key a new secret; the old one is invalid at once.

    `parent` is the key that asks for it, if it is one. Raises ScopesLacking, LimitsExceeded,
    KeyRejected.
    """
    _check_scopes(key.scopes, own_scopes)
    _check_still_living(parent)
    limits.check_within(parent, key)
    secret = _new_secret()
    for column, value in _secret_columns(secret).items():
        setattr(key, column, value)
    key.last_used_at = None
    key.save(update_fields=["prefix", "secret_hash", "last_used_at"])
    audit.record(
        by=by,
        organization=key.organization,
        action="api_key.rotated",
        target=key.pk,
        changes=["secret"],
    )
    return NewKey(key, secret)


def revoke(*, by: Actor, key: ApiKey, with_children: bool = False) -> list[ApiKey]:
    """Revoke the key, at once and for ever; return the living keys that came of it.

    `with_children` revokes those as well, also one that is being made at this moment.
    """
    children = living_descendants(key, lock=True)
    for each in [key, *(children if with_children else [])]:
        each.revoked_at = timezone.now()
        each.save(update_fields=["revoked_at"])
        audit.record(
            by=by,
            organization=each.organization,
            action="api_key.revoked",
            target=each.pk,
            detail="" if each is key else f"with {key.pk}, which it came of",
        )
    return children


def find(secret: str) -> ApiKey:
    """Return the valid key with this secret; raises KeyRejected.

    Its attribute `maker_role` is the maker's current role in the organisation, None if the maker
    is no active member. It comes with the same query, since every request needs it.
    """
    if not secret.startswith(PREFIX):
        raise KeyRejected(f"An API key begins with {PREFIX}.")
    row = _KEYS.first(_hash(secret))
    if row is None:
        raise KeyRejected("There is no such API key.")
    key = _key(row)
    if key.revoked_at is not None:
        raise KeyRejected(_REVOKED)
    if key.has_expired():
        raise KeyRejected("The API key has expired.")
    return key


def _key(row: tuple) -> ApiKey:
    number = len(_COLUMNS)
    key = ApiKey.from_db(DEFAULT_DB_ALIAS, _COLUMNS, row[:number])
    key.maker_role, owner = row[number], row[number + 1 :]
    if key.organization_id:
        key.organization = Organization.from_db(DEFAULT_DB_ALIAS, _OWNERS, owner)
    return key


def touch(key: ApiKey) -> None:
    """Note that the key was used, at most once a minute."""
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at <= now - _TOUCH_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - _TOUCH_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def _check_still_living(parent: ApiKey | None) -> None:
    """Raises KeyRejected if the key that asks was revoked since it came in.

    It stays locked: `revoke` waits for its new key, or this one for the end of `revoke`.
    """
    if parent is not None:
        row = ApiKey.objects.select_for_update().filter(pk=parent.pk, revoked_at=None).first()
        if row is None:
            raise KeyRejected(_REVOKED)


def _check_scopes(scopes: Collection[str], own_scopes: frozenset[str]) -> None:
    lacking = set(scopes) - own_scopes
    if lacking:
        raise ScopesLacking(lacking)


def _new_secret() -> str:
    return PREFIX + secrets.token_hex(_RANDOM_BYTES)


def _secret_columns(secret: str) -> dict[str, str]:
    return {"prefix": secret[:_PREFIX_LENGTH], "secret_hash": _hash(secret)}


def _hash(secret: str) -> str:
    # 192 random bits need no slow hash.
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
