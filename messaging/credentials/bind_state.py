"""The gateway's bind of a credential, as last observed by the reconciler."""

from __future__ import annotations

from messaging.credentials.models import BindState, Credential


def is_bound(credential: Credential) -> bool:
    """Whether the gateway can send through it."""
    return _state(credential) == BindState.BOUND


def is_live(credential: Credential) -> bool:
    """Whether it is up or coming up."""
    return _state(credential) in (BindState.BOUND, BindState.BINDING)


def is_verified(credential: Credential) -> bool:
    """Whether it is up and has checked the carrier's certificate."""
    return is_bound(credential) and credential.status.tls_verified


def would_disturb(credential: Credential) -> bool:
    """Whether a second bind beside it is one more than the carrier allows: the carrier would refuse
    it, drop the live one, or send receipts to it."""
    return credential.max_binds == 1 and is_live(credential)


def bind_error(credential: Credential) -> str:
    """Why it is down; "" if the reason is unknown."""
    status = getattr(credential, "status", None)
    return status.bind_error if status else ""


def _state(credential: Credential) -> str:
    status = getattr(credential, "status", None)
    return status.bind_state if status else BindState.UNKNOWN
