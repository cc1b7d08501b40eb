"""What OpenAPI says of the routes that read messages: a decorator for each handler."""

from __future__ import annotations

from datetime import UTC, datetime

from messaging.inbound.models import InboundMessage
from messaging.inbound.serializers import InboundMessageDetailSerializer, InboundMessageSerializer
from messaging.messages.documentation import COURSE, DELIVERED_EXAMPLE
from messaging.messages.serializers import MessageSerializer
from messaging.smpp.protocol.data_coding import Charset
from orbit.api.schema import OneOf, documented

_MOMENT = datetime(2026, 3, 8, 12, tzinfo=UTC)
EXAMPLE = InboundMessageSerializer.represent(
    InboundMessage(
        id="msg_0198f3a27b1c7d3e9a51c0ffee0ddba2",
        credential_id="cred_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        number_id="num_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        sender="+33612345678",
        receiver="38080",
        from_is_e164=True,
        body="Order 4711, please",
        charset=Charset.GSM7,
        segments=1,
        complete=True,
        keyword="ORDER",
        in_reply_to=DELIVERED_EXAMPLE["id"],
        received_at=_MOMENT,
        created_at=_MOMENT,
    )
)

listing = documented(
    summary="List messages",
    description="""All that are kept, newest first: those under way, and for 30 days
(`RETENTION_MESSAGES_DAYS`) those that have ended, and texts of phones. Nothing but your filters
narrows this: a search by `to` covers all of it, not a day.

`direction` says which: `outbound` (default), `inbound`, or `any` for both in one list.

`to` and `from` take E.164, or a national form such as `0612345678`. That is read in each country
that one of your carriers lists and where it can be a number; a message to any of these is found. If
no carrier lists such a country the answer is `INVALID_PHONE_NUMBER` and says so. Of texts of phones
they also take a short code or a name. `from` and `number_id` need `direction=inbound`.""",
    answer=OneOf("AnyMessage", (MessageSerializer, InboundMessageSerializer)),
    listed=True,
    errors=["INVALID_CURSOR", "INVALID_PHONE_NUMBER"],
    example=DELIVERED_EXAMPLE,
)
get = documented(
    summary="Get a message",
    description=f"""{COURSE}

**Texts of phones** have `direction: inbound`, and end as they begin: `received`. `from` is E.164
where it can be read so: by the type of number that the carrier gives, by its digits, and, for a
national number, by the countries of the carriers of this account; what could be several numbers
stays as it came (`from_is_e164: false`). Parts are joined in whatever order they come, on whatever
bind of the account, and decoded then. Parts that the carrier repeats are dropped. What is not whole
within `inbound_parts_timeout` of the credential is told as far as it came, with `complete: false`
and `…` where parts are missing. Phones use references of parts again, so a part can fit to two
texts: our choice is to tell such parts one by one rather than to join what does not belong
together. `raw` has what the carrier sent, and is here alone, not in lists and events.

**On your access bind** (numbers with `route` `access` or `both`) each PDU that it came in is a
deliver_sm: octets, data_coding, header and TLVs as the carrier sent them. It waits until your
platform is bound, and is `delivered` once that has answered deliver_sm_resp with status 0;
ESME_RX_P_APPN and ESME_RX_R_APPN refuse it for good, after any other status it comes again.

**Automatic answers** are those of your numbers (`/v1/numbers`).""",
    answer=OneOf("AnyMessageDetail", (MessageSerializer, InboundMessageDetailSerializer)),
    errors=["NOT_FOUND"],
    example=EXAMPLE
    | {
        "access_delivery": None,
        "raw": {
            "data_coding": 0,
            "esm_class": 0,
            "parts": ["4f7264657220343731312c20706c65617365"],
            "tlvs": [],
        },
    },
)
