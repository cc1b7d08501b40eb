"""The SMPP half of a session: binds, submits, receipts, links (§2.2, §4), and their faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from smpplib.command import Command

from messaging.smpp import pdu
from messaging.smpp.protocol.status import by_name, describe
from messaging.smpp.simulator import receipts
from messaging.smpp.simulator.connection import Connection
from messaging.smpp.simulator.submits import submit_from
from messaging.smpp.simulator.systems import System

if TYPE_CHECKING:
    from messaging.smpp.simulator.server import Simulator

_ROK = 0
_RINVCMDLEN = by_name("ESME_RINVCMDLEN").value
_RINVCMDID = by_name("ESME_RINVCMDID").value
_RINVBNDSTS = by_name("ESME_RINVBNDSTS").value
_RALYBND = by_name("ESME_RALYBND").value
_RINVSYSID = by_name("ESME_RINVSYSID").value
_RSYSERR = by_name("ESME_RSYSERR").value

_KINDS = {"bind_transmitter": "TX", "bind_receiver": "RX", "bind_transceiver": "TRX"}
_REFUSED_POLITELY = {"data_sm": _RINVCMDID, "query_sm": by_name("ESME_RQUERYFAIL").value}
_FIRST_SEQUENCE, _LAST_SEQUENCE = 1, 0x7FFFFFFF  # §3.2


class Session(Connection):
    """One connection; bound to a system once `system` is set."""

    def __init__(
        self,
        simulator: Simulator,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        super().__init__(simulator.journal, number, reader, writer)
        self.system: System | None = None
        self.kind = ""  # TX, RX, TRX while bound
        self.delivered = 0
        self._simulator = simulator
        self._sequence = _FIRST_SEQUENCE - 1
        self._undelivered: dict[int, tuple[receipts.Receipt, asyncio.TimerHandle]] = {}
        self._enquiry: int | None = None  # sequence of our enquire_link that is unanswered
        self._silent = False  # a black hole from here on
        self._requests = {
            "bind_transmitter": self._on_bind,
            "bind_receiver": self._on_bind,
            "bind_transceiver": self._on_bind,
            "submit_sm": self._on_submit,
            "enquire_link": self._on_enquire_link,
            "unbind": self._on_unbind,
        }

    @property
    def can_receive(self) -> bool:
        return self.kind in ("RX", "TRX") and not self._silent and not self.closing

    def about(self) -> dict[str, Any]:
        return {**super().about(), "system": self.system.system_id if self.system else None}

    def take(self, raw: bytes) -> None:
        head = pdu.header(raw)
        if self._silent:
            return
        if head.is_response:
            self._take_response(head)
            return
        if head.command in _REFUSED_POLITELY:
            self._answer(head, _REFUSED_POLITELY[head.command])
            return
        handler = self._requests.get(head.command)
        if handler is None:
            self._nack(head, _RINVCMDID)
            return
        try:
            command = pdu.parse(raw)
        except pdu.PduError as error:
            self.log("error", error=str(error))
            self._nack(head, _RINVCMDLEN)
            return
        handler(head, command)

    def leave(self) -> None:
        """Not bound any more: receipts without an answer go back to the carrier's store."""
        system, self.system, self.kind = self.system, None, ""
        if system is None:
            return
        system.sessions.remove(self)
        lost, self._undelivered = self._undelivered, {}
        for receipt, timer in lost.values():
            timer.cancel()
            receipts.post(system, receipt)

    def deliver(self, receipt: receipts.Receipt) -> None:
        """Send a deliver_sm; its answer, or that none came, goes to `receipts`."""
        sequence = self._next_sequence()
        timer = _later(receipts.UNANSWERED_SECONDS, self._delivered, sequence, _RSYSERR)
        self._undelivered[sequence] = (receipt, timer)
        self.delivered += 1
        self.send(pdu.build("deliver_sm", sequence=sequence, **receipt.fields()))

    # What the ESME asks

    def _on_bind(self, head: pdu.Header, command: Command) -> None:
        if self.system is not None:
            self._answer(head, _RALYBND)
            return
        system_id = _text(command.system_id)
        system = self._simulator.systems.get(system_id)
        if system is None:
            self._simulator.unknown_binds[system_id] += 1
            self._answer(head, _RINVSYSID)
            return
        system.bind_attempts += 1
        if system.script.strikes("blackhole", "bind"):
            self._silent = True
            return
        status = system.judge_bind(_text(command.password))
        if status:
            system.binds_refused[describe(status).name] += 1
            self._answer_with_faults(head, system, "bind", status)
            return
        self._enter(system, _KINDS[head.command])
        welcome = {"system_id": self._simulator.name, "sc_interface_version": 0x34}
        self._answer_with_faults(head, system, "bind", _ROK, then=self._bound, **welcome)

    def _enter(self, system: System, kind: str) -> None:
        if system.script.strikes("kick-oldest", "bind"):
            for session in list(system.sessions):
                session.abort()
        system.binds_accepted += 1
        system.sessions.append(self)
        self.system, self.kind = system, kind

    def _bound(self) -> None:
        """The bind has been answered."""
        if self.system and self.can_receive:
            receipts.post_waiting(self.system)
        if self._simulator.enquire_link:
            _later(self._simulator.enquire_link, self._enquire)

    def _on_submit(self, head: pdu.Header, command: Command) -> None:
        system = self.system
        if system is None or self.kind == "RX":
            self._answer(head, _RINVBNDSTS)
            return
        self._silent = system.script.strikes("blackhole", "submit") is not None
        status = system.judge_submit(_text(command.destination_addr))
        ids = ("", "")
        if status == _ROK:
            ids = system.message_ids(self._simulator.next_message_number())
        submit = submit_from(
            command,
            at=receipts.now(),
            system_id=system.system_id,
            session=self.number,
            peer=self.peer,
            message_id=ids[0],
            receipt_id=ids[1],
            status="" if self._silent else describe(status).name,
        )
        system.record(submit)
        if self._silent:
            return
        if status:
            self._answer_with_faults(head, system, "submit", status)
            return
        send_receipt = partial(receipts.schedule, system, submit)
        if system.script.strikes("early-receipt", "submit"):
            send_receipt()
            send_receipt = None
        fields = {"message_id": submit.message_id}
        self._answer_with_faults(head, system, "submit", _ROK, then=send_receipt, **fields)

    def _on_enquire_link(self, head: pdu.Header, _command: Command) -> None:
        slow = self.system and self.system.script.strikes("slow", "enquire_link")
        _when(slow.seconds if slow else 0, self._answer, head, _ROK)

    def _on_unbind(self, head: pdu.Header, _command: Command) -> None:
        if self.system is None:
            self._answer(head, _RINVBNDSTS)
            return
        self.leave()
        self._answer(head, _ROK)

    # What the ESME answers

    def _take_response(self, head: pdu.Header) -> None:
        if head.command == "enquire_link_resp" and head.sequence == self._enquiry:
            self._enquiry = None
        elif head.command == "deliver_sm_resp":
            self._delivered(head.sequence, head.status)
        elif head.command == "generic_nack":
            self._delivered(head.sequence, head.status or _RSYSERR)

    def _delivered(self, sequence: int, status: int) -> None:
        receipt, timer = self._undelivered.pop(sequence, (None, None))
        if receipt and timer and self.system:
            timer.cancel()
            receipts.answered(self.system, receipt, self, status)

    def _enquire(self) -> None:
        if self.system is None or self.closing:
            return
        if self._enquiry is not None:
            self.log("error", error="enquire_link was not answered")
            self.close()
            return
        self._enquiry = self._next_sequence()
        self.send(pdu.build("enquire_link", sequence=self._enquiry))
        _later(self._simulator.enquire_link, self._enquire)

    # Answering

    def _answer_with_faults(
        self,
        head: pdu.Header,
        system: System,
        on: str,
        status: int,
        *,
        then: Callable[[], object] | None = None,
        **fields: Any,
    ) -> None:
        """Answer as the faults at `on` ("bind", "submit") say; `then` runs after the answer."""
        script = system.script
        drop = script.strikes("drop-before-answer", on)
        cut = script.strikes("drop-mid-pdu", on)
        slow = script.strikes("slow", on)
        raw = _response(head, status, **fields)

        def answer() -> None:
            if drop or cut:
                self.drop(b"" if drop else raw[: len(raw) // 2])
            else:
                self.send(raw)
            if then:
                then()

        _when(slow.seconds if slow else 0, answer)

    def _answer(self, head: pdu.Header, status: int) -> None:
        self.send(_response(head, status))

    def _nack(self, head: pdu.Header, status: int) -> None:
        self.send(pdu.build("generic_nack", sequence=head.sequence, status=status))

    def _next_sequence(self) -> int:
        self._sequence = self._sequence + 1 if self._sequence < _LAST_SEQUENCE else _FIRST_SEQUENCE
        return self._sequence


def _response(head: pdu.Header, status: int, **fields: Any) -> bytes:
    return pdu.build(f"{head.command}_resp", sequence=head.sequence, status=status, **fields)


def _later(seconds: float, call: Callable[..., object], *args: Any) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(seconds, call, *args)


def _when(seconds: float, call: Callable[..., object], *args: Any) -> None:
    """Now, in the order of the requests, unless a fault makes it late."""
    if seconds:
        _later(seconds, call, *args)
    else:
        call(*args)


def _text(value: bytes | None) -> str:
    return (value or b"").decode("latin-1")
