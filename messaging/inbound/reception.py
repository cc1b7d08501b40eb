"""Receive texts, a page at a time: from PDUs to rows, answers and events.

1. Decode them and read their numbers (`decoding`, `addresses`).
2. Find the organisation's number, the keyword, and the message that they answer (`own_numbers`,
   `replies`).
3. Call the readers of other packages (`arrival.register`), then answer (`answers`).
4. Write the rows, queue texts for platforms (`access_queue`), and emit events (`events`).
"""

from __future__ import annotations

from collections.abc import Sequence

from messaging import bulk
from messaging.countries import country_of
from messaging.inbound import access_queue, addresses, answers, decoding, events, replies
from messaging.inbound.addresses import Address
from messaging.inbound.arrival import Arrival, unanswered
from messaging.inbound.decoding import Encoded
from messaging.inbound.facts import Facts, Numbers
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.inbound.parts import Told
from messaging.own_numbers import keywords
from messaging.smpp.protocol.data_coding import Charset

_NEW = (
    "id", "organization_id", "credential_id", "number_id", "sender", "receiver", "from_is_e164",
    "body", "charset", "segments", "complete", "keyword", "in_reply_to", "answer_id",
    "answer_error", "received_at", "created_at",
)  # fmt: skip


def tell(told: Sequence[Told], facts: Facts) -> None:
    """Create a message for each text and link its PDUs to it. PDUs without an organisation stay as
    they are."""
    known = [each for each in told if each.rows[0].organization_id is not None]
    for each in told:
        for row in each.rows:
            row.due_at = None
    if not known:
        return
    arrivals = [Arrival(_message(each, facts), each) for each in known]
    numbers = _read_addresses(arrivals, facts)
    replies.find([each.message for each in arrivals])
    answers.answer(unanswered(arrivals), numbers)
    rows = [tuple(getattr(each.message, name) for name in _NEW) for each in arrivals]
    bulk.insert(InboundMessage, _NEW, rows)
    for each in arrivals:
        for row in each.told.rows:
            row.message_id = each.message.pk
    access_queue.add(arrivals)
    events.emit(arrivals)


def _message(told: Told, facts: Facts) -> InboundMessage:
    first = told.rows[0]
    bind = facts.bind(first.credential_id)
    parts = [_encoded(row) for row in told.rows]
    return InboundMessage(
        organization_id=first.organization_id,
        credential_id=first.credential_id,
        body=decoding.text_of(parts, of=told.of, default=bind.charset),
        charset=decoding.charset(parts[0], bind.charset),
        segments=told.of,
        complete=told.is_whole,
        received_at=max(row.received_at for row in told.rows),
    )


def _encoded(row: InboundPdu) -> Encoded:
    return Encoded(row.part, bytes.fromhex(row.octets), row.esm_class, row.data_coding)


def _read_addresses(arrivals: Sequence[Arrival], facts: Facts) -> Numbers:
    """Fill in sender, receiver, number and keyword. Return the registered numbers among them."""
    read = []
    for each in arrivals:
        row = each.told.rows[0]
        to = _address(row, "dest", facts, None)
        own = country_of(to.text) if to.is_e164 else None
        read.append((each, row, to, _address(row, "source", facts, own)))
    numbers = Numbers(
        {each.message.organization_id for each in arrivals},
        {text for _, row, to, source in read for text in (*_spellings(row, to), source.text)},
    )
    for each, row, to, source in read:
        each.number = numbers.at(facts.bind(row.credential_id), _spellings(row, to))
        if each.number:
            to = Address(each.number.number, to.is_e164)
            if not source.is_e164 and len(each.number.countries) == 1:
                source = _address(row, "source", facts, each.number.countries[0])
        _fill(each, to, source)
    return numbers


def _fill(arrival: Arrival, to: Address, source: Address) -> None:
    message, number = arrival.message, arrival.number
    message.sender, message.from_is_e164 = source.text, source.is_e164
    message.receiver = to.text
    if number is None:
        return
    message.number_id = number.id
    if message.charset != Charset.BINARY and not _is_cut(message):
        arrival.keyword = keywords.find(number.keywords, message.body)
    if arrival.keyword:
        message.keyword = arrival.keyword["word"]


def _is_cut(message: InboundMessage) -> bool:
    """Whether the first word may be incomplete."""
    return not message.complete and decoding.MISSING in "".join(message.body.split()[:1])


def _address(row: InboundPdu, which: str, facts: Facts, here: str | None) -> Address:
    text = row.source if which == "source" else row.destination
    name = "source_addr" if which == "source" else "dest_addr"
    ton, npi = (int(row.fields.get(f"{name}_{kind}", 0)) for kind in ("ton", "npi"))
    is_plain = ton == addresses.INTERNATIONAL and not text.startswith("0")
    listed = () if is_plain else facts.countries(row.credential_id)  # only then needed
    return addresses.read(text, ton, npi, addresses.countries_of(listed, fallback=here), here)


def _spellings(row: InboundPdu, to: Address) -> tuple[str, ...]:
    """The spellings under which the destination may be registered."""
    came = row.destination.strip()
    return tuple(dict.fromkeys((to.text, came, f"+{came}")))
