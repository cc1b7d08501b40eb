"""Erase what an organisation has about a number: messages, texts, receipts, events.

Runs in the caller's transaction. What can't be erased yet is counted with the reason: a message
that has not ended still has to match its receipt, and a running campaign still counts its
recipients.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from messaging.campaigns.models import FINISHED, Campaign, Recipient
from messaging.carrier_tests.models import CarrierTest
from messaging.inbound import retention as inbound
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.messages.models import UNFINISHED, Message
from messaging.opt_out_texts import retention as near_misses
from messaging.opt_outs.models import Confirmation, OptOut
from messaging.pools.models import StickySender
from messaging.receipts.models import Part, StrayReceipt
from messaging.webhooks.models import Event
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.db import sealing

ERASED = "person.erased"
_CHUNK = 1000
_UNDER_WAY = "They have not ended, and their receipts are still to be matched. Ask again then."
_TO_SEND = "Their campaigns have not ended. Cancel those, or ask again then."
_LISTED = (
    "So that nobody writes to it again. If the person wants that, too, remove them by "
    "DELETE /v1/opt-outs/{id}."
)
_KEPT_ANSWERS = (
    "Answers to requests with an Idempotency-Key are kept, encrypted, for their hours; what a "
    "carrier, a gateway's journal under way, backups and your own systems hold is not reached."
)


@dataclass(frozen=True)
class Erasure:
    """`erased`: rows by kind. `kept`: kind, how many, and why."""

    erased: dict[str, int]
    kept: list[dict[str, object]]

    @property
    def note(self) -> str:
        return _KEPT_ANSWERS


def pseudonym(number: str) -> str:
    """A pseudonym for the number in the audit: its rows are found only from the number
    itself."""
    mac = salted_hmac("messaging.people.erasure", number, algorithm="sha256")
    return f"number:{mac.hexdigest()[:32]}"


def erase(*, by: Actor, organization: Organization, number: str) -> Erasure:
    """Erase the number, with one audit row that has the counts and not the number."""
    messages = Message.objects.filter(organization=organization, to=number)
    recipients = Recipient.objects.filter(campaign__organization=organization, to=number)
    erased = {
        "messages": _messages(messages.exclude(status__in=UNFINISHED)),
        "campaign_recipients": _deleted(recipients.filter(campaign__status__in=FINISHED)),
        "inbound_texts": _texts(organization, number),
        "stray_receipts": _deleted(_strays(organization, number)),
        "carrier_tests": _deleted(
            CarrierTest.objects.filter(
                carrier__organization=organization, to=number, finished_at__isnull=False
            )
        ),
        "sticky_senders": _deleted(
            StickySender.objects.filter(pool__organization=organization, destination=number)
        ),
        "webhook_events": _deleted(
            Event.objects.filter(_naming(number), organization=organization)
        ),
    }
    Confirmation.objects.filter(organization=organization, number=number).delete()
    listed = OptOut.objects.filter(organization=organization, number=number)
    kept = {
        "messages": (messages.filter(status__in=UNFINISHED).count(), _UNDER_WAY),
        "campaign_recipients": (recipients.count(), _TO_SEND),
        "opt_outs": (listed.count(), _LISTED),
    }
    found = Erasure(
        erased,
        [{"kind": kind, "count": n, "reason": why} for kind, (n, why) in kept.items() if n],
    )
    audit.record(
        by=by,
        organization=organization,
        action=ERASED,
        target=pseudonym(number),
        detail=", ".join(f"{kind}: {count}" for kind, count in erased.items() if count),
    )
    return found


def _messages(ended: QuerySet[Message]) -> int:
    """Delete messages with their parts; campaigns keep their counts."""
    deleted = 0
    # Locked, so that a concurrent erasure or retention does not count them twice.
    rows = ended.order_by("pk").select_for_update(of=("self",))
    while chunk := list(rows.values_list("pk", "campaign_id", "status")[:_CHUNK]):
        _forget(chunk)
        ids = [pk for pk, _, _ in chunk]
        Part.objects.filter(owner__in=ids).delete()
        Message.objects.filter(pk__in=ids).delete()
        deleted += len(ids)
    return deleted


def _texts(organization: Organization, number: str) -> int:
    """Delete texts from the number with their PDUs, in any spelling, and PDUs that belong to no
    text."""
    texts = InboundMessage.objects.filter(organization=organization, sender=number)
    near_misses.delete_of(texts)
    deleted = inbound.delete_texts(texts)
    rows = InboundPdu.objects.filter(organization=organization, source__in=_spellings(number))
    return deleted + _deleted(rows)


def _forget(chunk: Iterable[tuple[str, str | None, str]]) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for _, campaign_id, status in chunk:
        if campaign_id:
            counts[campaign_id][status] += 1
    for campaign in Campaign.objects.select_for_update().filter(pk__in=counts).order_by("pk"):
        forgotten = Counter(campaign.forgotten) + counts[campaign.pk]
        Campaign.objects.filter(pk=campaign.pk).update(forgotten=forgotten)


def _strays(organization: Organization, number: str) -> QuerySet[StrayReceipt]:
    """Stray receipts that name the number. They are read one by one: no index covers numbers in a
    list, and they are kept only for a week."""
    wanted = set(_spellings(number))
    rows = StrayReceipt.objects.filter(organization=organization).order_by()
    found = rows.values_list("pk", "numbers").iterator(chunk_size=_CHUNK)
    keys = [pk for pk, numbers in found if not wanted.isdisjoint(numbers)]
    return StrayReceipt.objects.filter(pk__in=keys)


def _spellings(number: str) -> list[str]:
    """The spellings that carriers use as source address: E.164, without the plus, with 00."""
    return [number, number[1:], f"00{number[1:]}"]


def _naming(number: str) -> Q:
    """Events whose body has the number, in the clear or by its digest in a sealed body."""
    clear, *digests = sealing.spellings(number)
    named = Q(body__contains=f'"{clear}"')
    for each in digests:
        named |= Q(body__contains=each)
    return named


def _deleted(rows: QuerySet) -> int:
    count = rows.count()
    rows.delete()
    return count
