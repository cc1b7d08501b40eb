"""Near matches of receipts that match nothing, and what an operator can do about each."""

from __future__ import annotations

from collections.abc import Sequence

from messaging.carrier_tests.models import CarrierTest
from messaging.credentials.models import Credential
from messaging.messages.models import Message
from messaging.receipts import parts as part_rows
from messaging.receipts.matching import IncomingReceipt, Sent
from messaging.receipts.models import Part
from messaging.receipts.parts import Found, PartRow
from messaging.smpp.protocol.receipt import fits

MOST = 100  # parts of other accounts

_WRITTEN = {
    "receipt_decimal": "The ids of its receipts are decimal: set `message_id_format` to "
    "`receipt_decimal`.",
    "receipt_hex": "The ids of its receipts are hexadecimal: set `message_id_format` to "
    "`receipt_hex`.",
    "same": "The ids of its receipts are those of its answers: set `message_id_format` to `same`.",
}


def describe(incoming: Sequence[IncomingReceipt]) -> dict[int, str]:
    """A text by the place in the list, for each receipt that nearly matched a part."""
    if not incoming:
        return {}
    here = part_rows.with_keys(
        {
            (each.delivery.account, key)
            for each in incoming
            for key in each.keys.union(*each.other_formats.values())
        }
    )
    elsewhere = _of_other_accounts(incoming)
    sent = _sent(here, elsewhere)
    found = {
        number: _by_format(each, here, sent)
        or _by_number(each, here, sent)
        or _by_account(each, elsewhere, sent)
        for number, each in enumerate(incoming)
    }
    return {number: text for number, text in found.items() if text}


def _by_format(each: IncomingReceipt, parts: Found, sent: dict[str, Sent]) -> str:
    for name, keys in each.other_formats.items():
        for key in sorted(keys):
            for part in parts.get((each.delivery.account, key), ()):
                if _fits(each, part, sent):
                    return f"{_WRITTEN[name]} It would be that of {part.owner}."
    return ""


def _by_number(each: IncomingReceipt, parts: Found, sent: dict[str, Sent]) -> str:
    for key in sorted(each.keys):
        for part in parts.get((each.delivery.account, key), ()):
            if part.owner in sent:
                return (
                    f"{part.owner} has this id, but went to {sent[part.owner].to} and not to the "
                    "number of the receipt: the carrier uses its ids again, or changes numbers."
                )
    return ""


def _by_account(each: IncomingReceipt, parts: list[Part], sent: dict[str, Sent]) -> str:
    for part in parts:
        if part.id_key in each.keys and _fits(each, part, sent):
            names = Credential.objects.filter(pk=part.credential_id).values_list("name", flat=True)
            return (
                f"{part.owner} has this id, but went out by the credential “{names.first()}”, "
                "which is another account (host, port, system_id): the carrier reports on the "
                "wrong bind."
            )
    return ""


def _of_other_accounts(incoming: Sequence[IncomingReceipt]) -> list[Part]:
    """Parts of the same organisations' other accounts that have these keys."""
    organizations = {each.bind.organization_id for each in incoming} - {None}
    credentials = Credential.objects.filter(organization__in=organizations).order_by()
    keys = {key for each in incoming for key in each.keys}
    rows = Part.objects.filter(id_key__in=keys, credential__in=credentials.values("pk"))
    elsewhere = rows.exclude(account__in={each.delivery.account for each in incoming})
    return list(elsewhere.exclude(id_key="").order_by("-id")[:MOST])


def _sent(here: Found, elsewhere: list[Part]) -> dict[str, Sent]:
    owners = {part.owner for parts in here.values() for part in parts}
    owners |= {part.owner for part in elsewhere}
    found: dict[str, Sent] = dict(Message.objects.in_bulk(owners))
    return found | dict(CarrierTest.objects.in_bulk(owners))


def _fits(each: IncomingReceipt, part: Part | PartRow, sent: dict[str, Sent]) -> bool:
    owner = sent.get(part.owner)
    return owner is not None and fits(each.receipt, number=owner.to, sender=owner.sender)
