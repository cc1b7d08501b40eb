"""Does the carrier take these credentials? One bind, answered in plain words.

`refused` means: the carrier read the bind and says that what the customer configured is wrong, so
a rotation must change nothing. Everything that leaves that question open is `inconclusive`.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import Literal

from messaging.net.errors import ConnectionLost, Deadline, LinkError, NoAnswer, TlsError
from messaging.net.tls import Tls
from messaging.smpp.blocking_session import Account, Session
from messaging.smpp.failures import not_connected
from messaging.smpp.link import Link, open_link
from messaging.smpp.protocol.command_status import OK, Status, by_name

REFUSED = frozenset(
    by_name(name).value
    for name in (
        "ESME_RINVPASWD",
        "ESME_RINVSYSID",
        # Strictly "bind failed", but most carriers say it for a wrong password (to not tell which
        # of the two is wrong). Reading it as inconclusive would switch live traffic to a password
        # that was just turned down.
        "ESME_RBINDFAIL",
        # Part of what the carrier handed out with the password.
        "ESME_RINVSYSTYP",
    )
)
"""Statuses that judge the credentials. Not among them: ESME_RALYBND, ESME_RTHROTTLED,
ESME_RMSGQFUL, ESME_RSYSERR (the carrier is busy or broken; it may not have looked at the password),
ESME_RINVBNDSTS and ESME_RINVCMDID (about the kind of bind), vendor codes (nobody knows)."""

_UNBIND_SECONDS = 1.0


@dataclass(frozen=True)
class Trial:
    """How a trial bind ended.

    `reason` is a sentence for people, empty when bound; `status` is the carrier's answer, if it
    gave one; `connected` says whether TCP (and TLS) worked; `seconds` how long it all took.
    """

    result: Literal["bound", "refused", "inconclusive"]
    reason: str
    status: Status | None
    connected: bool
    seconds: float


def trial_bind(
    *,
    address: str,
    host: str,
    port: int,
    system_id: str,
    password: str,
    system_type: str = "",
    bind_type: str = "transceiver",
    tls: Tls | None = None,
    bind_ton: int = 0,
    bind_npi: int = 0,
    address_range: str = "",
    timeout: float = 10.0,
) -> Trial:
    """Bind at `address` (checked by the host policy; `host` is its name, for messages), unbind.

    Takes at most `timeout` seconds whatever the peer does. Receipts of live traffic, pushed to the
    newest bind, are left with the carrier. Blocking; safe to run in many threads. The password is
    in no message.
    Raises ValueError for values that cannot go on the wire.
    """
    started = time.monotonic()
    account = Account(
        system_id=system_id,
        password=password,
        system_type=system_type,
        bind_type=bind_type,
        ton=bind_ton,
        npi=bind_npi,
        address_range=address_range,
    )
    deadline = Deadline.after(timeout)
    try:
        link = open_link(address=address, port=port, deadline=deadline, tls=tls)
    except LinkError as error:
        named = "" if host in (address, "") else f" ({host})"
        return Trial("inconclusive", _why(error, named), None, False, time.monotonic() - started)
    try:
        with link:
            result, reason, status = _try(link, account, deadline, timeout)
    except TlsError as error:  # TLS 1.3 tells after the handshake that it is none
        return Trial("inconclusive", _why(error), None, False, time.monotonic() - started)
    return Trial(result, reason, status, True, time.monotonic() - started)


def _why(error: LinkError, named: str = "") -> str:
    """With what to do about it, where the settings of TLS say it."""
    hint = f". {not_connected(error).hint}" if isinstance(error, TlsError) else ""
    return f"{error}{named}{hint}"


def _try(
    link: Link, account: Account, deadline: Deadline, timeout: float
) -> tuple[Literal["bound", "refused", "inconclusive"], str, Status | None]:
    """(result, reason, status) over an open link. Raises TlsError."""
    session = Session(link)
    try:
        status = session.bind(account, deadline=deadline)
    except TlsError:
        raise
    except LinkError as error:
        return "inconclusive", _unanswered(error, link.peer, timeout), None
    if status == OK:
        with contextlib.suppress(LinkError):  # failing at the goodbye changes nothing
            session.unbind(deadline=deadline.within(_UNBIND_SECONDS))
        return "bound", "", status
    result = "refused" if status.value in REFUSED else "inconclusive"
    return result, f"{status.meaning} ({status.name})", status


def _unanswered(error: LinkError, peer: str, timeout: float) -> str:
    if isinstance(error, NoAnswer):
        return f"no answer to the bind within {timeout:g} s ({peer})"
    if isinstance(error, ConnectionLost):
        return f"connection closed before the bind was answered ({peer})"
    return str(error)
