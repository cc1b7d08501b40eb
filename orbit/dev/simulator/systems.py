"""An account at the simulated carrier: its password, its faults, its counts."""

from __future__ import annotations

import hmac
import time
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any, Protocol

from messaging.smpp.protocol.command_status import by_name, describe
from messaging.smpp.protocol.pdu import Pdu
from orbit.dev.simulator.deliveries import Delivery
from orbit.dev.simulator.faults import Fault, FaultScript
from orbit.dev.simulator.submits import Submit

KEEP_SUBMITS = 100_000  # a sandbox may run for weeks; the counts go on

_RINVPASWD = by_name("ESME_RINVPASWD").value
_RALYBND = by_name("ESME_RALYBND").value
_RTHROTTLED = by_name("ESME_RTHROTTLED").value
_RINVDSTADR = by_name("ESME_RINVDSTADR").value
_RMISSINGTLV = describe(0xC3).value


class Bind(Protocol):
    """A bound session, as its account uses it.

    `number`: that of the connection; `kind`: TX, RX or TRX; `delivered`: how many deliveries it was
    sent; `can_receive`: whether it takes deliveries now.
    """

    number: int
    peer: str
    kind: str
    delivered: int

    @property
    def can_receive(self) -> bool: ...

    def deliver(self, delivery: Delivery) -> None: ...

    def abort(self) -> None:
        """Cut the connection at once; the bind leaves `System.sessions`."""
        ...


class System:
    """One system_id with its password, faults, sessions and counts.

    `password` and `faults` may be set at any time, from any thread; live binds stay.
    """

    def __init__(self, system_id: str, password: str, faults: Iterable[str | Fault] = ()) -> None:
        self.system_id = system_id
        self.password = password
        self.script = FaultScript(faults)
        self.sessions: list[Bind] = []  # oldest first
        self.bind_attempts = 0
        self.binds_accepted = 0
        self.binds_refused: Counter[str] = Counter()  # by status name
        self.submits: list[Submit] = []
        self.submit_count = 0
        self.submits_by_status: Counter[str] = Counter()
        self.receipts: Counter[str] = Counter()  # sent, acknowledged, postponed, rejected
        self.texts: Counter[str] = Counter()  # the same, of inbound texts
        self.waiting: deque[Delivery] = deque()  # deliveries that no bind can take now
        self.retries = False  # whether another try of them is planned
        self._kept_seats: list[float] = []  # monotonic times until which ended sessions count
        self._equal_ids = 0

    def __repr__(self) -> str:
        return f"<System {self.system_id} live_binds={self.live_binds} faults={self.faults}>"

    @property
    def faults(self) -> list[str]:
        """As written. Setting them starts all counting (`first=`, `every=`) anew."""
        return [str(fault) for fault in self.script]

    @faults.setter
    def faults(self, faults: Iterable[str | Fault]) -> None:
        self.script = FaultScript(faults)

    @property
    def live_binds(self) -> int:
        return len(self.sessions)

    def drop_binds(self) -> None:
        """Cut the connections of all bound sessions."""
        for session in list(self.sessions):
            session.abort()

    @property
    def accepted(self) -> list[Submit]:
        """The submits that were taken for delivery."""
        return [submit for submit in self.submits if submit.accepted]

    def judge_bind(self, password: str) -> int:
        """The command_status that answers this bind; 0 accepts it."""
        script = self.script
        if script.strikes("wrong-password", "bind"):
            return _RINVPASWD
        if refusal := script.strikes("bind-fail", "bind"):
            return refusal.status
        if script.strikes("throttled", "bind"):
            return _RTHROTTLED
        if not hmac.compare_digest(password.encode(), self.password.encode()):
            return _RINVPASWD
        limit = script.strikes("already-bound", "bind")
        if limit and self.live_binds + self._seats_kept() >= int(limit.value):
            return _RALYBND
        return 0

    def keep_seat(self, *, unbound: bool) -> None:
        """Count an ended session as bound for as long as faults say. `unbound`: by an unbind, else
        by a cut."""
        name = "unbind-keeps-seat" if unbound else "cut-keeps-seat"
        if kept := self.script.strikes(name, "bind"):
            self._kept_seats.append(time.monotonic() + kept.seconds)

    def _seats_kept(self) -> int:
        now = time.monotonic()
        self._kept_seats = [until for until in self._kept_seats if until > now]
        return len(self._kept_seats)

    def judge_submit(self, pdu: Pdu) -> int:
        """The command_status that answers a submit; 0 accepts it."""
        if self.script.strikes("throttled", "submit"):
            return _RTHROTTLED
        if refusal := self.script.strikes("refuse", "submit"):
            return refusal.status
        needed = self.script.strikes("needs-tlv", "submit")
        if needed and pdu.tlv(int(needed.value, 16)) is None:
            return _RMISSINGTLV
        return 0 if pdu.fields["destination_addr"] else _RINVDSTADR

    def message_ids(self, unique: int) -> tuple[str, str]:
        """`(id in the answer, id in the receipt)` for a message; `unique` is a fresh number."""
        strikes = self.script.strikes
        if not self.script.faults:
            return str(unique), str(unique)
        if strikes("equal-ids", "submit"):
            self._equal_ids += 1
            unique = self._equal_ids
        if strikes("hex-ids", "submit"):
            return f"{unique:X}", str(unique)
        if strikes("decimal-ids", "submit"):
            return str(unique), f"{unique:X}"
        if strikes("padded-ids", "submit"):
            return str(unique), f"{unique:020}"
        if strikes("upper-ids", "submit"):
            return f"{unique:x}", f"{unique:X}"
        if strikes("no-id", "submit"):
            return "", str(unique)
        return str(unique), str(unique)

    def record(self, submit: Submit) -> None:
        self.submit_count += 1
        self.submits_by_status[submit.status or "none"] += 1
        self.submits.append(submit)
        if len(self.submits) > KEEP_SUBMITS:
            del self.submits[: KEEP_SUBMITS // 2]

    def delivery_counts(self, delivery: Delivery) -> Counter[str]:
        """The counter of deliveries of its kind."""
        return self.receipts if delivery.is_receipt else self.texts

    def counts(self) -> dict[str, Any]:
        """All counts as JSON values; no password."""
        return {
            "system_id": self.system_id,
            "faults": self.faults,
            "live_binds": self.live_binds,
            "binds": [{"kind": s.kind, "peer": s.peer, "session": s.number} for s in self.sessions],
            "bind_attempts": self.bind_attempts,
            "binds_accepted": self.binds_accepted,
            "binds_refused": dict(self.binds_refused),
            "submits": self.submit_count,
            "submits_by_status": dict(self.submits_by_status),
            "receipts": {**self.receipts, "waiting": len(self.waiting)},
            "texts": dict(self.texts),
        }
