"""Binds of platforms that the gateway refused, in the audit of their organisation."""

from __future__ import annotations

from collections.abc import Collection

from messaging.access.refused_login import RefusedLogin
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization

REFUSED = "access.login_refused"
_CAUSES = {
    "login": "wrong password",
    "address": "right password, from an address that is not allowed",
}


def record(logins: Collection[RefusedLogin]) -> None:
    """Write an audit row for each, in the caller's transaction; a user of no organisation has no
    row."""
    if not logins:
        return
    keys = {each.user for each in logins}
    owners = {each.gateway_key: each for each in Organization.objects.filter(gateway_key__in=keys)}
    for each in logins:
        if each.user in owners:
            audit.record(
                by=Actor(type="system", name=each.user, address=each.address),
                organization=owners[each.user],
                action=REFUSED,
                target=each.user,
                outcome="refused",
                detail=_detail(each),
            )


def _detail(login: RefusedLogin) -> str:
    cause = _CAUSES.get(login.why, login.why)
    told = f"{cause} at {login.at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{told}; no bind from there is answered for a while" if login.silenced else told
