"""What OpenAPI says of the routes: a decorator for each handler."""

from __future__ import annotations

from datetime import UTC, datetime

from drf_spectacular.types import OpenApiTypes

from messaging.campaigns.models import Campaign
from messaging.campaigns.parsers import MAX_COMMAS, MAX_OPENED
from messaging.campaigns.recipient_import import MAX_ROWS
from messaging.campaigns.recipients import MAX_RECIPIENTS, MAX_SHOWN
from messaging.campaigns.serializers import (
    AddedSerializer,
    CampaignSerializer,
    ProgressSerializer,
    RecipientSerializer,
    RecipientsSerializer,
)
from messaging.messages.documentation import EXAMPLE as MESSAGE_EXAMPLE
from messaging.messages.serializers import MessageSerializer
from orbit.api.parsers.csv_rows import MAX_LINES, MAX_ROW
from orbit.api.schema import documented

_NOW = "2026-03-08T12:00:00Z"
_ID = "cmp_0198f3a27b1c7d3e9a51c0ffee0ddba1"
_POOL_ID = "pool_0198f3a27b1c7d3e9a51c0ffee0ddba1"
_NOTHING = dict.fromkeys(ProgressSerializer().fields, 0)
_MOMENT = datetime(2026, 3, 8, 12, tzinfo=UTC)
_EXAMPLE = CampaignSerializer.represent(
    Campaign(
        id=_ID,
        name="Spring sale",
        body="Hi {{name}}, your code is {{code}}",
        sender_pool_id=_POOL_ID,
        throughput=20,
        created_at=_MOMENT,
        updated_at=_MOMENT,
    )
) | {"progress": _NOTHING | {"total": 2, "queued": 2}}
_RUNNING = _EXAMPLE | {
    "status": "sending",
    "progress": _NOTHING | {"total": 2, "queued": 1, "sent": 1},
    "started_at": _NOW,
}
_RECIPIENTS = [
    {"to": "+14155552671", "variables": {"name": "Ada", "code": "4711"}},
    {"to": "+33639980001", "variables": {"name": "Émile", "code": "4712"}},
]
_FAULTS = ["MISSING_REQUIRED_FIELD", "INVALID_PHONE_NUMBER", "QUOTA_EXCEEDED"]
_ONE = ["NOT_FOUND", "PRECONDITION_FAILED", "INVALID_STATE"]

listing = documented(
    summary="List campaigns",
    answer=CampaignSerializer,
    listed=True,
    errors=["INVALID_CURSOR"],
    example=_RUNNING,
)
create = documented(
    summary="Make a campaign",
    description=f"""A draft: nothing is sent before it is started. Its recipients come with it (each
of them has to be good, or nothing is made), or later, by `POST …/recipients`; a body may have
16 MiB, {MAX_OPENED} braces and brackets and {MAX_COMMAS} commas.

`body` is filled in for each recipient: `{{{{name}}}}` becomes their variable `name`, as it is, and
every recipient needs all variables that the text names (an empty one is one), 50 at most. A text
that comes to more than 10 segments is not sent: that recipient's message ends `failed`,
`TEXT_TOO_LONG`, with the beginning of the text, and the others get theirs. `warnings` says how many
these will be.
`{{name}}` in single braces is plain text: `warnings` names it, and a campaign whose recipients have
such a variable does not start.

`throughput` is what leaves at most; carriers have their own limits. Single messages go first.""",
    request=CampaignSerializer,
    answer=CampaignSerializer,
    status=201,
    errors=_FAULTS,
    request_example={
        "name": "Spring sale",
        "body": _EXAMPLE["body"],
        "sender_pool_id": _POOL_ID,
        "recipients": _RECIPIENTS,
        "throughput": 20,
    },
    example=_EXAMPLE,
)
get = documented(
    summary="Get a campaign", answer=CampaignSerializer, errors=["NOT_FOUND"], example=_RUNNING
)
update = documented(
    summary="Change a draft",
    description="`recipients` replaces the whole list. Recipients who are there already are not "
    "asked whether they have the variables of a new text before the campaign is started.",
    request=CampaignSerializer,
    answer=CampaignSerializer,
    errors=[*_ONE, *_FAULTS],
    request_example={"throughput": None},
    example=_EXAMPLE,
)
delete = documented(summary="Delete a draft", status=204, errors=_ONE)
recipients = documented(
    summary="Add recipients to a draft",
    description=f"""JSON, or CSV with `Content-Type: text/csv`; a body may have 16 MiB, a campaign
{MAX_RECIPIENTS} recipients. Good rows are added, bad ones are named with their line and the rest
goes on. A number that is there already is a bad row.

CSV is RFC 4180 in UTF-8 with commas; lines end in LF or CRLF. The first line names the columns:
`to` (or, without one, `phone`) has the numbers in E.164, every other column is a variable.

```
to,name,code
+14155552671,Ada,4711
+33639980001,"Émile, fils",4712
```

What is no CSV (an open quote, other bytes than UTF-8) is refused whole: 400, with the line. So is a
CSV of more than {MAX_LINES} lines or with a row of more than {MAX_ROW} bytes, and JSON of more than
{MAX_OPENED} braces and brackets or {MAX_COMMAS} commas; a CSV of more than {MAX_ROWS} rows beside
its header is refused with 422. Nothing of such a body is added. The answer names the first
{MAX_SHOWN} bad rows and counts all.""",
    request={"application/json": RecipientsSerializer, "text/csv": OpenApiTypes.STR},
    answer=AddedSerializer,
    errors=[*_ONE, "MISSING_REQUIRED_FIELD", "UNSUPPORTED_MEDIA_TYPE", "QUOTA_EXCEEDED"],
    request_example={"recipients": _RECIPIENTS},
    example={
        "accepted": 1,
        "rejected": [
            {"line": 2, "field": "to", "message": "This number is there already, on line 1."}
        ],
        "rejected_total": 1,
        "warnings": [],
    },
)
recipients_listing = documented(
    summary="List the recipients of a campaign",
    description="Those that were added last come first. `?to=` finds one number.",
    answer=RecipientSerializer,
    listed=True,
    errors=["NOT_FOUND", "INVALID_CURSOR", "INVALID_PHONE_NUMBER"],
    example=_RECIPIENTS[0] | {"line": 2},
)
recipients_removal = documented(
    summary="Remove all recipients of a draft",
    status=204,
    errors=_ONE,
    operation_id="campaigns_recipients_clear",
)
recipient_removal = documented(
    summary="Remove a recipient of a draft",
    description="By its number in E.164; the `+` may stand as it is, or as `%2B`.",
    status=204,
    errors=_ONE,
)
messages = documented(
    summary="List the messages of a campaign",
    description="Those that have been made so far, with the filters of `GET /v1/messages`.",
    answer=MessageSerializer,
    listed=True,
    errors=["NOT_FOUND", "INVALID_CURSOR", "INVALID_PHONE_NUMBER"],
    example=MESSAGE_EXAMPLE | {"campaign_id": _ID},
)


def _action(summary: str, description: str, **example: object):
    return documented(
        summary=summary,
        description=description,
        answer=CampaignSerializer,
        status=202,
        errors=_ONE,
        example=_RUNNING | example,
    )


start = _action(
    "Start a campaign",
    "A draft becomes `sending`; with a `scheduled_at` that is still to come `scheduled`, and then "
    "begins by itself. It needs recipients who have all variables of the text.",
)
pause = _action(
    "Pause a campaign",
    "Nothing more is made or given to a gateway; what a gateway has by now still leaves. "
    "A scheduled campaign can be paused, too.",
    status="paused",
)
resume = _action("Resume a campaign", "It goes on where it was paused.")
cancel = _action(
    "Cancel a campaign",
    "For good: those who have no message yet get none (`progress.cancelled`), and messages that "
    "wait end `failed`, `CAMPAIGN_CANCELLED`. A draft is deleted instead.",
    status="cancelled",
    progress=_NOTHING | {"total": 2, "sent": 1, "cancelled": 1},
    finished_at=_NOW,
)
