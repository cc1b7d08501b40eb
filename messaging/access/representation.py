"""How the access is answered. Never its password."""

from __future__ import annotations

from messaging.access.models import Access
from messaging.gateway import smpp_address
from orbit.api.envelope import timestamp
from orbit.api.etags import etag

WRITTEN = ("enabled", "max_bindings", "throughput")


def represent(access: Access) -> dict:
    """The access as the API answers it; `host` and `port` are null while nobody knows them."""
    host, port = smpp_address(access.organization_id) or (None, None)
    return {
        "enabled": access.enabled,
        "host": host,
        "port": port,
        "system_id": access.organization.gateway_key,
        "max_bindings": access.max_bindings,
        "throughput": access.throughput,
        "tls": False,  # plain SMPP, unless an operator puts a proxy before it
        "password": {
            "set_at": timestamp(access.password_set_at),
            "revealable": access.password_revealed_at is None,
            "revealed_at": timestamp(access.password_revealed_at),
        },
        "sync": {
            "state": access.sync_state,
            "error": access.sync_error or None,
            "synced_at": timestamp(access.synced_at),
        },
        "bound_sessions": access.bound_sessions,
        "submits_total": access.submits_total,
        "created_at": timestamp(access.created_at),
        "updated_at": timestamp(access.updated_at),
    }


def tag(access: Access) -> str:
    """ETag over what people wrote: observed state leaves it alone, a new password does not."""
    written = {name: getattr(access, name) for name in (*WRITTEN, "password_set_at")}
    return etag({"id": access.organization_id, **written})
