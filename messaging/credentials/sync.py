"""Mark a credential for the gateway: `sync: pending`, and a push on commit."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F

from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from messaging.gateway import push_on_commit

# Fields that the carrier sees in a bind. If a bind was refused, only a change of one of these can
# make the carrier accept it.
BIND_FIELDS = frozenset(
    {
        "host",
        "port",
        "backups",
        "password",
        "system_type",
        "bind_type",
        "bind_ton",
        "bind_npi",
        "address_range",
        "tls",
        "tls_verify",
        "tls_ca",
        "tls_server_name",
        "tls_certificate",
        "tls_key",
    }
)


def mark_pending(
    credential: Credential, *, changed: Collection[str] = (), is_proven: bool = False
) -> None:
    """Set the credential to `sync: pending` and start a pass of the reconciler after the commit.

    `changed`: the names of the fields that were written. The bind state stays as last observed;
    with `enabled` it becomes "disabled", or "unknown" until the reconciler observes the bind. A
    bind that is held back after refusals is tried at once if one of BIND_FIELDS has changed.
    `is_proven`: the carrier has taken what was written in a trial bind.
    """
    values: dict[str, object] = {"sync_state": SyncState.PENDING, "sync_error": ""}
    if "enabled" in changed:
        state = BindState.UNKNOWN if credential.enabled else BindState.DISABLED
        values |= {"bind_state": state, "bind_since": None, "bind_error": ""}
        values |= {"bound": 0, "sessions": []}
    versions = ["gateway_version"]
    if not BIND_FIELDS.isdisjoint(changed):
        versions.append("bind_version")
    grown = {name: F(name) + 1 for name in versions}
    if is_proven:
        grown["proven_version"] = grown["bind_version"]
    Credential.objects.filter(pk=credential.pk).update(**grown)
    for name in versions:
        setattr(credential, name, getattr(credential, name) + 1)
    if is_proven:
        credential.proven_version = credential.bind_version
    credential.status, _ = CredentialStatus.objects.update_or_create(
        credential=credential, defaults=values
    )
    push_on_commit(credential.organization_id)
