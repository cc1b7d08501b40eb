"""How a credential is answered. Never its password, the one that is staged, or its TLS key."""

from __future__ import annotations

from messaging.credentials.dependents import carriers_of
from messaging.credentials.models import (
    BindState,
    Credential,
    CredentialStatus,
    SyncState,
    default_addressing,
)
from orbit.api.envelope import timestamp
from orbit.api.etags import etag

# In the order of the API's documentation.
WRITTEN = (
    "name",
    "host",
    "port",
    "system_id",
    "system_type",
    "bind_type",
    "tls",
    "tls_verify",
    "tls_ca",
    "tls_server_name",
    "tls_certificate",
    "throughput",
    "window",
    "enquire_link_interval",
    "max_binds",
    "message_id_format",
    "gsm_data_coding",
    "tlvs",
    "bind_ton",
    "bind_npi",
    "address_range",
    "addressing",
    "enabled",
)


def represent(credential: Credential) -> dict:
    """One credential as the API answers it."""
    return with_carriers([without_carriers(credential)])[0]


def without_carriers(credential: Credential) -> dict:
    """The same with `carriers` still empty, for lists: `with_carriers` fills a page at once."""
    return {
        "id": credential.id,
        **{name: getattr(credential, name) for name in WRITTEN},
        # jsonb forgets the order of keys
        "addressing": {key: credential.addressing[key] for key in default_addressing()},
        "tls_verified": _tls_verified(credential),
        "password": _password(credential),
        "sync": _sync(credential),
        "bind": bind_of(credential),
        "carriers": [],
        "created_at": timestamp(credential.created_at),
        "updated_at": timestamp(credential.updated_at),
    }


def with_carriers(answers: list[dict]) -> list[dict]:
    """Fill in `carriers` of all, with one query."""
    carriers = carriers_of([answer["id"] for answer in answers])
    for answer in answers:
        answer["carriers"] = list(carriers.get(answer["id"], []))
    return answers


def tag(credential: Credential) -> str:
    """ETag over what people wrote: observed state leaves it alone, a new password does not."""
    written = {name: getattr(credential, name) for name in WRITTEN}
    times = {name: getattr(credential, name) for name in ("password_set_at", "staged_at")}
    return etag({"id": credential.id, **written, **times})


def _password(credential: Credential) -> dict:
    staged_unseen = credential.staged_at is not None and credential.staged_revealed_at is None
    return {
        "set_at": timestamp(credential.password_set_at),
        "revealable": staged_unseen or credential.password_revealed_at is None,
        "revealed_at": timestamp(credential.password_revealed_at),
        "staged_at": timestamp(credential.staged_at),
        "staged_revealed_at": timestamp(credential.staged_revealed_at),
    }


def _tls_verified(credential: Credential) -> bool:
    """Of the bind that is up now; without one, nothing is verified."""
    status = status_of(credential)
    return status.bind_state == BindState.BOUND and status.tls_verified


def bind_of(credential: Credential) -> dict:
    """What the bind was last seen to do, as the API answers it."""
    status = status_of(credential)
    return {
        "state": status.bind_state,
        "since": timestamp(status.bind_since),
        "observed_at": timestamp(status.observed_at),
        "error": status.bind_error or None,
    }


def _sync(credential: Credential) -> dict:
    status = status_of(credential)
    return {
        "state": status.sync_state,
        "error": status.sync_error or None,
        "synced_at": timestamp(status.synced_at),
        "gateway_id": status.gateway_id or None,
    }


def status_of(credential: Credential) -> CredentialStatus:
    """What the gateway was last seen to do with it; before the first look, nothing."""
    return getattr(credential, "status", None) or CredentialStatus(
        sync_state=SyncState.PENDING, bind_state=BindState.UNKNOWN
    )
