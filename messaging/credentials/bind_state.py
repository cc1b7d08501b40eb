"""The gateway's binds of a credential, as last observed by the reconciler."""

from __future__ import annotations

from messaging.credentials.models import BindState, Credential


def is_bound(credential: Credential) -> bool:
    """Whether the gateway can send through it."""
    return _state(credential) == BindState.BOUND


def is_live(credential: Credential) -> bool:
    """Whether one is up or coming up."""
    return _state(credential) in (BindState.BOUND, BindState.BINDING)


def is_verified(credential: Credential) -> bool:
    """Whether it is up and has checked the carrier's certificate."""
    return is_bound(credential) and credential.status.tls_verified


def would_disturb(credential: Credential, *, binds: int = 1) -> bool:
    """Whether so many binds beside it are more than the carrier allows: it would refuse them, drop
    a live one, or send receipts to them."""
    most = credential.max_binds
    return most is not None and is_live(credential) and credential.sessions_wanted + binds > most


def all_in_use(credential: Credential) -> str:
    """The reason, where one `would_disturb`."""
    if credential.max_binds == 1:
        return "The carrier allows one bind (`max_binds`: 1) and it is in use"
    return f"The carrier allows {credential.max_binds} binds (`max_binds`) and they are in use"


def bind_error(credential: Credential) -> str:
    """Why it is down; "" if the reason is unknown."""
    status = getattr(credential, "status", None)
    return status.bind_error if status else ""


def _state(credential: Credential) -> str:
    status = getattr(credential, "status", None)
    return status.bind_state if status else BindState.UNKNOWN
