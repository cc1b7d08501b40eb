"""What OpenAPI says of the routes: a decorator for each handler."""

from __future__ import annotations

from datetime import UTC, datetime

from messaging.notices.models import NoticeRecipient, NoticeSilence
from messaging.notices.serializers import NoticeRecipientSerializer, NoticeSilenceSerializer
from orbit.api.schema import documented

_MOMENT = datetime(2026, 3, 8, 12, tzinfo=UTC)
_RECIPIENT_BODY = {
    "name": "On call",
    "url": "pagerduty://0123456789abcdef@0123456789abcdef0123456789abcdef",
    "kinds": ["bind", "delivery"],
    "after": 120,
}
_RECIPIENT = NoticeRecipientSerializer.represent(
    NoticeRecipient(
        id="nrc_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        name="On call",
        scheme="pagerduty",
        kinds=["bind", "delivery"],
        after=120,
        created_at=_MOMENT,
    )
)
_SILENCE_BODY = {
    "kind": "bind",
    "start": "2126-03-08T22:00:00Z",
    "end": "2126-03-08T23:00:00Z",
    "why": "The carrier moves",
}
_SILENCE = NoticeSilenceSerializer.represent(
    NoticeSilence(
        id="nsl_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        kind="bind",
        start=datetime(2126, 3, 8, 22, tzinfo=UTC),
        end=datetime(2126, 3, 8, 23, tzinfo=UTC),
        why="The carrier moves",
    )
)
_TAG = "notices"
_WRITES = ("MISSING_REQUIRED_FIELD", "QUOTA_EXCEEDED")

recipients = documented(
    summary="List recipients of notices",
    answer=NoticeRecipientSerializer,
    listed=True,
    errors=["INVALID_CURSOR"],
    example=_RECIPIENT,
    tag=_TAG,
)
add_recipient = documented(
    summary="Add a recipient of notices",
    description="""It is told once when an incident begins that touches the organisation, and once
when that is over: by mail (`mailto://`, `mailtos://`), Slack (`slack://`), PagerDuty
(`pagerduty://`), or as JSON to a web server (`json://`, `jsons://`). The URL holds passwords and
tokens: no answer ever shows it. Names of other organisations are in no notice.

For owners and admins who are signed in; API keys can't read or change who is told.""",
    request=NoticeRecipientSerializer,
    answer=NoticeRecipientSerializer,
    status=201,
    errors=[*_WRITES, "INVALID_WEBHOOK_URL"],
    request_example=_RECIPIENT_BODY,
    example=_RECIPIENT,
    tag=_TAG,
)
remove_recipient = documented(
    summary="Remove a recipient of notices", status=204, errors=["NOT_FOUND"], tag=_TAG
)
test_recipient = documented(
    summary="Send a recipient a test",
    description="`tested_at` and `test_error` of the recipient say what came of it, some seconds "
    "later.",
    answer=NoticeRecipientSerializer,
    status=202,
    errors=["NOT_FOUND"],
    example=_RECIPIENT,
    tag=_TAG,
)
silences = documented(
    summary="List silences",
    description="Those that run, and those that are planned.",
    answer=NoticeSilenceSerializer,
    listed=True,
    errors=["INVALID_CURSOR"],
    example=_SILENCE,
    tag=_TAG,
)
add_silence = documented(
    summary="Silence notices, or plan maintenance",
    description="Between `start` and `end` the organisation's recipients get no notices. They "
    "are told at `end` of an incident that is still open.",
    request=NoticeSilenceSerializer,
    answer=NoticeSilenceSerializer,
    status=201,
    errors=_WRITES,
    request_example=_SILENCE_BODY,
    example=_SILENCE,
    tag=_TAG,
)
end_silence = documented(summary="End a silence", status=204, errors=["NOT_FOUND"], tag=_TAG)
