"""Proof that nobody has changed the audit: walks a chain and computes every MAC again."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from orbit.accounts.audit.services import seal
from orbit.accounts.models import AuditEvent, AuditHead


@dataclass(frozen=True)
class Head:
    """The last row of a chain, to be kept elsewhere and expected later: `chain:seq:mac`."""

    chain: str
    seq: int
    mac: str

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read `chain:seq:mac`; raises ValueError."""
        chain, seq, mac = text.strip().split(":")
        return cls(chain, int(seq), mac)

    def __str__(self) -> str:
        return f"{self.chain}:{self.seq}:{self.mac}"


@dataclass(frozen=True)
class Proof:
    """`fault` names the first bad row, None when the chain holds."""

    head: Head
    fault: str | None = None


def chains() -> list[str]:
    """Every chain that has rows, or had some once."""
    rows = AuditEvent.objects.order_by().values_list("chain", flat=True).distinct()
    return sorted({*rows, *AuditHead.objects.values_list("chain", flat=True)})


def verify(chain: str, expected: Sequence[Head] = ()) -> Proof:
    """Prove one chain: no row edited, removed, moved or added by hand, and no tail cut off.

    The stored head shows a cut; `expected` heads show it also when that was set back with it.
    Rows may be added meanwhile.
    """
    stored = _stored(chain)  # before the rows: what comes later may only be more
    marks = [mark for mark in (stored, *expected) if mark.seq > 0]
    last = Head(chain, 0, "")
    for event in AuditEvent.objects.filter(chain=chain).order_by("seq").iterator():
        fault = _fault(event, last) or _mismatch(event, marks)
        if fault:
            return Proof(last, fault)
        last = Head(chain, event.seq, event.mac)
    furthest = max([stored.seq, *(mark.seq for mark in expected)])
    if last.seq < furthest:
        return Proof(last, f"{chain}: cut after row {last.seq}, there were at least {furthest}")
    if last.seq > stored.seq and _stored(chain).seq < last.seq:
        return Proof(last, f"{chain}: row {last.seq} is beyond the stored head {stored.seq}")
    return Proof(last)


def _stored(chain: str) -> Head:
    head = AuditHead.objects.filter(pk=chain).first()
    return Head(chain, head.seq, head.mac) if head else Head(chain, 0, "")


def _fault(event: AuditEvent, last: Head) -> str | None:
    if event.seq != last.seq + 1:
        return f"{event.chain}: row {last.seq + 1} is missing (next is {event.pk})"
    if not hmac.compare_digest(event.mac, seal(event, last.mac)):
        return f"{event.chain}: row {event.seq} ({event.pk}) is not what was written"
    return None


def _mismatch(event: AuditEvent, marks: Sequence[Head]) -> str | None:
    for mark in marks:
        if mark.seq == event.seq and mark.mac != event.mac:
            return f"{event.chain}: row {event.seq} ({event.pk}) is not the expected one"
    return None
