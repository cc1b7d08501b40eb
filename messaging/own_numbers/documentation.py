"""What OpenAPI says of the routes: a decorator for each handler."""

from __future__ import annotations

from datetime import UTC, datetime

from messaging.own_numbers.models import OwnNumber
from messaging.own_numbers.serializers import NumberSerializer, SuggestedNumbersSerializer
from orbit.api.schema import documented

ID = "num_0198f3a27b1c7d3e9a51c0ffee0ddba1"
_MOMENT = datetime(2026, 3, 8, 12, tzinfo=UTC)
_BODY = {
    "number": "38080",
    "countries": ["FR"],
    "credential_id": "cred_0198f3a27b1c7d3e9a51c0ffee0ddba1",
    "webhook_url": "https://example.com/hooks/texts",
    "keywords": [
        {"word": "HOURS", "webhook_url": None, "answer": "We are here from 9 to 17."},
        {"word": "ORDER", "webhook_url": "https://example.com/hooks/orders", "answer": None},
    ],
    "default_answer": "Write HOURS or ORDER.",
}
_EXAMPLE = NumberSerializer.represent(
    OwnNumber(id=ID, created_at=_MOMENT, updated_at=_MOMENT, **_BODY)
)
_ONE = ("NOT_FOUND", "PRECONDITION_FAILED")

listing = documented(
    summary="List numbers",
    answer=NumberSerializer,
    listed=True,
    errors=["INVALID_CURSOR"],
    example=_EXAMPLE,
)
create = documented(
    summary="Add a number",
    description="""A number or short code of yours at which texts come in by `credential_id`, once
a credential. What is not here is received, kept and shown all the same, and goes to your webhooks
that ask for `message.received`.

**Where a text goes.** `keywords` are compared with its first word, in any case and width, without
the punctuation around it. The event `message.received` goes to the keyword's `webhook_url`, else to
the number's, else to your webhooks: to one of these only. What goes to a `webhook_url` is signed
with the organisation's webhook secret. With `route: access` there is no event: the text goes to
your own platform, on its access bind; with `both` to each.

**Answers.** The keyword's `answer`, else, where no keyword was found, `default_answer` is sent from
this number to the sender, by a carrier of this credential, as a message like others: it is listed,
priced and gated as those are, and `metadata.answer_to` has the id of the text. Nobody gets
the same keyword's answer twice in a day (`INBOUND_ANSWER_LIMIT`), and machines get none: senders
that are no numbers in E.164, numbers of yours, texts that repeat what was answered, and those that
come within ten seconds of an answer. Why an answer could not be sent stands in the text's
`answer.error`.""",
    request=NumberSerializer,
    answer=NumberSerializer,
    status=201,
    errors=["MISSING_REQUIRED_FIELD", "INVALID_WEBHOOK_URL", "QUOTA_EXCEEDED"],
    request_example=_BODY,
    example=_EXAMPLE,
)
suggestions = documented(
    summary="List numbers that you could add",
    description="Numbers and short codes of your sender pools, with the credentials of the "
    "carriers that they send through, as far as those can receive. At most 1,000.",
    answer=SuggestedNumbersSerializer,
    example={
        "numbers": [
            {name: _EXAMPLE[name] for name in ("number", "countries", "credential_id")}
            | {"sender_pool_id": "pool_0198f3a27b1c7d3e9a51c0ffee0ddba1"}
        ]
    },
)
get = documented(
    summary="Get a number", answer=NumberSerializer, errors=["NOT_FOUND"], example=_EXAMPLE
)
update = documented(
    summary="Change a number",
    description="Applies to texts that come from now on. `keywords` replaces the list.",
    request=NumberSerializer,
    answer=NumberSerializer,
    errors=[*_ONE, "INVALID_WEBHOOK_URL", "INVALID_STATE"],
    request_example={"default_answer": None},
    example=_EXAMPLE,
)
delete = documented(
    summary="Delete a number",
    description="Texts that came to it stay, and have its id.",
    status=204,
    errors=_ONE,
)
