"""Rows of inbound PDUs: made of what a gateway's log brought, written and read in bulk.

The one place that fills and looks up their columns of numbers, texts and digests.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Max, Q

from messaging import bulk
from messaging.inbound.concatenation import PartOf, join_key, part_of
from messaging.inbound.models import InboundPdu
from messaging.smpp.protocol.pdu import HEADER_LENGTH, Pdu
from orbit.db import sealing

_NEW = (
    "organization_id", "credential_id", "account", "source", "destination", "esm_class",
    "data_coding", "octets", "fields", "tlvs", "raw", "digest", "session", "copies", "log",
    "number", "received_at", "message_id", "part", "of", "join_key", "due_at", "expires_at",
    "access_state", "access_due_at",
)  # fmt: skip
_CHANGED = ("message_id", "due_at", "access_state", "access_due_at")


@dataclass(frozen=True)
class InboundText:
    """A deliver_sm or data_sm that is no receipt. `log` and `number`: its record in the gateway's
    log; `session`: of the bind that it came on, "" if that is not told."""

    pdu: Pdu
    raw: bytes = field(repr=False)
    account: str
    session: str
    received_at: datetime
    log: str
    number: int
    organization_id: str | None = None
    credential_id: str | None = None

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.raw[HEADER_LENGTH:]).hexdigest()

    @cached_property
    def part(self) -> PartOf | None:
        return part_of(self.pdu)


def row_of(text: InboundText) -> InboundPdu:
    """The row of a text or part, not saved."""
    pdu, part = text.pdu, text.part
    return InboundPdu(
        organization_id=text.organization_id,
        credential_id=text.credential_id,
        account=text.account,
        source=_clean(pdu.text("source_addr")),
        destination=_clean(pdu.text("destination_addr")),
        esm_class=pdu.number("esm_class"),
        data_coding=pdu.number("data_coding"),
        octets=pdu.payload.hex(),
        fields={
            name: value if isinstance(value, int) else _clean(value.decode("latin-1"))
            for name, value in pdu.fields.items()
            if name != "short_message"
        },
        tlvs=[{"tag": f"0x{each.tag:04X}", "value": each.value.hex()} for each in pdu.tlvs],
        raw=text.raw.hex(),
        digest=text.digest,
        session=text.session,
        log=text.log,
        number=text.number,
        received_at=text.received_at,
        part=part.number if part else 1,
        of=part.total if part else 1,
        join_key=join_key(text.organization_id, text.account, pdu, part) if part else "",
    )


def unknown(texts: Sequence[InboundText]) -> list[InboundText]:
    """Those whose records are not stored yet: a log may be read from its start once more."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for text in texts:
        numbers[text.log].append(text.number)
    stored = {
        (log, number)
        for log, of_log in numbers.items()
        for number in InboundPdu.objects.filter(log=log, number__in=of_log)
        .order_by()
        .values_list("number", flat=True)
    }
    return [text for text in texts if (text.log, text.number) not in stored]


def owned(texts: Sequence[InboundText]) -> list[InboundText]:
    """With their organisation, where the credential was deleted meanwhile and the earlier texts of
    the account tell it."""
    lost = {text.account for text in texts if text.organization_id is None}
    if not lost:
        return list(texts)
    owners = {account: _owner(account) for account in lost}
    return [
        replace(text, organization_id=found[0], credential_id=found[1])
        if text.organization_id is None and (found := owners.get(text.account))
        else text
        for text in texts
    ]


def _owner(account: str) -> tuple[str, str] | None:
    """None where several organisations have the account: it could be any of theirs."""
    rows = InboundPdu.objects.filter(account=account, organization__isnull=False).order_by()
    found = rows.values_list("organization_id", "credential_id").first()
    if found and rows.exclude(organization=found[0]).exists():
        return None
    return found


def alike(
    texts: Sequence[InboundText], *, since: datetime
) -> dict[tuple[str, str], list[InboundPdu]]:
    """Rows with the same octets of the same account by (account, digest), oldest first, locked.
    The digest is the text's own, whatever form the column has it in."""
    rows = InboundPdu.objects.filter(
        account__in={text.account for text in texts},
        digest__in={text.digest for text in texts},
        received_at__gte=since,
    )
    found: dict[tuple[str, str], list[InboundPdu]] = defaultdict(list)
    asked = _by_form(text.digest for text in texts)
    for row in rows.order_by("id").select_for_update(of=("self",)):
        found[row.account, asked[row.digest]].append(row)
    return found


def last_of_sessions(sessions: Collection[str], *, since: datetime) -> dict[str, datetime]:
    """When the last PDU came on each of these binds."""
    rows = InboundPdu.objects.filter(session__in=sessions, received_at__gte=since).order_by()
    return dict(rows.values_list("session").annotate(Max("received_at")))


def with_keys(keys: Collection[str], *, since: datetime) -> dict[str, list[InboundPdu]]:
    """Parts with these keys, in the order in which they came, locked: those that wait, and those
    that came since then."""
    rows = InboundPdu.objects.filter(
        Q(due_at__isnull=False) | Q(received_at__gte=since), join_key__in=keys, of__gt=1
    )
    found: dict[str, list[InboundPdu]] = defaultdict(list)
    asked = _by_form(keys)
    for row in rows.order_by("id").select_for_update(of=("self",)):
        found[asked[row.join_key]].append(row)
    return found


def _by_form(digests: Iterable[str]) -> dict[str, str]:
    """Each form in which a column may have a digest: which of these it is."""
    return {form: each for each in digests for form in sealing.spellings(each)}


def insert(rows: Iterable[InboundPdu]) -> None:
    bulk.insert(InboundPdu, _NEW, [tuple(getattr(row, name) for name in _NEW) for row in rows])


def write(rows: Iterable[InboundPdu]) -> None:
    """Write what changes of rows that are stored when they are told: their text, when they are
    looked at, and whether platforms wait for them."""
    values = {row.pk: {name: getattr(row, name) for name in _CHANGED} for row in rows}
    bulk.update(InboundPdu, values, _CHANGED)


def note_copies(rows: Iterable[InboundPdu]) -> None:
    """Write the copies of rows that are stored."""
    bulk.update(InboundPdu, {row.pk: {"copies": row.copies} for row in rows}, ("copies",))


def copy_of(row: InboundPdu | InboundText) -> dict[str, Any]:
    """An entry of `copies`."""
    at = row.received_at.isoformat(timespec="milliseconds")
    return {"at": at, "session": row.session, "log": row.log, "number": row.number}


def _clean(text: str) -> str:
    """A NUL fits no column of PostgreSQL; all octets are in `raw`."""
    return text.replace("\0", "")[:64]
