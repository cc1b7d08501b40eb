"""Mark a credential for the gateway: `sync: pending`, and a push on commit."""

from __future__ import annotations

from django.db.models import F

from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from messaging.gateway import push_on_commit


def mark_pending(credential: Credential, *, enabled_changed: bool = False) -> None:
    """Set the credential to `sync: pending` and start a pass of the reconciler after the commit.

    The bind state stays as last observed. With `enabled_changed` it becomes "disabled", or
    "unknown" until the reconciler observes the bind.
    """
    values: dict[str, object] = {"sync_state": SyncState.PENDING, "sync_error": ""}
    if enabled_changed:
        state = BindState.UNKNOWN if credential.enabled else BindState.DISABLED
        values |= {"bind_state": state, "bind_since": None, "bind_error": ""}
    Credential.objects.filter(pk=credential.pk).update(gateway_version=F("gateway_version") + 1)
    credential.gateway_version += 1
    credential.status, _ = CredentialStatus.objects.update_or_create(
        credential=credential, defaults=values
    )
    push_on_commit(credential.organization_id)
