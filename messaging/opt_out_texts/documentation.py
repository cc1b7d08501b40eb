"""What OpenAPI says of the routes: a decorator for each handler."""

from __future__ import annotations

from datetime import UTC, datetime

from messaging.inbound.models import InboundMessage
from messaging.opt_out_texts.models import NearMiss
from messaging.opt_out_texts.selectors import Shown
from messaging.opt_out_texts.serializers import DecisionSerializer, NearMissSerializer
from orbit.api.schema import documented

_ID = "msg_0198f3a27b1c7d3e9a51c0ffee0ddba1"
_EXAMPLE = NearMissSerializer.represent(
    Shown(
        NearMiss(message_id=_ID, word="STOP", created_at=datetime(2026, 3, 8, 12, tzinfo=UTC)),
        InboundMessage(sender="+33639980001", receiver="38080", body="please don't stop sending"),
    )
)

listing = documented(
    summary="List texts that may ask for an opt-out",
    description="They have a keyword in them and say more, so that they changed nothing: a person "
    "decides. They go when their texts do. A key without `messages:read` gets no texts: `from`, "
    "`to` and `body` are null.",
    answer=NearMissSerializer,
    listed=True,
    errors=["INVALID_CURSOR"],
    example=_EXAMPLE,
)
decide = documented(
    summary="Decide on such a text",
    request=DecisionSerializer,
    answer=NearMissSerializer,
    errors=["NOT_FOUND", "MISSING_REQUIRED_FIELD", "INVALID_STATE", "QUOTA_EXCEEDED"],
    request_example={"decision": "opt_out"},
    example=_EXAMPLE | {"decision": "opt_out", "decided_by": "ada@example.com"},
)
