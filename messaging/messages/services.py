"""Creating messages. `dispatch` sends them."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.utils import timezone

from messaging import bulk
from messaging.countries import country_of
from messaging.messages.admission import Admission, Fields
from messaging.messages.dispatch import enqueue
from messaging.messages.models import ID_PREFIX, Message
from messaging.messages.transitions import add_event
from messaging.opt_outs import gate
from messaging.opt_outs.models import Kind
from messaging.smpp.protocol.segmentation import Encoded, encode
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.ids import new_id

# What `build` fills in; every other column of a new message has its default.
NEW = (
    "id", "organization_id", "to", "country", "body", "encoding", "segments", "wanted_sender",
    "wanted_pool_id", "wanted_carrier_id", "webhook_url", "metadata", "tlvs", "events",
    "next_attempt_at", "created_at", "updated_at",
)  # fmt: skip


def create(*, organization: Organization, fields: Fields) -> Message:
    """Take a message and have it dispatched on commit. `fields`: as validated by SmsSerializer.

    Raises OPTED_OUT, NO_ROUTE, NO_ELIGIBLE_SENDER, INVALID_WEBHOOK_URL, VALIDATION_ERROR on the
    pool or the carrier. It is not in the audit: each message has its own events.
    """
    text = Admission(organization, [fields]).check(fields)
    message = build(organization_id=organization.pk, text=text, **fields)
    store(organization.pk, [message])
    return message


def create_many(
    *,
    organization: Organization,
    bodies: Sequence[Fields | ApiError],
    confirming: Kind | None = None,
) -> list[Message | ApiError]:
    """Take each message as `create` would; the error of one that can't be taken is in its place.

    Rows are read, inserted and queued for dispatch once for all. `confirming`: they answer STOP,
    START or HELP, and go to numbers that have opted out, too.
    """
    fields = (each for each in bodies if isinstance(each, dict))
    admission = Admission(organization, fields, gated=confirming is None)
    results = [_built(organization.pk, admission, each) for each in bodies]
    taken = [each for each in results if isinstance(each, Message)]
    if confirming:
        gate.let_through(confirming, taken)
    store(organization.pk, taken)
    return results


def _built(
    organization_id: str, admission: Admission, fields: Fields | ApiError
) -> Message | ApiError:
    if isinstance(fields, ApiError):
        return fields
    try:
        text = admission.check(fields)
    except ApiError as error:
        return error
    return build(organization_id=organization_id, text=text, **fields)


def store(organization_id: str, messages: Sequence[Message]) -> None:
    """Insert built messages in one statement, and have them dispatched on commit."""
    if messages:
        of = attrgetter(*NEW)
        bulk.insert(Message, NEW, [of(message) for message in messages])
        for message in messages:
            message._state.adding = False
        enqueue.wake_on_commit(organization_id)


def build(
    *,
    organization_id: str,
    to: str,
    body: str,
    sender: str = "",
    sender_pool_id: str | None = None,
    carrier_id: str | None = None,
    webhook_url: str = "",
    metadata: dict[str, Any] | None = None,
    tlvs: list[dict[str, Any]] | None = None,
    text: Encoded | None = None,
) -> Message:
    """A queued message, not saved yet: `store` does that. Raises TextTooLong.

    `sender`, `sender_pool_id` and `carrier_id` are what the message asks for. `text`: the body as
    a carrier would take it, if that is known already; it is encoded again for the carrier that is
    chosen.
    """
    text, now = text or encode(body), timezone.now()
    columns = _DEFAULTS | {
        "id": new_id(ID_PREFIX),
        "organization_id": organization_id,
        "to": to,
        "country": country_of(to) or "",
        "body": body,
        "encoding": text.encoding.name,
        "segments": text.segments,
        "wanted_sender": sender,
        "wanted_pool_id": sender_pool_id,
        "wanted_carrier_id": carrier_id,
        "webhook_url": webhook_url,
        "metadata": metadata or {},
        "tlvs": tlvs or [],
        "events": [],
        "next_attempt_at": now,
        "created_at": now,
        "updated_at": now,
    }
    message = Message(*columns.values())  # in order: by name takes three times as long
    add_event(message, message.status, at=now)
    return message


# Every column in its order; `build` fills in those whose default is made anew.
_DEFAULTS = {
    field.attname: None if callable(field.default) else field.get_default()
    for field in Message._meta.concrete_fields
}
