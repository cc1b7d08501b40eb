"""An account at the simulated carrier: who may bind, what went wrong on purpose, what came in."""

from __future__ import annotations

import hmac
from collections import Counter, deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from messaging.smpp.protocol.status import by_name
from messaging.smpp.simulator.faults import Fault, FaultScript
from messaging.smpp.simulator.submits import Submit

if TYPE_CHECKING:
    from messaging.smpp.simulator.receipts import Receipt
    from messaging.smpp.simulator.session import Session

KEEP_SUBMITS = 100_000  # a sandbox may run for weeks; the counts go on

_RINVPASWD = by_name("ESME_RINVPASWD").value
_RALYBND = by_name("ESME_RALYBND").value
_RTHROTTLED = by_name("ESME_RTHROTTLED").value
_RINVDSTADR = by_name("ESME_RINVDSTADR").value


class System:
    """One system_id with its password, faults and counts.

    `password` and `faults` may be set at any time, from any thread; live binds stay.
    """

    def __init__(self, system_id: str, password: str, faults: Iterable[str | Fault] = ()) -> None:
        self.system_id = system_id
        self.password = password
        self.script = FaultScript(faults)
        self.sessions: list[Session] = []  # bound ones, oldest first
        self.bind_attempts = 0
        self.binds_accepted = 0
        self.binds_refused: Counter[str] = Counter()  # by status name
        self.submits: list[Submit] = []
        self.submit_count = 0
        self.submits_by_status: Counter[str] = Counter()
        self.receipts: Counter[str] = Counter()  # sent, acknowledged, postponed, rejected
        self.waiting: deque[Receipt] = deque()  # receipts that no bind can take now
        self._equal_ids = 0

    def __repr__(self) -> str:
        return f"<System {self.system_id} live_binds={self.live_binds} faults={self.faults}>"

    @property
    def faults(self) -> list[str]:
        """As written. Setting it starts all counting (`first=`, `every=`) anew."""
        return [str(fault) for fault in self.script]

    @faults.setter
    def faults(self, faults: Iterable[str | Fault]) -> None:
        self.script = FaultScript(faults)

    @property
    def live_binds(self) -> int:
        return len(self.sessions)

    @property
    def accepted(self) -> list[Submit]:
        """The submits that were taken for delivery."""
        return [submit for submit in self.submits if submit.accepted]

    def judge_bind(self, password: str) -> int:
        """The status that this bind gets (0 = welcome)."""
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
        if limit and self.live_binds >= int(limit.value):
            return _RALYBND
        return 0

    def judge_submit(self, destination: str) -> int:
        """The status that a submit to this number gets (0 = taken)."""
        if self.script.strikes("throttled", "submit"):
            return _RTHROTTLED
        if refusal := self.script.strikes("refuse", "submit"):
            return refusal.status
        return 0 if destination else _RINVDSTADR

    def message_ids(self, unique: int) -> tuple[str, str]:
        """`(id in the answer, id in the receipt)` for a message; `unique` is a fresh number."""
        if self.script.strikes("equal-ids", "submit"):
            self._equal_ids += 1
            unique = self._equal_ids
        if self.script.strikes("hex-ids", "submit"):
            return f"{unique:X}", str(unique)
        if self.script.strikes("decimal-ids", "submit"):
            return str(unique), f"{unique:X}"
        return str(unique), str(unique)

    def record(self, submit: Submit) -> None:
        self.submit_count += 1
        self.submits_by_status[submit.status or "none"] += 1
        self.submits.append(submit)
        if len(self.submits) > KEEP_SUBMITS:
            del self.submits[: KEEP_SUBMITS // 2]

    def counts(self) -> dict[str, Any]:
        """For people and scripts; no password."""
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
        }
