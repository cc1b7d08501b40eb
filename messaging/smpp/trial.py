"""Does the carrier take these credentials? One bind, answered in plain words.

`refused` means: the carrier read the bind and says that what the customer configured is wrong, so
a rotation must change nothing. Everything that leaves that question open is `inconclusive`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from messaging.smpp import pdu
from messaging.smpp.connect import (
    ConnectionLost,
    Deadline,
    Link,
    LinkError,
    NoAnswer,
    open_link,
)
from messaging.smpp.status import Status, by_name, describe

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

BIND_TYPES = ("transceiver", "transmitter", "receiver")
_UNBIND_SECONDS = 1.0
_BIND_SEQUENCE, _UNBIND_SEQUENCE = 1, 2
_LIMITS = {"system_id": 15, "password": 8, "system_type": 12, "address_range": 40}  # §5.2.1-7


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
    tls: bool = False,
    bind_ton: int = 0,
    bind_npi: int = 0,
    address_range: str = "",
    timeout: float = 10.0,
) -> Trial:
    """Bind at `address` (checked by the host policy; `host` is its name, for messages), unbind.

    Takes at most `timeout` seconds whatever the peer does. TLS certificates are not checked, since
    Jasmin does not either. Blocking; safe to run in many threads. The password is in no message.
    Raises ValueError for values that cannot go on the wire (smpplib would cut them silently).
    """
    started = time.monotonic()
    texts = {
        "system_id": system_id,
        "password": password,
        "system_type": system_type,
        "address_range": address_range,
    }
    bind = _bind_pdu(bind_type, texts, ton=bind_ton, npi=bind_npi)
    deadline = Deadline.after(timeout)
    try:
        link = open_link(address=address, port=port, deadline=deadline, tls=tls)
    except LinkError as error:
        reason = str(error) if host in (address, "") else f"{error} ({host})"
        return Trial("inconclusive", reason, None, False, time.monotonic() - started)
    with link:
        result, reason, status = _try(link, bind, deadline, timeout)
    return Trial(result, reason, status, True, time.monotonic() - started)


def _try(
    link: Link, bind: bytes, deadline: Deadline, timeout: float
) -> tuple[Literal["bound", "refused", "inconclusive"], str, Status | None]:
    """(result, reason, status) over an open link."""
    try:
        status = _ask(link, bind, deadline)
    except LinkError as error:
        return "inconclusive", _unanswered(error, link.peer, timeout), None
    if status.value == 0:
        _unbind(link, deadline.within(_UNBIND_SECONDS))
        return "bound", "", status
    result = "refused" if status.value in REFUSED else "inconclusive"
    return result, f"{status.meaning} ({status.name})", status


def _bind_pdu(bind_type: str, texts: dict[str, str], *, ton: int, npi: int) -> bytes:
    if bind_type not in BIND_TYPES:
        raise ValueError(f"bind_type must be one of {', '.join(BIND_TYPES)}")
    for name, text in texts.items():
        if len(text) > _LIMITS[name] or not text.isascii() or "\0" in text:
            raise ValueError(f"{name}: at most {_LIMITS[name]} ASCII characters")
    return pdu.build(
        f"bind_{bind_type}", sequence=_BIND_SEQUENCE, addr_ton=ton, addr_npi=npi, **texts
    )


def _ask(link: Link, bind: bytes, deadline: Deadline) -> Status:
    """Send the bind and wait for its answer; what else comes before is not for us."""
    link.send(bind, deadline=deadline)
    while True:
        raw = link.read(deadline=deadline)
        head = pdu.header(raw)
        # The sequence is not compared: one request is out, and some SMSCs answer with 0.
        if head.command.startswith("bind_") and head.is_response:
            return describe(head.status)
        if head.command == "generic_nack":
            # A nack without an error code would read as "bound".
            return describe(head.status or by_name("ESME_RUNKNOWNERR").value)
        _be_polite(link, head, deadline)


def _unbind(link: Link, deadline: Deadline) -> None:
    """Say goodbye, so that the carrier frees the bind at once. Failing at that changes nothing."""
    try:
        link.send(pdu.build("unbind", sequence=_UNBIND_SEQUENCE), deadline=deadline)
        while True:
            head = pdu.header(link.read(deadline=deadline))
            if head.command in ("unbind_resp", "generic_nack"):
                return
            _be_polite(link, head, deadline)
    except LinkError:
        return


def _be_polite(link: Link, head: pdu.Header, deadline: Deadline) -> None:
    """Answer what the carrier asks meanwhile, without taking anything that is meant for others."""
    if head.command == "enquire_link":
        link.send(pdu.build("enquire_link_resp", sequence=head.sequence), deadline=deadline)
    elif head.command in ("deliver_sm", "data_sm"):
        # Receipts of live traffic, pushed to the newest bind: "later" makes the carrier keep them.
        later = by_name("ESME_RX_T_APPN").value
        answer = pdu.build(f"{head.command}_resp", sequence=head.sequence, status=later)
        link.send(answer, deadline=deadline)


def _unanswered(error: LinkError, peer: str, timeout: float) -> str:
    if isinstance(error, NoAnswer):
        return f"no answer to the bind within {timeout:g} s ({peer})"
    if isinstance(error, ConnectionLost):
        return f"connection closed before the bind was answered ({peer})"
    return str(error)
