"""A chain of audit rows: the MAC of each, and the verification that computes all of them again."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from orbit.accounts.audit.models import AuditEvent, AuditHead

_SEALED_FIELDS = (
    "id", "chain", "seq", "organization_id", "actor_type", "actor_id", "actor_name", "address",
    "user_agent", "request_id", "action", "target", "changes", "outcome", "detail",
)  # fmt: skip


@dataclass(frozen=True)
class Head:
    """The last row of a chain, `chain:seq:mac`: kept elsewhere, it shows a later cut."""

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
class Verification:
    """The result for one chain; `fault` names the first bad row, None if there is none."""

    head: Head
    fault: str | None = None


def seal(event: AuditEvent, previous: str) -> str:
    """Return the row's MAC; `previous` is the MAC of the row before, "" for the first row.

    HMAC-SHA256 over canonical JSON: sorted keys, no spaces, UTC with microseconds.
    """
    content = {name: getattr(event, name) for name in _SEALED_FIELDS}
    content["at"] = _canonical_time(event.at)
    content["previous"] = previous
    message = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(settings.AUDIT_KEY.encode(), message.encode(), hashlib.sha256).hexdigest()


def chains() -> list[str]:
    """The name of every chain that has rows, or a stored head."""
    rows = AuditEvent.objects.order_by().values_list("chain", flat=True).distinct()
    return sorted({*rows, *AuditHead.objects.values_list("chain", flat=True)})


def verify(chain: str, expected: Sequence[Head] = ()) -> Verification:
    """Verify one chain: no row edited, removed, moved or added by hand, no tail cut off.

    The stored head shows a cut; `expected` heads show it even if the stored head was set back, too.
    Rows may be added meanwhile.
    """
    stored = _stored(chain)  # read before the rows, which can only become more
    marks = [mark for mark in (stored, *expected) if mark.seq > 0]
    last = Head(chain, 0, "")
    for event in AuditEvent.objects.filter(chain=chain).order_by("seq").iterator():
        fault = _fault(event, last) or _mismatch(event, marks)
        if fault:
            return Verification(last, fault)
        last = Head(chain, event.seq, event.mac)
    furthest = max([stored.seq, *(mark.seq for mark in expected)])
    if last.seq < furthest:
        return Verification(
            last, f"{chain}: cut after row {last.seq}, there were at least {furthest}"
        )
    if last.seq > stored.seq and _stored(chain).seq < last.seq:
        return Verification(last, f"{chain}: row {last.seq} is beyond the stored head {stored.seq}")
    return Verification(last)


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


def _canonical_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
