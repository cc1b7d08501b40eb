"""What OpenAPI says of the routes: a decorator for each handler."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from messaging.webhooks.models import TEST_EVENT, Delivery, Event, EventType, Webhook
from messaging.webhooks.serializers import (
    NewWebhookSecretSerializer,
    NewWebhookSerializer,
    RotateSecretSerializer,
    WebhookDeliverySerializer,
    WebhookSecretSerializer,
    WebhookSerializer,
)
from orbit.api.schema import documented

_NOW = "2026-03-08T12:00:00Z"
_ID = "wh_0198f3a27b1c7d3e9a51c0ffee0ddba1"
_SECRET = {"set_at": _NOW, "previous_until": None}
_SIGNING = {"signing_secret": "whsec_…"}
_GRACE = {"set_at": _NOW, "previous_until": "2026-03-09T12:00:00Z"}
_BODY = {
    "url": "https://example.com/hooks/orbit",
    "events": [EventType.MESSAGE_DELIVERED.value, EventType.MESSAGE_FAILED.value],
    "description": "Status of messages",
    "active": True,
}
_MOMENT = datetime(2026, 3, 8, 12, tzinfo=UTC)
_WEBHOOK = Webhook(
    id=_ID,
    **_BODY,
    secret_set_at=_MOMENT,
    last_success_at=_MOMENT,
    created_at=_MOMENT,
    updated_at=_MOMENT,
)
_EXAMPLE = WebhookSerializer.represent(_WEBHOOK)
_NEW = _EXAMPLE | {"last_success_at": None} | _SIGNING
_EVENT_ID = "evt_0198f3a27b1c7d3e9a51c0ffee0ddba1"
_EVENT = {
    "id": _EVENT_ID,
    "type": TEST_EVENT,
    "created_at": _NOW,
    "data": {"webhook_id": _ID, "at": _NOW},
}
_DELIVERY = WebhookDeliverySerializer.represent(
    Delivery(
        id="dlv_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        event=Event(id=_EVENT_ID, type=TEST_EVENT, body=json.dumps(_EVENT)),
        url=_BODY["url"],
        due_at=_MOMENT,
        created_at=_MOMENT,
    )
)
_ONE = ("NOT_FOUND", "PRECONDITION_FAILED")
_WRITES = ("MISSING_REQUIRED_FIELD", "INVALID_WEBHOOK_URL", "INVALID_STATE")
_TAG = "webhooks"

listing = documented(
    summary="List webhooks",
    answer=WebhookSerializer,
    listed=True,
    errors=["INVALID_CURSOR"],
    example=_EXAMPLE,
)
create = documented(
    summary="Add a webhook",
    description="""Each event of one of its types is posted to `url` as JSON,
`{"id", "type", "created_at", "data"}`, with the headers `X-Devotel-Event-Id`,
`X-Devotel-Event-Type`, `X-Devotel-Delivery-Id` and

    X-Devotel-Signature: t=1772971200,v1=5f0c…

where `v1` is the HMAC-SHA256, in hex, of `<t>.<raw body>` with the signing secret, which is in this
answer and in no other, and `t` the Unix time of the attempt. While a rotation's grace lasts there
are two `v1`, the new secret's first.

Any 2xx within 30 s is success; redirects are not followed. Else it is tried again after 1 m, 5 m,
30 m, 2 h, 8 h and 24 h, and then is `dead`. An event may come twice or out of order: `id` tells.

`smpp.credential.bound` tells that a bind came up, `.unbound` that it was lost, or that nobody sees
it since the gateway is down, `.sync_failed` that the gateway could not be given a credential, or
for another reason than before. Their data is
`{credential_id, name, host, port, system_id, state, error, at}`. What you did yourself is none of
them: a credential that you disable or delete is not `unbound`.

`carrier.degraded` tells that a carrier with `quality_mode` `advise` or `enforce` delivers too
little in a country, `.restored` that it does well again. Their data is `{carrier_id, name, country,
level, before, quality_mode, delivery_rate, sample, from, to, at}`.

`message.received` tells of a phone's text that came to none of your numbers (`/v1/numbers`), or to
one without a `webhook_url` of its own. Its data is what `GET /v1/messages/{id}` answers, without
`raw`.

`contact.opted_out` and `contact.opted_in` tell of the list of opt-outs (`/v1/opt-outs`):
`{number, scope, source, opt_out_id, message_id}`.

The host's addresses have to be public, now and at each attempt. At most 100 webhooks.""",
    request=WebhookSerializer,
    answer=NewWebhookSerializer,
    status=201,
    errors=[*_WRITES, "QUOTA_EXCEEDED"],
    request_example=_BODY,
    example=_NEW,
)
get = documented(
    summary="Get a webhook", answer=WebhookSerializer, errors=["NOT_FOUND"], example=_EXAMPLE
)
replace = documented(
    summary="Replace a webhook",
    description="The whole body, as in POST; the secret stays. What waits goes to the new `url`. "
    "With `active: false` what waits is given up, and what happens meanwhile is not told.",
    request=WebhookSerializer,
    answer=WebhookSerializer,
    errors=[*_ONE, *_WRITES],
    request_example=_BODY,
    example=_EXAMPLE,
)
delete = documented(
    summary="Delete a webhook",
    description="What waits for it is given up.",
    status=204,
    errors=_ONE,
)
test = documented(
    summary="Send a test event",
    description=f"Posts `{TEST_EVENT}` to this webhook once, be it active or not; the list of its "
    "deliveries says what came of it.",
    answer=WebhookDeliverySerializer,
    status=202,
    errors=_ONE,
    example=_DELIVERY,
)
deliveries = documented(
    summary="List deliveries of a webhook",
    description="Of the last 30 days, unless this site is set otherwise. A key without "
    "`messages:read` gets numbers in part and no metadata, in `payload` and `response`.",
    answer=WebhookDeliverySerializer,
    listed=True,
    errors=["NOT_FOUND", "INVALID_CURSOR"],
    example=_DELIVERY
    | {
        "status": "delivered",
        "attempts": 1,
        "last_attempt_at": _NOW,
        "next_attempt_at": None,
        "response": {"status": 200, "body": "ok", "ms": 84},
    },
)
redeliver = documented(
    summary="Deliver again",
    description="One that is over is repeated as a new delivery of the same event, to the "
    "webhook's address of now; one that waits for its next attempt is attempted now.",
    answer=WebhookDeliverySerializer,
    status=202,
    errors=["NOT_FOUND"],
    example=_DELIVERY,
)
rotate = documented(
    summary="Give a webhook a new secret",
    description="The new secret is in this answer and in no other. For `grace_hours` each delivery "
    "carries two signatures, the new secret's first; 0 ends the old one at once. A rotation within "
    "the grace of another ends the oldest.",
    request=RotateSecretSerializer,
    answer=NewWebhookSerializer,
    errors=[*_ONE, "INVALID_STATE"],
    request_example={"grace_hours": 24},
    example=_EXAMPLE | {"secret": _GRACE} | _SIGNING,
)
own_secret = documented(
    summary="Is the organisation's webhook secret set?",
    description="It signs what is posted to a message's own `webhook_url`. Until there is one, "
    "these posts carry no signature.",
    answer=WebhookSecretSerializer,
    example=_SECRET,
    tag=_TAG,
)
rotate_own = documented(
    summary="Give the organisation a new webhook secret",
    description="Makes the first one, too. As for a webhook, for what is posted to messages' own "
    "`webhook_url`.",
    request=RotateSecretSerializer,
    answer=NewWebhookSecretSerializer,
    errors=["PRECONDITION_FAILED", "INVALID_STATE"],
    request_example={"grace_hours": 24},
    example=_GRACE | _SIGNING,
    tag=_TAG,
)
