"""What OpenAPI says of the routes: a decorator for each handler."""

from __future__ import annotations

from datetime import UTC, datetime

from messaging.messages.batch import SmsBatchSerializer
from messaging.messages.error_codes import OUTCOMES, SMPP
from messaging.messages.models import Message
from messaging.messages.serializers import (
    BatchSerializer,
    FeedbackSerializer,
    MessageSerializer,
    SmsSerializer,
)
from messaging.smpp.protocol.command_status import STATUSES
from orbit.api.schema import documented


def _codes() -> str:
    rows = (each for each in OUTCOMES if not each.code.startswith(SMPP))
    return "\n".join(f"| `{each.code}` | {each.of} | {each.title} |" for each in rows)


def _temporary() -> str:
    return "\n".join(f"| `{each.name}` | {each.why} |" for each in STATUSES.values() if each.why)


_ID = "msg_0198f3a27b1c7d3e9a51c0ffee0ddba1"
_NOW, _SENT, _DELIVERED = (f"2026-03-08T12:00:0{second}Z" for second in (0, 1, 4))
EXAMPLE = MessageSerializer.represent(
    Message(
        id=_ID,
        to="+14155552671",
        body="Your code is 4711",
        segments=1,
        encoding="gsm7",
        wanted_pool_id="pool_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        metadata={"order": "A-17"},
        events=[{"status": "queued", "at": _NOW, "detail": ""}],
        created_at=datetime(2026, 3, 8, 12, tzinfo=UTC),
        updated_at=datetime(2026, 3, 8, 12, tzinfo=UTC),
    )
)
DELIVERED_EXAMPLE = EXAMPLE | {
    "from": "+14155550100",
    "status": "delivered",
    "carrier_id": "carr_0198f3a27b1c7d3e9a51c0ffee0ddba1",
    "provider_id": "4344856347268729",
    "price": {"amount": "0.0045", "currency": "USD"},
    "events": [
        *EXAMPLE["events"],
        {"status": "sending", "at": _NOW, "detail": "through Verizon, from +14155550100"},
        {"status": "sent", "at": _SENT, "detail": ""},
        {"status": "delivered", "at": _DELIVERED, "detail": "DELIVRD (err 000)"},
    ],
    "updated_at": _DELIVERED,
    "sent_at": _SENT,
    "delivered_at": _DELIVERED,
    "finished_at": _DELIVERED,
}

send = documented(
    summary="Send an SMS",
    description="""The message is taken (202) and sent by a worker: read it at `Location`, or give
a `webhook_url`. It goes through the first bound carrier in the order for its country, or through
`carrier_id` alone, and it is handed to a carrier at most once.

Who sends: `from`, else the named pool, else a pool that is attached to the carrier. Nothing is
taken if none of them may send there (`NO_ELIGIBLE_SENDER`), or if no carrier takes the country
(`NO_ROUTE`). While no carrier is bound it waits.

A pool that is attached to carriers sends through those alone: a `carrier_id` that is not one of
them is refused with `NO_ROUTE` on `carrier_id`, in the words of the pool's preview. A text has to
fit into 10 segments of a carrier that has a sender for it, in that carrier's `gsm_data_coding`.

`from` is judged as the pool's preview judges its members. A name to a country that refuses names is
refused, with or without a pool. A member of the pool that is named along with it may send only
where that pool lets it; any other number or name is yours to use, and the pool then says only
through which carriers the message goes.

Each part carries the `tlvs` of the credential that the message leaves by, and its own `tlvs`,
which win where both name a tag. India's DLT wants 0x1400 (entity) and 0x1401 (template), for
example. A stock Jasmin puts none on its submits.

Each message counts against the organisation's limit of messages (`MESSAGE_RATE_LIMIT`), whichever
of its keys sends it: `X-MessageLimit-Limit`, `-Remaining`, and `-Reset`, the time (Unix seconds) at
which all of it is there again. It comes back evenly.""",
    request=SmsSerializer,
    answer=MessageSerializer,
    status=202,
    errors=[
        "MISSING_REQUIRED_FIELD",
        "INVALID_PHONE_NUMBER",
        "INVALID_WEBHOOK_URL",
        "NO_ELIGIBLE_SENDER",
        "NO_ROUTE",
    ],
    request_example={
        "to": "+14155552671",
        "body": "Your code is 4711",
        "sender_pool_id": EXAMPLE["sender_pool_id"],
        "metadata": {"order": "A-17"},
    },
    example=EXAMPLE,
)
batch = documented(
    summary="Send many SMS",
    description="""Takes up to 1,000 messages in one request. Each stands for itself: `results` has
an `id` for each that was taken, and for each other one the error that `POST …/sms` would have
answered. A field that a message does not name is taken from `defaults`; what it names wins.

Nothing is taken (422) if `messages` is no list of 1–1,000, or if a default is wrong, which is then
named once, as `defaults.FIELD`. Our choice: the body has at most 4 MiB and 100,000 values.

`Idempotency-Key` keeps the whole answer, refused messages included. The request counts as one
(`X-RateLimit-*`), and each of its messages against the organisation's limit of messages
(`X-MessageLimit-*`, `MESSAGE_RATE_LIMIT`). Over that the answer is 429, none is taken, and
`Retry-After` says when all of them will be. A batch of more messages than the limit is taken while
all of the limit is there; what comes after it waits until that is made up for.""",
    request=SmsBatchSerializer,
    answer=BatchSerializer,
    status=202,
    errors=["MISSING_REQUIRED_FIELD", "INVALID_PHONE_NUMBER", "INVALID_WEBHOOK_URL"],
    request_example={
        "defaults": {"body": "Your parcel is here", "from": "ACME"},
        "messages": [
            {"to": "+33639980001"},
            {"to": "+33639980002", "body": "Bonjour"},
            {"to": "+330639980003"},
        ],
    },
    example={
        "accepted": 2,
        "rejected": 1,
        "results": [
            {"index": 0, "id": _ID, "status": "queued"},
            {"index": 1, "id": "msg_0198f3a27b1c7d3e9a51c0ffee0ddba2", "status": "queued"},
            {
                "index": 2,
                "error": {
                    "code": "INVALID_PHONE_NUMBER",
                    "message": "to: Leave out the national prefix: +33639980003 in E.164.",
                    "field": "to",
                },
            },
        ],
    },
)
feedback = documented(
    summary="Say what came of a message",
    description="Receipts are the carrier's word; whether people typed the code is yours. A "
    "carrier of whose messages far fewer are converted than of the others' there is suspicious in "
    "`GET /v1/messaging/smpp/carriers/{id}/quality`. The last word on a message counts, once. A "
    "message that no carrier has taken is `INVALID_STATE`.",
    request=FeedbackSerializer,
    answer=FeedbackSerializer,
    errors=["NOT_FOUND", "MISSING_REQUIRED_FIELD", "INVALID_STATE"],
    request_example={"converted": True},
    example={"message_id": _ID, "converted": True, "at": "2026-03-08T12:00:00Z"},
)
# Of a message, for the routes that read it.
COURSE = f"""`status` moves forward only: `queued`, `sending`, `sent` (the carrier has it),
and one of the ends. Where it is not `delivered`, `error.code` says why; each code has a page under
[`/docs/errors`](/docs/errors):

| `error.code` | of | |
|---|---|---|
{_codes()}
| `ESME_…` | a failed message | what the carrier answered to the submit |

A status that SMPP does not name keeps its number: `ESME_0x00000401`.

**Receipts.** How the state's word begins says it, in any case: `DELIV…` is delivered, `UNDEL…`,
`REJ…`, `FAIL…`, `DELET…` and `SKIP…` are not, `EXPIR…` is expired; `ENROUTE`, `ACCEPT…`, `BUFF…`,
`SCHED…`, `ACKED` and `SENT` end nothing. `UNKNOWN`, once the carrier has the message, is an event:
it stays `sent` until another receipt, or the time-out. Events and `error` have the carrier's code
as it wrote it. A receipt counts for the message with its id, in any spelling that
`message_id_format` allows, that went to its number. A phone's text that reads like a receipt counts
for nothing.

**Long texts.** Each part asks for a receipt. The worst end wins: a part that is not delivered ends
the message, and it is `delivered` once all parts are. Our choice: where a carrier reports one part
only, that one settles the message after 60 s without a word on the others, and an event says so.
If the carrier takes some parts and refuses another, the message is `undelivered` with the refusal
as `error.code`, and is never sent again.

**Refusals for now** end nothing: the message is tried again at the same carrier, three times in
all, then at the next one in the order, for as long as messages wait. Each reason is one event that
counts: `… (3 times)`.

| the carrier answers | why it is tried again |
|---|---|
{_temporary()}"""
