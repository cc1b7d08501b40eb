"""Finds users that have another password in Jasmin than ours; the console never shows one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from urllib3.exceptions import HTTPError

from reconciler.gateway_client import jasmin_http
from reconciler.jasmin.user_settings import SENDS, UNASKED
from reconciler.models import Gateway
from reconciler.state import State, User

USERS_A_PASS = 50

_QUESTION = {"to": "0", "content": "-", "priority": "1"}  # a priority: see `UNASKED`


def probe_passwords(gateway: Gateway, wanted: Mapping[str, User], found: State, turn: int) -> State:
    """Return `found`; `password_differs` is set on users with another password than wanted.

    Asks Jasmin's HTTP API as that user, USERS_A_PASS of them: those of `turn`, so that each comes
    in its turn. An HTTP API that does not answer proves nothing, nor does a disabled user or
    group: Jasmin refuses them as it refuses a wrong password.
    """
    active = {gid for gid, group in found.groups.items() if group.enabled}
    uids = sorted(
        uid
        for uid, user in found.users.items()
        if uid in wanted and user.enabled and user.gid in active and _is_refused_anyway(user)
    )
    pages = max(1, -(-len(uids) // USERS_A_PASS))
    start = turn % pages * USERS_A_PASS
    users = dict(found.users)
    for uid in uids[start : start + USERS_A_PASS]:
        try:
            if not _password_fits(gateway.http_url, wanted[uid]):
                users[uid] = replace(users[uid], password_differs=True)
        except HTTPError:
            break
    return replace(found, users=users)


def _is_refused_anyway(user: User) -> bool:
    """Lacks the user a right that the question asks for? Else the question would be sent as a
    message."""
    return "False" in (user.settings.get(UNASKED), user.settings.get(SENDS))


def _password_fits(http_url: str, user: User) -> bool:
    """Ask for a priority, which the user may not choose: a wrong password is 403 before that.

    By POST, so that the password is in no access log.
    """
    question = {"username": user.username, "password": user.password, **_QUESTION}
    status, _ = jasmin_http.post(f"{http_url}/send", question)
    return status != 403
