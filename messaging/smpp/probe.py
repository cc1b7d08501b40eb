"""Send one test message to a carrier and report each step.

    resolve -> connect -> (tls) -> bind -> submit -> receipt -> unbind

Blocking; `Timeouts` bounds each step. The host is resolved and checked by the host policy here, and
only checked addresses are connected to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from messaging.net.deadline import Deadline
from messaging.net.errors import ConnectTimedOut, LinkError
from messaging.net.host_policy import HostPolicy
from messaging.net.resolution import RESOLVE_TIMEOUT, HostError, checked_addresses
from messaging.net.tcp import open_tcp, peer_name
from messaging.net.tls import Tls, start_tls
from messaging.smpp import failures
from messaging.smpp.blocking_session import Account, Session
from messaging.smpp.failures import Failure
from messaging.smpp.link import Link
from messaging.smpp.probe_message import Message, ReceiptResult, await_receipts, submit
from messaging.smpp.protocol.command_status import OK

UNBIND_SECONDS = 2.0


@dataclass(frozen=True)
class Target:
    """The carrier's address and the account. `tls`: None for plain TCP. `receiver`: the same
    account's second bind, for receipts, where the first is the transmitter of a pair. `keepalive`:
    see `blocking_session.Session`. `live_bind`: whether the gateway holds a bind of this account
    now (for the hints). `owner`: the organisation whose look-up it is."""

    host: str
    port: int
    tls: Tls | None
    account: Account
    receiver: Account | None = None
    keepalive: float = 30
    live_bind: bool = False
    owner: str = ""


@dataclass(frozen=True)
class Timeouts:
    """Seconds: `step` for each look-up, connection, handshake and answer; `receipt` for the wait
    after the last part was submitted."""

    step: float
    receipt: float


@dataclass(frozen=True)
class Step:
    """One finished step. `ms`: its duration. `detail`: its result, or why it failed."""

    step: str
    ok: bool
    ms: int
    detail: str


class ProbeObserver(Protocol):
    """Is called for steps and PDUs as they happen; an exception ends the test (and unbinds)."""

    def step(self, step: Step) -> None: ...

    def pdu(self, line: dict[str, Any]) -> None: ...

    def may_bind(self, peer: str) -> Failure | None:
        """Why no bind is to be sent to `peer` ("192.0.2.1:2775") now; None if it may be."""

    def submitted(self, message_id: str) -> None:
        """The carrier has accepted all parts; `message_id` is that of the first."""


@dataclass(frozen=True)
class Outcome:
    """The result. A transmitter gets no receipts: it ends as `submitted`."""

    state: Literal["submitted", "delivered", "undelivered", "no_receipt", "failed"]
    failure: Failure | None = None


class StepFailed(Exception):
    """A step ended the test."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def probe(
    target: Target,
    message: Message,
    *,
    policy: HostPolicy,
    timeouts: Timeouts,
    observer: ProbeObserver,
) -> Outcome:
    """Send `message` and return the result; no behaviour of a carrier raises."""
    timeline = Timeline(observer.step)
    try:
        addresses = _resolve(target, policy, timeouts, timeline)
        with ExitStack() as ends:

            def bound(account: Account) -> Session:
                link = ends.enter_context(_connect(target, addresses, timeouts, timeline))
                session = Session(link, on_pdu=observer.pdu, keepalive=target.keepalive)
                _bind(session, link.peer, account, target, timeouts, timeline, observer)
                ends.callback(_unbind, session, timeouts, timeline)
                return session

            # The receiver first: a receipt may come with the answer to the submit.
            receiving = bound(target.receiver) if target.receiver else None
            sending = bound(target.account)
            receiving = receiving or sending
            return _send(sending, receiving, target, message, timeouts, timeline, observer)
    except StepFailed as failed:
        return Outcome("failed", failed.failure)


class Timeline:
    """Measures the steps and reports each as it ends."""

    def __init__(self, report: Callable[[Step], None]) -> None:
        self._report = report

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """The block appends its results to the list; StepFailed marks the step as failed."""
        started = time.monotonic()
        found: list[str] = []

        def ended(ok: bool, detail: str) -> None:
            self._report(Step(name, ok, round((time.monotonic() - started) * 1000), detail))

        try:
            yield found
        except StepFailed as failed:
            ended(False, failed.failure.message)
            raise
        ended(True, "; ".join(found))


def _resolve(
    target: Target, policy: HostPolicy, timeouts: Timeouts, timeline: Timeline
) -> list[str]:
    timeout = min(timeouts.step, RESOLVE_TIMEOUT)
    with timeline.step("resolve") as found:
        try:
            addresses = checked_addresses(target.host, policy, timeout=timeout, owner=target.owner)
        except HostError as error:
            raise StepFailed(failures.not_resolved(error)) from None
        found.append(", ".join(addresses))
    return addresses


def _connect(target: Target, addresses: list[str], timeouts: Timeouts, timeline: Timeline) -> Link:
    """TCP to the first address that answers, and TLS over it."""
    with ExitStack() as unless_done:
        with timeline.step("connect") as found:
            sock, peer = _first_that_answers(addresses, target.port, Deadline.after(timeouts.step))
            unless_done.callback(sock.close)
            found.append(peer)
        if target.tls:
            with timeline.step("tls") as found:
                sock = _secure(sock, target.tls, peer, Deadline.after(timeouts.step))
                unless_done.callback(sock.close)
                cipher = sock.cipher()
                found.append(f"{sock.version()}, {cipher[0] if cipher else 'no cipher'}")
                found.append(_checked(target.tls))
        unless_done.pop_all()
    return Link(sock, peer)


def _checked(tls: Tls) -> str:
    if tls.verify:
        return f"the certificate is valid for {tls.server_name}"
    return "the certificate was not checked (`tls_verify`: none)"


def _secure(sock: Any, tls: Tls, peer: str, deadline: Deadline) -> Any:
    try:
        return start_tls(sock, tls, peer=peer, deadline=deadline)
    except LinkError as error:
        raise StepFailed(failures.not_connected(error)) from None


def _first_that_answers(addresses: list[str], port: int, deadline: Deadline) -> tuple[Any, str]:
    """(socket, peer). Every address gets an equal share of the time that is left."""
    tried: list[LinkError] = []
    for place, address in enumerate(addresses):
        share = deadline.left() / (len(addresses) - place)
        try:
            sock = open_tcp(address=address, port=port, deadline=deadline.within(share))
        except LinkError as error:
            tried.append(error)
        else:
            return sock, peer_name(address, port)
    # A refusal says more than silence.
    best = next((e for e in tried if not isinstance(e, ConnectTimedOut)), tried[0])
    failure = failures.not_connected(best)
    raise StepFailed(replace(failure, message="; ".join(map(str, tried))))


def _bind(
    session: Session,
    peer: str,
    account: Account,
    target: Target,
    timeouts: Timeouts,
    timeline: Timeline,
    observer: ProbeObserver,
) -> None:
    with timeline.step("bind") as found:
        if refusal := observer.may_bind(peer):
            raise StepFailed(refusal)
        try:
            status = session.bind(account, deadline=Deadline.after(timeouts.step))
        except LinkError as error:
            raise StepFailed(failures.broken(error, "bind", timeouts.step)) from None
        if status != OK:
            failure = failures.refused(status, "bind", "the bind")
            raise StepFailed(failures.beside_a_live_bind(failure) if target.live_bind else failure)
        found.append(f"{account.bind_type} as {account.system_id}")


def _send(
    sending: Session,
    receiving: Session,
    target: Target,
    message: Message,
    timeouts: Timeouts,
    timeline: Timeline,
    observer: ProbeObserver,
) -> Outcome:
    with timeline.step("submit") as found:
        submitted = submit(sending, message, seconds=timeouts.step)
        if submitted.failure:
            raise StepFailed(submitted.failure)
        found.append(_submitted(message, submitted.ids))
    observer.submitted(submitted.ids[0])
    try:
        with timeline.step("receipt") as found:
            result = _receipts(receiving, target, message, submitted.ids, timeouts)
            if result.failure:
                raise StepFailed(result.failure)
            found.append(result.detail)
    except StepFailed as failed:
        return Outcome(result.state, failed.failure)
    return Outcome(result.state)


def _receipts(
    session: Session, target: Target, message: Message, ids: list[str], timeouts: Timeouts
) -> ReceiptResult:
    if target.account.bind_type == "transmitter" and target.receiver is None:
        why = (
            "none can come: receipts go to a receiver or transceiver, and this account binds as a "
            "transmitter"
        )
        return ReceiptResult("submitted", why)
    return await_receipts(
        session, message, ids, seconds=timeouts.receipt, live_bind=target.live_bind
    )


def _submitted(message: Message, ids: list[str]) -> str:
    count = f"{len(ids)} parts" if len(ids) > 1 else "1 part"
    known = ", ".join(filter(None, ids))
    return f"{count} of {message.text.encoding.name}, " + (
        f"message id {known}" if known else "and the carrier gave no message id"
    )


def _unbind(session: Session, timeouts: Timeouts, timeline: Timeline) -> None:
    """Unbind, unless the session is over; a failure does not change the result."""
    if session.is_over:
        return
    seconds = min(timeouts.step, UNBIND_SECONDS)
    try:
        with timeline.step("unbind"):
            try:
                session.unbind(deadline=Deadline.after(seconds))
            except LinkError as error:
                raise StepFailed(failures.broken(error, "unbind", seconds)) from None
    except StepFailed:
        return
