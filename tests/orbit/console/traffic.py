"""What went out lately: messages, campaigns and webhooks, of the carriers that there are."""

from __future__ import annotations

from datetime import datetime, timedelta

from messaging.campaigns.models import Campaign
from messaging.carriers.models import Carrier
from messaging.inbound.models import InboundMessage, InboundPdu
from messaging.messages.models import UNFINISHED, Message
from messaging.opt_out_texts.models import NearMiss
from messaging.opt_outs.models import OptOut
from messaging.own_numbers.models import OwnNumber
from messaging.pools.models import SenderPool
from messaging.receipts.models import StrayReceipt
from messaging.webhooks.models import Delivery, Event, Webhook
from orbit.api.envelope import timestamp
from tests.factories import made_at

PATH_SECRET = "T0K3N-in-the-path"
BUSY = 12  # carriers
MESSAGES = 300
TEXT = "Your code is 493 027"
SAID = "Please call me back about basket 7731"
_STATES = ["delivered"] * 5 + ["sent", "queued", "sending", "undelivered", "failed", "expired"]
_STATES += ["submitted_no_receipt", "delivered"]
_ERRORS = {
    "failed": ("NO_ROUTE", "No carrier in use takes numbers of BR."),
    "undelivered": ("UNDELIV", "The carrier says that it could not be delivered."),
    "expired": ("EXPIRED", "The carrier gave up."),
    "submitted_no_receipt": ("OUTCOME_UNKNOWN", "The carrier may have it; nobody knows."),
}
_CAMPAIGNS = ["sending", "paused", "completed", "draft", "scheduled", "cancelled"]


def build_traffic(carriers: list[Carrier], pools: list[SenderPool], now: datetime) -> None:
    """As many messages as there are carriers, `MESSAGES` at least, over an hour and a half; a few
    campaigns; a few webhooks with deliveries."""
    campaigns = Campaign.objects.bulk_create(
        _campaign(number, pools[number % len(pools)], now)
        for number in range(max(len(_CAMPAIGNS), len(pools)))
    )
    messages = Message.objects.bulk_create(
        _message(number, carriers[number % min(BUSY, len(carriers))], campaigns, now)
        for number in range(max(MESSAGES, len(carriers)))
    )
    StrayReceipt.objects.bulk_create(
        _stray(number, carriers[number % BUSY % len(carriers)], messages[number], now)
        for number in range(len(carriers))
    )
    _build_inbound(carriers[:BUSY], messages, now)
    webhooks = Webhook.objects.bulk_create(
        _webhook(number, carrier, now) for number, carrier in enumerate(carriers[: len(pools)])
    )
    told = [message for message in messages if message.sent_at]
    events = Event.objects.bulk_create(_event(message) for message in told)
    Delivery.objects.bulk_create(
        _delivery(number, event, webhook, now)
        for number, event in enumerate(events)
        for webhook in webhooks[:4]
        if webhook.organization_id == event.organization_id
    )


def _build_inbound(carriers: list[Carrier], messages: list[Message], now: datetime) -> None:
    """A number on each credential, and for every other message a text from whom it went to."""
    numbers = OwnNumber.objects.bulk_create(
        _number(number, carrier) for number, carrier in enumerate(carriers)
    )
    of = {each.organization_id: each for each in reversed(numbers)}
    texts = InboundMessage.objects.bulk_create(
        _text(number, message, of[message.organization_id], now)
        for number, message in enumerate(messages[::2])
    )
    _build_opt_outs(texts, now)
    InboundPdu.objects.bulk_create(
        _pdu(number, text, part)
        for number, text in enumerate(texts)
        for part in range(1, text.segments + 1)
        if text.complete or part < text.segments
    )


def _build_opt_outs(texts: list[InboundMessage], now: datetime) -> None:
    """Of a quarter of the texts: their senders want nothing more, or nearly said so."""
    sources = ["keyword", "api", "import", "console"]
    people = {(each.organization_id, each.sender): each for each in texts[::4]}
    OptOut.objects.bulk_create(
        OptOut(
            organization_id=text.organization_id, number=text.sender,
            scope="ACME" if place % 5 == 4 else "organization", source=sources[place % 4],
            message_id=text.pk if place % 4 == 0 else "",
            reason=f"asked by phone from {text.sender}" if place % 4 == 3 else "",
            created_at=now - timedelta(minutes=place),
        )
        for place, text in enumerate(people.values())
    )  # fmt: skip
    NearMiss.objects.bulk_create(
        NearMiss(message_id=text.pk, organization_id=text.organization_id, word="STOP")
        for text in texts[3::20]
    )


def _number(number: int, carrier: Carrier) -> OwnNumber:
    short = number % 2
    return OwnNumber(
        organization_id=carrier.organization_id,
        credential_id=carrier.credential_id,
        number=f"38{number:03}" if short else f"+337000{number:05}",
        countries=["FR"] if short else [],
        route=["webhook", "access", "both"][number % 3],
        webhook_url=f"https://texts{number}.example.com/in/{PATH_SECRET}" if short else None,
        keywords=[
            {"word": "HOURS", "webhook_url": None, "answer": "We are here from 9 to 17."},
            {
                "word": "ORDER",
                "webhook_url": f"https://o.test/{PATH_SECRET}",
                "answer": None,
            },
        ],
        default_answer="Write HOURS or ORDER." if short else None,
    )


def _text(number: int, message: Message, own: OwnNumber, now: datetime) -> InboundMessage:
    at = min(message.created_at + timedelta(seconds=40), now)
    lacks, registered = number % 17 == 5, number % 5 < 4
    return InboundMessage(
        id=made_at("msg", at),
        organization_id=message.organization_id,
        credential_id=own.credential_id,
        number_id=own.pk if registered else None,
        sender=message.to,
        receiver=own.number if registered else "39999",
        from_is_e164=True,
        body=f"HOURS {SAID}",
        charset="gsm7",
        segments=2 if lacks else number % 3 + 1,
        complete=not lacks,
        keyword="HOURS" if registered else "",
        in_reply_to=message.pk,
        answer_error="No carrier of yours sends to this number by this credential."
        if registered and number % 13 == 3
        else "",
        received_at=at,
        created_at=at,
    )


def _pdu(number: int, text: InboundMessage, part: int) -> InboundPdu:
    return InboundPdu(
        organization_id=text.organization_id, credential_id=text.credential_id, account="a" * 32,
        source=text.sender.removeprefix("+"), destination=text.receiver.removeprefix("+"),
        esm_class=0x40 if text.segments > 1 else 0, data_coding=0, octets=SAID.encode().hex(),
        fields={}, tlvs=[], raw="00", digest=f"{number:04}{part:060}", log="log-1",
        number=number * 10 + part, received_at=text.received_at, message_id=text.pk, part=part,
        of=text.segments, copies=[{"at": "", "session": "", "log": "", "number": 1}] * (part == 3),
    )  # fmt: skip


def _stray(number: int, carrier: Carrier, message: Message, now: datetime) -> StrayReceipt:
    """Two in three have an id that matches nothing; of the others the form is not known."""
    known = number % 3 < 2
    return StrayReceipt(
        organization_id=carrier.organization_id,
        credential_id=carrier.credential_id,
        account="a" * 32,
        kind="unmatched" if known else "unknown_form",
        ids=[f"{number:010}"] if known else [],
        word="DELIVRD" if known else "",
        error="000" if known else "",
        numbers=[message.to.removeprefix("+"), "ACME"],
        text="id:1 stat:DELIVRD" if known else "00,2601010102,,33612345678,ACME,A1B2C3",
        near="The ids of its receipts are decimal: set `message_id_format` to `receipt_decimal`."
        if number % 3 == 0
        else "",
        raw="00",
        log="log-1",
        number=number,
        received_at=now - timedelta(minutes=number),
    )


def _campaign(number: int, pool: SenderPool, now: datetime) -> Campaign:
    status = _CAMPAIGNS[number % 6]
    began = status not in ("draft", "scheduled")
    return Campaign(
        id=made_at("cmp", now - timedelta(hours=number)),
        organization_id=pool.organization_id,
        name=f"Spring sale {number + 1}",
        body="Hello {{name}}, our spring sale has begun.",
        sender_pool=pool,
        status=status,
        throughput=[None, 20, 100][number % 3],
        recipients_total=12_400,
        fed={"sending": 5_100, "paused": 8_300, "completed": 12_400, "cancelled": 400}.get(
            status, 0
        ),
        common_variables=["name"],
        scheduled_at=now + timedelta(days=2) if status == "scheduled" else None,
        started_at=now - timedelta(minutes=50) if began else None,
        finished_at=now if status in ("completed", "cancelled") else None,
    )


def _message(number: int, carrier: Carrier, campaigns: list[Campaign], now: datetime) -> Message:
    created = now - timedelta(seconds=17 * number % 5400 + 5)
    status = _STATES[number % len(_STATES)]
    over = created + timedelta(seconds=4)
    waits = status in ("queued", "sending")
    is_sent = not waits and status != "failed"
    own = [each for each in campaigns if each.organization_id == carrier.organization_id]
    code, why = _ERRORS.get(status, ("", ""))
    steps = ["queued"] + ["sending"] * (not waits) + ["sent"] * is_sent
    steps += [status] * (status not in (*steps, "queued"))
    chosen = None if waits or status == "failed" else carrier
    return Message(
        id=made_at("msg", created),
        organization_id=carrier.organization_id,
        campaign=own[number // 4 % len(own)] if own else None,
        to=f"+336{number:08}",
        country="FR",
        sender="ACME" if chosen else "",
        body=TEXT,
        encoding="gsm7",
        segments=number % 3 + 1,
        status=status,
        wanted_carrier=carrier if number % 4 == 0 else None,
        carrier=chosen,
        credential_id=chosen and carrier.credential_id,
        price_amount="0.0325" if chosen else None,
        price_currency="EUR" if chosen else "",
        error_code=code,
        error_message=why,
        metadata={"order": f"basket-{number}"},
        webhook_url=f"https://hooks.example.com/{PATH_SECRET}" if number % 9 == 0 else "",
        events=[
            {
                "status": step,
                "at": timestamp(created + timedelta(seconds=place)),
                "detail": why if step == status else "",
            }
            for place, step in enumerate(steps)
        ],
        attempt=1,
        created_at=created,
        sent_at=over - timedelta(seconds=1) if is_sent else None,
        finished_at=None if status in UNFINISHED else over,
    )


def _webhook(number: int, carrier: Carrier, now: datetime) -> Webhook:
    fails = number % 3 == 1
    return Webhook(
        organization_id=carrier.organization_id,
        url=f"https://hooks{number}.example.com/in/{PATH_SECRET}",
        events=[["*"], ["message.delivered", "message.failed", "campaign.completed"]][number % 2],
        description="Orders",
        active=number % 5 != 4,
        secret_set_at=now - timedelta(days=3),
        last_success_at=now - timedelta(minutes=number % 60),
        last_failure_at=now - timedelta(minutes=2) if fails else None,
        last_failure="HTTP 503" if fails else "",
    )


def _event(message: Message) -> Event:
    return Event(
        id=made_at("evt", message.sent_at),
        organization_id=message.organization_id,
        type="message.sent",
        body=f'{{"data":{{"message_id":"{message.pk}"}}}}',
        created_at=message.sent_at,
    )


def _delivery(number: int, event: Event, webhook: Webhook, now: datetime) -> Delivery:
    status = ["delivered", "dead", "pending", "delivered"][number % 4]
    failed = status != "delivered"
    return Delivery(
        id=made_at("dlv", event.created_at),
        event=event,
        webhook=webhook,
        url=webhook.url,
        lane=f"{event.organization_id} {webhook.url[:28]}",
        status=status,
        due_at=now + timedelta(minutes=4),
        attempts={"delivered": 1, "dead": 6, "pending": 2}[status],
        attempted_at=now - timedelta(minutes=1),
        error="HTTP 503" if failed else "",
        response_status=503 if failed else 200,
        response_body="Service Unavailable: the queue is full" if failed else "ok",
        response_ms=41 + number % 90,
    )
