"""Users in the console. Pure.

`user -l` tells uid, gid, username and enabled; `user -s` the rest, but never the password.
`user -a` is an upsert: it replaces the user with this uid at once, and also any other user with
this username, so a username must be known to be ours before it is typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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


def put(user: User, declared: Sequence[str]) -> Command:
    """Add the user, or replace it in one turn of Jasmin's loop; `declared`: settings to type."""
    typed = [
        ("uid", check_identifier("uid", user.uid)),
        ("gid", check_identifier("gid", user.gid)),
        ("username", check_identifier("username", user.username)),
        ("password", user.password),
    ]
    for key in declared:
        section, name = key.rsplit(" ", 1)
        value = user.settings[key]
        typed.append((section, f"{name} {_TYPED.get(value, value)}"))
    return Command(
        session("user -a", typed),
        f"Successfully added User [{user.uid}] to Group [{user.gid}]",
        secrets=(user.password,),
    )


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
