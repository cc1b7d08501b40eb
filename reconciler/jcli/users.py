"""Users in the console. Pure.

`user -l` tells uid, gid, username and enabled; `user -s` the rest, but never the password.
`user -a` is an upsert: it replaces the user with this uid at once, and also any other user with
this username, so a username must be known to be ours before it is typed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.jcli.commands import Command, check_identifier, session
from reconciler.jcli.errors import Garbled
from reconciler.jcli.tables import rows, settings
from reconciler.state import User

LIST = "user -l"
_ROW = re.compile(r"(!?)(\S+) +!?(\S+) +(\S+) +\S")
_KEY_WORDS = 3  # `mt_messaging_cred authorization http_send True`
_SECTIONS = ("mt_messaging_cred ", "smpps_cred ")

# How `-s` writes what `-a` was told.
_TYPED = {"True": "yes", "False": "no", "ND": "none"}

_ALLOWED = (
    "http_send", "http_balance", "http_rate", "smpps_send", "http_long_content", "dlr_level",
    "http_dlr_method", "src_addr", "priority", "validity_period", "schedule_delivery_time",
    "hex_content",
)  # fmt: skip
_QUOTAS = ("balance", "early_percent", "sms_count", "http_throughput", "smpps_throughput")
# What `-s` prints of a user that was added with nothing but its names and password.
DEFAULTS: Mapping[str, str] = {
    **{f"mt_messaging_cred authorization {name}": "True" for name in _ALLOWED},
    "mt_messaging_cred authorization http_bulk": "False",
    "mt_messaging_cred valuefilter dst_addr": ".*",
    "mt_messaging_cred valuefilter src_addr": ".*",
    "mt_messaging_cred valuefilter priority": "^[0-3]$",
    "mt_messaging_cred valuefilter validity_period": r"^\d+$",
    "mt_messaging_cred valuefilter content": ".*",
    "mt_messaging_cred defaultvalue src_addr": "None",
    **{f"mt_messaging_cred quota {name}": "ND" for name in _QUOTAS},
    "smpps_cred authorization bind": "True",
    "smpps_cred quota max_bindings": "ND",
}
# From where the user may bind, which only our launcher has (`gateway_api`); ND: from anywhere.
ALLOWED_ADDRESSES = "smpps_cred quota allowed_ips"
ANYWHERE = "ND"
# A default sender can be set by an update and not be taken away again.
LIVE_KEYS = frozenset(DEFAULTS) - {"mt_messaging_cred defaultvalue src_addr"} | {ALLOWED_ADDRESSES}
_LIMITS = {"smpps_cred quota": 5_000}  # characters: a hundred addresses


@dataclass(frozen=True)
class Row:
    uid: str
    gid: str
    username: str
    enabled: bool


def read(reply: Sequence[str]) -> dict[str, Row]:
    """Return uid → row of `user -l` (columns are padded, not cut; `ND (!)` holds a space)."""
    found = {}
    for row in rows(reply, header="User id"):
        match = _ROW.match(row)
        if match is None:
            raise Garbled("a row of the user list can't be read")
        disabled, uid, gid, username = match.groups()
        found[uid] = Row(uid, gid, username, not disabled)
    return found


def show(uid: str) -> str:
    return f"user -s {check_identifier('uid', uid)}"


def read_settings(reply: Sequence[str]) -> dict[str, str]:
    """Return `mt_messaging_cred authorization http_send` → `True` and so on; {} = no such user."""
    return settings([line for line in reply if line.startswith(_SECTIONS)], keys=_KEY_WORDS)


def stats(uid: str) -> str:
    return f"stats --user {check_identifier('uid', uid)}"


def read_bound(reply: Sequence[str]) -> int:
    """Return how many sessions the user has bound; 0 for a user that is gone."""
    row = next((line for line in reply if line.startswith("#bound_connections_count")), "")
    start = row.find("{")
    return sum(json.loads(row[start:]).values()) if start >= 0 else 0


def read_submits(reply: Sequence[str]) -> int | None:
    """Return how many submit_sm came over the user's binds since Jasmin started; None for a user
    that is gone. The HTTP API has a row of the same name."""
    for line in reply:
        name, *kind, value = line.split() or [""]
        if name == "#submit_sm_request_count" and kind == ["SMPP", "Server"]:
            return int(value)
    return None


def stored(password: str) -> str:
    """The password as Jasmin keeps it, in hexadecimal: the MD5, without a salt."""
    return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()


def put(user: User) -> Command:
    """Add the user, or replace it in one turn of Jasmin's loop.

    Settings that a new user has by default are not typed.
    """
    typed = [
        ("uid", check_identifier("uid", user.uid)),
        ("gid", check_identifier("gid", user.gid)),
        ("username", check_identifier("username", user.username)),
        ("password", user.password),
    ]
    defaults = DEFAULTS | {ALLOWED_ADDRESSES: ANYWHERE}
    typed += [
        _typed(key, value) for key, value in user.settings.items() if defaults.get(key) != value
    ]
    return Command(
        session("user -a", typed, limits=_LIMITS),
        f"Successfully added User [{user.uid}] to Group [{user.gid}]",
        secrets=(user.password,),
    )


def update(uid: str, changed: Mapping[str, str]) -> Command:
    """Change settings of the live user; its bound sessions go on."""
    if not changed.keys() <= LIVE_KEYS:
        raise ValueError(f"not live: {sorted(changed.keys() - LIVE_KEYS)}")
    return Command(
        session(
            f"user -u {check_identifier('uid', uid)}",
            [_typed(key, value) for key, value in changed.items()],
            limits=_LIMITS,
        ),
        f"Successfully updated User [{uid}]",
    )


def _typed(key: str, value: str) -> tuple[str, str]:
    section, name = key.rsplit(" ", 1)
    return section, f"{name} {_TYPED.get(value, value)}"


def enable(uid: str) -> Command:
    return Command(
        (f"user -e {check_identifier('uid', uid)}",), f"Successfully enabled User id:{uid}"
    )


def disable(uid: str) -> Command:
    return Command(
        (f"user -d {check_identifier('uid', uid)}",), f"Successfully disabled User id:{uid}"
    )


def unbind(uid: str) -> Command:
    """Drop the user's sessions on Jasmin's SMPP server: removal and disabling do not."""
    return Command(
        (f"user --smpp-unbind {check_identifier('uid', uid)}",),
        f"Successfully unbound User id:{uid}",
        ("Failed unbinding User, check log for details", f"Unknown User: {uid}"),
    )


def remove(uid: str) -> Command:
    return Command(
        (f"user -r {check_identifier('uid', uid)}",),
        f"Successfully removed User id:{uid}",
        (f"Unknown User: {uid}",),
    )
