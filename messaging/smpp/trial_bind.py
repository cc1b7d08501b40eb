"""A trial bind: does the carrier accept these credentials?

`refused`: the carrier says that the configured credentials are wrong, so a rotation must change
nothing. Every other failure is `inconclusive`.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import Literal

from messaging.net.deadline import Deadline
from messaging.net.errors import ConnectionLost, LinkError, NoAnswer, TlsError
from messaging.net.tls import Tls
from messaging.smpp.blocking_session import Account, Session
from messaging.smpp.failures import not_connected
from messaging.smpp.link import Link, open_link
from messaging.smpp.protocol.command_status import OK, Status
from messaging.smpp.protocol.command_status_table import WRONG_ACCOUNT

REFUSED = WRONG_ACCOUNT
"""Statuses that mean wrong credentials. As inconclusive they would switch live traffic to a
password that the carrier has just refused."""

_UNBIND_SECONDS = 1.0


@dataclass(frozen=True)
class Trial:
    """The result of a trial bind.

    `reason` is a sentence for people, empty when bound; `status` is the carrier's answer, if it
    gave one; `connected`: whether TCP (and TLS) worked; `seconds`: the duration.
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
    """Bind at `address` (checked by the host policy; `host` is its name, for messages), and unbind.

    Blocks for at most `timeout` seconds; safe in many threads. Receipts of live traffic that the
    carrier sends to this bind are left with the carrier. No message contains the password. Raises
    ValueError for values that can't be encoded.
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
    except TlsError as error:  # TLS 1.3 may fail after the handshake
        return Trial("inconclusive", _why(error), None, False, time.monotonic() - started)
    return Trial(result, reason, status, True, time.monotonic() - started)


def _why(error: LinkError, named: str = "") -> str:
    """The error, with a hint where TLS settings are the cause."""
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
        with contextlib.suppress(LinkError):  # a failed unbind does not change the result
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
