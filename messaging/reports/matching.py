"""Which part a receipt is about: the carrier's account, the id in all its spellings, the number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from messaging.credentials.models import Credential, MessageIdFormat
from messaging.reports.models import Part
from messaging.reports.records import Delivery
from messaging.smpp.protocol.receipt import FORMATS, Receipt, fits, id_keys

LONGEST_KEY = 255


class Sent(Protocol):
    """What was sent, a message or a test."""

    to: str
    sender: str


@dataclass(frozen=True)
class Bind:
    """What counts of a credential."""

    credential_id: str | None = None
    organization_id: str | None = None
    message_id_format: str = MessageIdFormat.SAME


@dataclass(frozen=True)
class Incoming:
    """A receipt, and how it came. `stray_id`: of the row that has kept it until now."""

    delivery: Delivery
    receipt: Receipt
    bind: Bind
    stray_id: int | None = None

    @property
    def keys(self) -> frozenset[str]:
        return keys(self.receipt, self.bind.message_id_format)

    @property
    def other_formats(self) -> dict[str, frozenset[str]]:
        """The keys that it would have, were `message_id_format` another one."""
        others = [each for each in FORMATS if each != self.bind.message_id_format]
        return {each: keys(self.receipt, each) - self.keys for each in others}


def binds(cids: Collection[str]) -> Mapping[str, Bind]:
    """By cid, which is the credential's key; of one that has no row any more nothing is known."""
    return _binds("gateway_key", cids)


def binds_by_id(credential_ids: Collection[str]) -> Mapping[str | None, Bind]:
    """The same by the credentials' ids."""
    return _binds("pk", credential_ids)


def _binds(name: str, values: Collection[str]) -> Mapping[Any, Bind]:
    rows = Credential.objects.filter(**{f"{name}__in": values})
    columns = rows.values_list(name, "pk", "organization_id", "message_id_format")
    return defaultdict(Bind, {row[0]: Bind(*row[1:]) for row in columns})


def keys(receipt: Receipt, message_id_format: str) -> frozenset[str]:
    """Of all ids that the receipt names."""
    found = (id_keys(each, message_id_format) for each in receipt.ids)
    return frozenset(key[:LONGEST_KEY] for each in found for key in each)


Candidates = Mapping[tuple[str, str], list[Part]]


def candidates(wanted: Iterable[tuple[str, Collection[str]]]) -> Candidates:
    """Parts by account and key, the latest first. `wanted`: accounts, and keys within each."""
    by_account = defaultdict(set)
    for account, found in wanted:
        by_account[account].update(found)
    parts: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for account, found in by_account.items():
        rows = Part.objects.filter(account=account, id_key__in=found).exclude(id_key="")
        for part in rows.order_by("-id"):
            parts[account, part.id_key].append(part)
    return parts


def find(incoming: Incoming, parts: Candidates, sent: Mapping[str, Sent]) -> Part | None:
    """The part that the receipt is about, the latest of those with its id; `sent`: by owner.

    Carriers use their ids again, so the number has to fit; one that is not marked as a receipt has
    to come from that very number.
    """
    account = incoming.delivery.account
    found = {part.pk: part for key in incoming.keys for part in parts.get((account, key), ())}
    for part in sorted(found.values(), key=lambda each: -each.pk):
        owner = sent.get(part.owner)
        if owner and fits(incoming.receipt, number=owner.to, sender=owner.sender):
            return part
    return None
