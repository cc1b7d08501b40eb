"""The SMPP half of a session: binds, submits, deliveries, enquire_link (§2.2, §4), and faults."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from messaging.smpp.protocol.command_ids import BINDS, IDS, RESPONSE
from messaging.smpp.protocol.command_ids import name as command_name
from messaging.smpp.protocol.command_status import by_name, describe
from messaging.smpp.protocol.framing import HEADER, PduError
from messaging.smpp.protocol.pdu import Pdu, read, write
from messaging.smpp.protocol.tlv import Tlv
from orbit.dev.simulator import delivery_queue, receipt_faults
from orbit.dev.simulator.carrier import Carrier
from orbit.dev.simulator.connection import Connection
from orbit.dev.simulator.deliveries import Delivery
from orbit.dev.simulator.listener import Listener
from orbit.dev.simulator.receipt_formats import padded
from orbit.dev.simulator.submits import Submit
from orbit.dev.simulator.systems import System
from orbit.dev.simulator.unanswered import Unanswered

_ROK = 0
_RINVCMDLEN = by_name("ESME_RINVCMDLEN").value
_RINVCMDID = by_name("ESME_RINVCMDID").value
_RINVBNDSTS = by_name("ESME_RINVBNDSTS").value
_RALYBND = by_name("ESME_RALYBND").value
_RINVSYSID = by_name("ESME_RINVSYSID").value
_RSYSERR = by_name("ESME_RSYSERR").value

_KINDS = {"bind_transmitter": "TX", "bind_receiver": "RX", "bind_transceiver": "TRX"}
_REFUSED_POLITELY = {
    IDS["data_sm"]: _RINVCMDID,
    IDS["query_sm"]: by_name("ESME_RQUERYFAIL").value,
    IDS["cancel_sm"]: by_name("ESME_RCANCELFAIL").value,
    IDS["replace_sm"]: by_name("ESME_RREPLACEFAIL").value,
}
_LAST_SEQUENCE, _VERSION = 0x7FFFFFFF, 0x0210  # §3.2; sc_interface_version
_DELIVERED = frozenset({IDS["deliver_sm_resp"], IDS["data_sm_resp"]})


class Session(Connection):
    """One connection; bound to a system once `system` is set."""

    def __init__(self, carrier: Carrier, listener: Listener) -> None:
        super().__init__(carrier.event_log)
        self.system: System | None = None
        self.kind = ""  # TX, RX, TRX while bound
        self.delivered = 0
        self._carrier = carrier
        self._listener = listener
        self._sequence = 0
        self._unanswered = Unanswered(lambda delivery: self._delivered(delivery, _RSYSERR))
        self._enquiry: int | None = None  # sequence of our enquire_link that is unanswered
        self._silent = False  # the fault `blackhole` struck: nothing is answered any more
        self._requests: dict[int, Callable[[int, Pdu, bytes], None]] = {
            **{IDS[bind]: self._on_bind for bind in BINDS},
            IDS["submit_sm"]: self._on_submit,
            IDS["enquire_link"]: self._on_enquire_link,
            IDS["unbind"]: self._on_unbind,
        }

    @property
    def can_receive(self) -> bool:
        return self.kind in ("RX", "TRX") and not self._silent and not self.closing

    def about(self) -> dict[str, Any]:
        return {**super().about(), "system": self.system.system_id if self.system else None}

    def arrived(self) -> None:
        self.number = self._carrier.next_connection_number()
        self._listener.arrived(self)

    def departed(self) -> None:
        self._listener.left(self)

    def failed(self, error: Exception) -> None:
        """Record a bug of the simulator: it must not look like a scripted fault."""
        self._carrier.errors.append(error)
        self.log("error", error=f"simulator failed: {error!r}")
        self.abort()

    def take(self, raw: bytes) -> None:
        _, command_id, status, sequence = HEADER.unpack_from(raw)
        if self._silent:
            return
        if command_id & RESPONSE:
            self._take_response(command_id, status, sequence)
            return
        if command_id in _REFUSED_POLITELY:
            self._answer(command_id, sequence, _REFUSED_POLITELY[command_id])
            return
        handler = self._requests.get(command_id)
        if handler is None:
            self._nack(sequence, _RINVCMDID)
            return
        try:
            pdu = read(raw)
        except PduError as error:
            self.log("error", error=str(error))
            self._nack(sequence, _RINVCMDLEN)
            return
        handler(command_id, pdu, raw)

    def leave(self, *, unbound: bool = False) -> None:
        """End the bind. Deliveries without an answer go back to the carrier's queue."""
        system, self.system, self.kind = self.system, None, ""
        if system is None:
            return
        system.sessions.remove(self)
        system.keep_seat(unbound=unbound)
        for delivery in self._unanswered.take_all():
            delivery_queue.post(system, delivery)

    def deliver(self, delivery: Delivery) -> None:
        """Send it. `delivery_queue.answered` gets its answer, or the lack of one."""
        sequence = self._next_sequence()
        self._unanswered.add(sequence, delivery, delivery_queue.UNANSWERED_SECONDS)
        self.delivered += 1
        self.send(delivery.written(sequence))

    # What the ESME asks

    def _on_bind(self, command_id: int, pdu: Pdu, _raw: bytes) -> None:
        if self.system is not None:
            self._answer(command_id, pdu.sequence, _RALYBND)
            return
        system_id = pdu.text("system_id")
        system = self._carrier.systems.get(system_id)
        if system is None:
            self._carrier.unknown_binds[system_id] += 1
            self._answer(command_id, pdu.sequence, _RINVSYSID)
            return
        system.bind_attempts += 1
        if system.script.strikes("blackhole", "bind"):
            self._silent = True
            return
        status = system.judge_bind(pdu.text("password"))
        if status:
            system.binds_refused[describe(status).name] += 1
            raw = _response(command_id, pdu.sequence, status)
            self._answer_with_faults(system, "bind", raw)
            return
        self._enter(system, _KINDS[pdu.command])
        raw = self._welcome(system, command_id, pdu.sequence)
        self._answer_with_faults(system, "bind", raw, then=self._bound)

    def _enter(self, system: System, kind: str) -> None:
        if system.script.strikes("kick-oldest", "bind"):
            system.drop_binds()
        system.binds_accepted += 1
        system.sessions.append(self)
        self.system, self.kind = system, kind

    def _welcome(self, system: System, command_id: int, sequence: int) -> bytes:
        if system.script.strikes("bare-bind-answer", "bind"):
            return HEADER.pack(HEADER.size, command_id | RESPONSE, _ROK, sequence)
        tlvs = [Tlv(_VERSION, b"\x34")]
        if system.script.strikes("smpp-5", "bind"):
            tlvs = [Tlv(_VERSION, b"\x50"), Tlv(0x1501, b"of a vendor\0")]
        name = self._carrier.name
        return _response(command_id, sequence, _ROK, tlvs=tlvs, system_id=name)

    def _bound(self) -> None:
        """Called once the bind is answered: send what waits, start asking for links."""
        if self.system and self.can_receive:
            delivery_queue.post_waiting(self.system)
        if self._carrier.enquire_link:
            self._loop.call_later(self._carrier.enquire_link, self._enquire)

    def _on_submit(self, command_id: int, pdu: Pdu, raw: bytes) -> None:
        system = self.system
        if system is None or self.kind == "RX":
            self._answer(command_id, pdu.sequence, _RINVBNDSTS)
            return
        script = system.script
        self._silent = script.strikes("blackhole", "submit") is not None
        nack = script.strikes("nack", "submit")
        status = nack.status if nack else system.judge_submit(pdu)
        ids = ("", "")
        if status == _ROK:
            ids = system.message_ids(self._carrier.next_message_number())
        submit = Submit(
            raw,
            taken=time.time(),
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
        if nack:
            answer = write("generic_nack", sequence=pdu.sequence, status=status)
        else:
            answer = _response(command_id, pdu.sequence, status, message_id=ids[0])
        if status:
            self._answer_with_faults(system, "submit", answer)
            return
        self._answer_and_report(system, submit, pdu, answer)

    def _answer_and_report(self, system: System, submit: Submit, pdu: Pdu, answer: bytes) -> None:
        report = partial(receipt_faults.schedule, system, submit, pdu, self._carrier.timers)
        if not system.script.faults:
            self.send(answer)
            report()
            return
        early = system.script.strikes("early-receipt", "submit")
        if early:
            report()
        padding = system.script.strikes("trailing-nuls", "submit")
        answer = padded(answer, int(padding.value) if padding else 0)
        self._answer_with_faults(system, "submit", answer, then=None if early else report)

    def _on_enquire_link(self, command_id: int, pdu: Pdu, _raw: bytes) -> None:
        slow = self.system and self.system.script.strikes("slow", "enquire_link")
        self._when(slow.seconds if slow else 0, self._answer, command_id, pdu.sequence, _ROK)

    def _on_unbind(self, command_id: int, pdu: Pdu, _raw: bytes) -> None:
        if self.system is None:
            self._answer(command_id, pdu.sequence, _RINVBNDSTS)
            return
        self.leave(unbound=True)
        self._answer(command_id, pdu.sequence, _ROK)

    # What the ESME answers

    def _take_response(self, command_id: int, status: int, sequence: int) -> None:
        if command_id in _DELIVERED:
            self._delivered(self._unanswered.take(sequence), status)
        elif command_id == IDS["generic_nack"]:
            self._delivered(self._unanswered.take(sequence), status or _RSYSERR)
        elif command_id == IDS["enquire_link_resp"] and sequence == self._enquiry:
            self._enquiry = None

    def _delivered(self, delivery: Delivery | None, status: int) -> None:
        if delivery is not None and self.system:
            delivery_queue.answered(self.system, delivery, self, status)

    def _enquire(self) -> None:
        if self.system is None or self.closing:
            return
        if self._enquiry is not None:
            self.log("error", error="enquire_link was not answered")
            self.close()
            return
        self._enquiry = self._next_sequence()
        self.send(write("enquire_link", sequence=self._enquiry))
        self._loop.call_later(self._carrier.enquire_link, self._enquire)

    # Answering

    def _answer_with_faults(
        self, system: System, on: str, raw: bytes, *, then: Callable[[], object] | None = None
    ) -> None:
        """Answer with the faults scripted at `on` ("bind", "submit"); then call `then`."""
        script = system.script
        drop = script.strikes("drop-before-answer", on)
        cut = script.strikes("drop-mid-pdu", on)
        slow = script.strikes("slow", on)

        def answer() -> None:
            if drop or cut:
                self.drop(b"" if drop else raw[: len(raw) // 2])
            else:
                self.send(raw)
            if then:
                then()

        self._when(slow.seconds if slow else 0, answer)

    def _answer(self, command_id: int, sequence: int, status: int) -> None:
        self.send(_response(command_id, sequence, status))

    def _nack(self, sequence: int, status: int) -> None:
        self.send(write("generic_nack", sequence=sequence, status=status))

    def _when(self, seconds: float, call: Callable[..., object], *args: Any) -> None:
        """Call at once, which keeps the order of the requests, or after `seconds`."""
        if seconds:
            self._carrier.timers.run(seconds, call, *args)
        else:
            call(*args)

    def _next_sequence(self) -> int:
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        return self._sequence


def _response(command_id: int, sequence: int, status: int, **fields: Any) -> bytes:
    name = command_name(command_id | RESPONSE)
    return write(name, sequence=sequence, status=status, **fields)
