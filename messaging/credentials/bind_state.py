"""What the gateway's own bind means for a second one beside it."""

from __future__ import annotations

from messaging.credentials.models import BindState, Credential


def is_bound(credential: Credential) -> bool:
    """Whether traffic can go out by the gateway's bind, as last observed."""
    return _state(credential) == BindState.BOUND


def is_live(credential: Credential) -> bool:
    """Whether the gateway holds a bind of this credential, or is about to."""
    return _state(credential) in (BindState.BOUND, BindState.BINDING)


def is_verified(credential: Credential) -> bool:
    """Whether that bind has checked the carrier's certificate, as last observed."""
    return is_bound(credential) and credential.status.tls_verified


def would_disturb(credential: Credential) -> bool:
    """Whether a second bind is one more than the carrier allows: it would be refused, or kick the
    live one, or take its receipts."""
    return credential.max_binds == 1 and is_live(credential)


def bind_error(credential: Credential) -> str:
    """Why it is down, as last observed; "" if nothing is known."""
    status = getattr(credential, "status", None)
    return status.bind_error if status else ""


def _state(credential: Credential) -> str:
    status = getattr(credential, "status", None)
    return status.bind_state if status else BindState.UNKNOWN
