"""Rows of inbound PDUs: built from a gateway's log, written and read in bulk.

Only this module fills and looks up their columns of numbers, texts and digests.
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
    log; `session`: the bind's, "" if the record does not say."""

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
    """An unsaved row for a text or part."""
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
    """Texts whose records are not stored yet: a log may be read again from its start."""
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
    """Add the organisation to texts whose credential was deleted, if earlier texts of the account
    tell it."""
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
    """`(organisation, credential)` of the account's earlier texts; None if several organisations
    have it."""
    rows = InboundPdu.objects.filter(account=account, organization__isnull=False).order_by()
    found = rows.values_list("organization_id", "credential_id").first()
    if found and rows.exclude(organization=found[0]).exists():
        return None
    return found


def alike(
    texts: Sequence[InboundText], *, since: datetime
) -> dict[tuple[str, str], list[InboundPdu]]:
    """Lock rows with the same octets and account, oldest first; by (account, the text's digest)."""
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
    """Lock the parts with these keys that wait or arrived since then, in order of arrival; by
    key."""
    rows = InboundPdu.objects.filter(
        Q(due_at__isnull=False) | Q(received_at__gte=since), join_key__in=keys, of__gt=1
    )
    found: dict[str, list[InboundPdu]] = defaultdict(list)
    asked = _by_form(keys)
    for row in rows.order_by("id").select_for_update(of=("self",)):
        found[asked[row.join_key]].append(row)
    return found


def _by_form(digests: Iterable[str]) -> dict[str, str]:
    """Map each stored form of a digest (clear or sealed) to the digest."""
    return {form: each for each in digests for form in sealing.spellings(each)}


def insert(rows: Iterable[InboundPdu]) -> None:
    bulk.insert(InboundPdu, _NEW, [tuple(getattr(row, name) for name in _NEW) for row in rows])


def write(rows: Iterable[InboundPdu]) -> None:
    """Write the columns that change when stored parts are told or looked at."""
    values = {row.pk: {name: getattr(row, name) for name in _CHANGED} for row in rows}
    bulk.update(InboundPdu, values, _CHANGED)


def note_copies(rows: Iterable[InboundPdu]) -> None:
    """Write `copies` of stored rows."""
    bulk.update(InboundPdu, {row.pk: {"copies": row.copies} for row in rows}, ("copies",))


def copy_of(row: InboundPdu | InboundText) -> dict[str, Any]:
    """An entry of `copies`."""
    at = row.received_at.isoformat(timespec="milliseconds")
    return {"at": at, "session": row.session, "log": row.log, "number": row.number}


def _clean(text: str) -> str:
    """Without NULs, which PostgreSQL can't store; `raw` has all octets."""
    return text.replace("\0", "")[:64]
