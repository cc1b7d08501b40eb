"""A chain of audit rows: the MAC of each, and the verification that computes all of them again."""

from __future__ import annotations

import hmac
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from orbit.accounts.audit.models import AuditEvent, AuditHead

CHUNK = 5000  # rows that are read at once
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
    """Return the row's MAC; `previous` is the MAC of the row before, "" for the first row."""
    return _mac(settings.AUDIT_KEY, sealed_bytes(event, previous))


def sealed_bytes(event: AuditEvent, previous: str) -> bytes:
    """The bytes that the MAC covers: canonical JSON of the row; sorted keys, no spaces, UTC with
    microseconds."""
    content = {name: getattr(event, name) for name in _SEALED_FIELDS}
    content["at"] = _canonical_time(event.at)
    content["previous"] = previous
    return _json.encode(content).encode()


_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _mac(key: str, message: bytes) -> str:
    return hmac.digest(key.encode(), message, "sha256").hex()


class _Keys:
    """The keys of one chain, the oldest first: each row has the key of the row before, or a newer
    one. So who learns a key that was put away can't write rows under it after the newer ones."""

    def __init__(self) -> None:
        self._left = [*reversed(settings.AUDIT_KEY_FALLBACKS), settings.AUDIT_KEY]

    def fit(self, event: AuditEvent, previous: str) -> bool:
        """Whether one of the keys that may follow has sealed the row."""
        message = sealed_bytes(event, previous)
        for place, key in enumerate(self._left):
            if hmac.compare_digest(event.mac, _mac(key, message)):
                del self._left[:place]
                return True
        return False


def chains() -> list[str]:
    """The name of every chain that has rows, or a stored head."""
    rows = AuditEvent.objects.order_by().values_list("chain", flat=True).distinct()
    return sorted({*rows, *AuditHead.objects.values_list("chain", flat=True)})


def verify(
    chain: str, expected: Sequence[Head] = (), progress: Callable[[int], None] = lambda rows: None
) -> Verification:
    """Verify one chain: no row edited, removed, moved or added by hand, no tail cut off.

    The stored head shows a cut; `expected` heads show it even if the stored head was set back, too.
    Rows may be added meanwhile. `progress` is called with the number of rows that are read, after
    each CHUNK.
    """
    stored = _stored(chain)  # read before the rows, which can only become more
    marks = [mark for mark in (stored, *expected) if mark.seq > 0]
    expected_macs = defaultdict(set)
    for mark in marks:
        expected_macs[mark.seq].add(mark.mac)
    last, keys = Head(chain, 0, ""), _Keys()
    for event in _rows(chain, progress):
        fault = _fault(event, last, keys) or _mismatch(event, expected_macs)
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


def _rows(chain: str, progress: Callable[[int], None]) -> Iterator[AuditEvent]:
    """All rows in order, in chunks by their place: no statement lasts as long as the whole walk,
    and no cursor is kept on the server."""
    rows, last, read = AuditEvent.objects.filter(chain=chain).order_by("seq"), 0, 0
    while chunk := list(rows.filter(seq__gt=last)[:CHUNK]):
        yield from chunk
        last, read = chunk[-1].seq, read + len(chunk)
        progress(read)


def _fault(event: AuditEvent, last: Head, keys: _Keys) -> str | None:
    if event.seq != last.seq + 1:
        return f"{event.chain}: row {last.seq + 1} is missing (next is {event.pk})"
    if not keys.fit(event, last.mac):
        return f"{event.chain}: row {event.seq} ({event.pk}) is not what was written"
    return None


def _mismatch(event: AuditEvent, expected: Mapping[int, Collection[str]]) -> str | None:
    if any(mac != event.mac for mac in expected.get(event.seq, ())):
        return f"{event.chain}: row {event.seq} ({event.pk}) is not the expected one"
    return None


def _canonical_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
