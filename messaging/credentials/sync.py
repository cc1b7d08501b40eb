"""How every write of a credential ends: compare-and-set, then word to the gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import F

from messaging import optimistic_locking
from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from messaging.gateway import push_on_commit
from orbit.api.errors import ApiError

# What the database holds unique among an organisation's live rows.
_ACCOUNT = ("host", "port", "system_id", "bind_type")


def compare_and_set(credential: Credential, **fields: object) -> None:
    """`versions.compare_and_set` of a live credential."""
    optimistic_locking.compare_and_set(credential, fields, among=Credential.objects.live())


@contextmanager
def duplicates_refused(credential: Credential, changed: Mapping | None = None) -> Iterator[None]:
    """Turn the database's "there is one already" into DUPLICATE_CREDENTIAL naming that one.

    `changed`: the new values that are being written over those of `credential`.
    """
    account = {name: getattr(credential, name) for name in _ACCOUNT} | {
        name: value for name, value in (changed or {}).items() if name in _ACCOUNT
    }
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        others = Credential.objects.live().exclude(pk=credential.pk)
        twin = others.filter(organization=credential.organization_id, **account).first()
        if twin is None:
            raise
        raise ApiError(
            "DUPLICATE_CREDENTIAL",
            "A credential for this host, port, system_id and bind_type exists already: "
            f"{twin.id}. Change that one, or delete it first.",
            details={"credential_id": twin.id},
        ) from None


def tell_gateway(credential: Credential, *, enabled_changed: bool = False) -> None:
    """Mark the credential as not yet in the gateway, and have it put there after the commit.

    The bind state stays as last observed, unless it was switched on or off: a disabled one is
    "disabled" at once, one that is switched on is "unknown" until it is looked at.
    """
    news: dict[str, object] = {"sync_state": SyncState.PENDING, "sync_error": ""}
    if enabled_changed:
        state = BindState.UNKNOWN if credential.enabled else BindState.DISABLED
        news |= {"bind_state": state, "bind_since": None, "bind_error": ""}
    Credential.objects.filter(pk=credential.pk).update(gateway_version=F("gateway_version") + 1)
    credential.gateway_version += 1
    credential.status, _ = CredentialStatus.objects.update_or_create(
        credential=credential, defaults=news
    )
    push_on_commit(credential.organization_id)
