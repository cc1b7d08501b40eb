"""Automatic answers to texts: the keyword's that the text begins with, else the number's.

The sender may be a machine that answers as well; the two would go on at the organisation's cost. So
a sender gets the answer of one keyword at most INBOUND_ANSWER_LIMIT times. No answer goes to names
and short codes, to the organisation's own numbers, to texts that repeat our answer, to texts within
`TOO_QUICK` of an answer, or to texts with missing parts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from messaging.carriers import ranking
from messaging.carriers.models import Carrier
from messaging.carriers.ranking import RouteCandidate
from messaging.carriers.selectors import candidates
from messaging.countries import country_of
from messaging.inbound.arrival import Arrival
from messaging.inbound.facts import Numbers
from messaging.inbound.models import ID_PREFIX, InboundMessage
from messaging.messages import services
from messaging.messages.models import Message
from messaging.opt_outs.models import Kind
from messaging.own_numbers.selectors import Account, Registered
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.api.throttling import Rate
from orbit.ids import surely_before

TOO_QUICK = timedelta(seconds=10)
ANSWER_TO = "answer_to"  # in the answer's metadata: the id of the text

Bound = tuple[str | None, str, str]
"""Number, sender, keyword: what INBOUND_ANSWER_LIMIT counts."""


@dataclass(frozen=True)
class Answer:
    """The answer to a text."""

    arrival: Arrival
    text: str

    @property
    def message(self) -> InboundMessage:
        return self.arrival.message


def answer(arrivals: Iterable[Arrival], numbers: Numbers) -> None:
    """Send the answers to these texts, and set each text's `answer_id` or `answer_error`."""
    wanted = [each for each in arrivals if _wanted(each) and not _is_machine(each, numbers)]
    wanted = _within_limit(_not_too_quick(wanted))
    send([Answer(each, _wanted(each)) for each in wanted])


def send(answers: Iterable[Answer], *, confirming: Kind | None = None) -> None:
    """Send answers, each from the number that the text came to. `confirming`: they confirm STOP,
    START or HELP, and may go to opted-out numbers."""
    by_organization: dict[str, list[Answer]] = defaultdict(list)
    for each in answers:
        by_organization[each.message.organization_id].append(each)
    for organization in Organization.objects.filter(pk__in=by_organization).order_by("pk"):
        _send(organization, by_organization[organization.pk], confirming)


def _wanted(arrival: Arrival) -> str:
    """The text of its answer; "" for none."""
    if arrival.number is None:
        return ""
    if arrival.keyword:
        return arrival.keyword["answer"] or ""
    return arrival.number.default_answer or ""


def _is_machine(arrival: Arrival, numbers: Numbers) -> bool:
    message, number = arrival.message, arrival.number
    if not (message.complete and message.from_is_e164 and number):
        return True
    said = {each["answer"] for each in number.keywords} | {number.default_answer}
    is_echo = message.body.strip() in {text.strip() for text in said if text}
    return is_echo or numbers.is_own(message.organization_id, message.sender)


def _not_too_quick(arrivals: Sequence[Arrival]) -> list[Arrival]:
    asked = {each.message.in_reply_to for each in arrivals} - {""}
    rows = Message.objects.filter(pk__in=asked).order_by() if asked else ()
    answered = {row.pk: row.created_at for row in rows if ANSWER_TO in row.metadata}
    return [
        each
        for each in arrivals
        if each.message.in_reply_to not in answered
        or each.message.received_at - answered[each.message.in_reply_to] > TOO_QUICK
    ]


def _within_limit(arrivals: Sequence[Arrival]) -> list[Arrival]:
    rate = Rate.parse(settings.INBOUND_ANSWER_LIMIT)
    counts = _answered(arrivals, timedelta(seconds=rate.seconds)) if arrivals else Counter()
    kept = []
    for each in arrivals:
        counts[_bound(each.message)] += 1
        if counts[_bound(each.message)] <= rate.limit:
            kept.append(each)
    return kept


def _answered(arrivals: Sequence[Arrival], within: timedelta) -> Counter[Bound]:
    """How often each (number, sender, keyword) was answered within that time."""
    since = timezone.now() - within
    rows = InboundMessage.objects.filter(
        sender__in={each.message.sender for each in arrivals},
        organization__in={each.message.organization_id for each in arrivals},
        pk__gte=surely_before(ID_PREFIX, since),
        created_at__gte=since,
    ).exclude(answer_id="")
    return Counter(rows.order_by().values_list("number_id", "sender", "keyword"))


def _bound(message: InboundMessage) -> Bound:
    return message.number_id, message.sender, message.keyword


def _send(organization: Organization, answers: Sequence[Answer], confirming: Kind | None) -> None:
    numbers = [each.arrival.number for each in answers]
    carriers = _carriers(organization, {each.account for each in numbers if each})
    bodies = [_body(each, carriers) for each in answers]
    sent = services.create_many(organization=organization, bodies=bodies, confirming=confirming)
    for each, result in zip(answers, sent, strict=True):
        if isinstance(result, ApiError):
            each.message.answer_error = result.message
        else:
            each.message.answer_id = result.pk


def _body(
    answer: Answer, carriers: dict[Account, list[RouteCandidate]]
) -> dict[str, Any] | ApiError:
    """The answer as a validated body of `SmsSerializer`, or why it can't be sent."""
    message, number = answer.message, answer.arrival.number
    found = _ranked(carriers, number, message.sender)
    if not found or number is None:
        return ApiError("NO_ROUTE", "No carrier of yours sends to this number by this credential.")
    bound = next((each for each in found if each.bound), found[0])
    return {
        "to": message.sender,
        "body": answer.text,
        "sender": number.number,
        "carrier_id": bound.id,
        "metadata": {ANSWER_TO: message.pk},
    }


def _ranked(
    carriers: dict[Account, list[RouteCandidate]], number: Registered | None, to: str
) -> list[RouteCandidate]:
    if number is None:
        return []
    found = ranking.for_country(carriers.get(number.account, []), country_of(to))
    return [each for each in found if each.credential_id == number.credential_id] or found


def _carriers(
    organization: Organization, accounts: Collection[Account]
) -> dict[Account, list[RouteCandidate]]:
    """The organisation's carriers by the account that they send through."""
    own = Carrier.objects.filter(organization=organization).order_by()
    of = {
        pk: tuple(account)
        for pk, *account in own.values_list(
            "pk", "credential__host", "credential__port", "credential__system_id"
        )
    }
    found: dict[Account, list[RouteCandidate]] = defaultdict(list)
    for each in candidates(own):
        if of.get(each.id) in accounts:
            found[of[each.id]].append(each)
    return found
