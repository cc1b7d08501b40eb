"""Match a receipt to its part: by the carrier's account, the id in all spellings, and the
number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from messaging.credentials.models import Credential, MessageIdFormat
from messaging.receipts.log_records import DeliverSm
from messaging.receipts.parts import Found, PartRow
from messaging.smpp.protocol.message_ids import FORMATS, id_keys
from messaging.smpp.protocol.receipt import Receipt, fits

LONGEST_KEY = 255


class Sent(Protocol):
    """A message or a test that was sent."""

    to: str
    sender: str


@dataclass(frozen=True)
class Bind:
    """The credential that a record came by: the columns that matching needs."""

    credential_id: str | None = None
    organization_id: str | None = None
    message_id_format: str = MessageIdFormat.SAME


@dataclass(frozen=True)
class IncomingReceipt:
    """A receipt with its deliver_sm and bind. `stray_id`: of the row that has kept it until now."""

    delivery: DeliverSm
    receipt: Receipt
    bind: Bind
    stray_id: int | None = None

    @cached_property
    def keys(self) -> frozenset[str]:
        return keys(self.receipt, self.bind.message_id_format)

    @cached_property
    def wanted(self) -> list[tuple[str, str]]:
        """Account and key of each part that it may be about."""
        return [(self.delivery.account, key) for key in self.keys]

    @property
    def other_formats(self) -> dict[str, frozenset[str]]:
        """The keys that it would have with other values of `message_id_format`."""
        others = [each for each in FORMATS if each != self.bind.message_id_format]
        return {each: keys(self.receipt, each) - self.keys for each in others}


def binds(cids: Collection[str]) -> Mapping[str, Bind]:
    """Binds by cid (the credential's gateway key); an empty `Bind` for a deleted credential."""
    return _binds("gateway_key", cids)


def binds_by_id(credential_ids: Collection[str]) -> Mapping[str | None, Bind]:
    """`binds` by the credentials' ids."""
    return _binds("pk", credential_ids)


def _binds(name: str, values: Collection[str]) -> Mapping[Any, Bind]:
    rows = Credential.objects.filter(**{f"{name}__in": values})
    columns = rows.order_by().values_list(name, "pk", "organization_id", "message_id_format")
    return defaultdict(Bind, {row[0]: Bind(*row[1:]) for row in columns})


def keys(receipt: Receipt, message_id_format: str) -> frozenset[str]:
    """The keys of all ids that the receipt names."""
    found = (id_keys(each, message_id_format) for each in receipt.ids)
    return frozenset(key[:LONGEST_KEY] for each in found for key in each)


def find(incoming: IncomingReceipt, parts: Found, sent: Mapping[str, Sent]) -> PartRow | None:
    """The part that the receipt is about: the latest with its id and number. `sent`: messages by
    owner.

    Carriers reuse ids, so the number has to fit as well. A PDU that is not marked as a receipt has
    to come from exactly that number.
    """
    found = [part for each in incoming.wanted for part in parts.get(each, ())]
    if len(incoming.keys) > 1:
        found.sort(key=lambda part: (part.pk is None, part.pk or 0), reverse=True)
    for part in found:
        owner = sent.get(part.owner)
        if owner and fits(incoming.receipt, number=owner.to, sender=owner.sender):
            return part
    return None
