"""What OpenAPI says of the routes: a decorator for each handler."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from messaging.opt_outs.importing import MAX_ROWS, MAX_SHOWN
from messaging.opt_outs.models import OptOut, OptOutSettings, Source
from messaging.opt_outs.serializers import CheckSerializer, ImportedSerializer, OptOutSerializer
from messaging.opt_outs.settings_serializers import OptOutSettingsSerializer
from orbit.api.schema import documented

_MOMENT = datetime(2026, 3, 8, 12, tzinfo=UTC)
EXAMPLE = OptOutSerializer.represent(
    OptOut(
        id="opt_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        number="+33639980001",
        scope="organization",
        source=Source.KEYWORD,
        message_id="msg_0198f3a27b1c7d3e9a51c0ffee0ddba1",
        reason="STOP",
        created_at=_MOMENT,
    )
)
_BODY = {"number": "+33639980001", "scope": "organization", "reason": "asked on the phone"}
_SETTINGS = OptOutSettingsSerializer.represent(OptOutSettings(updated_at=_MOMENT))

listing = documented(
    summary="List opt-outs",
    answer=OptOutSerializer,
    listed=True,
    errors=["INVALID_CURSOR", "INVALID_PHONE_NUMBER"],
    example=EXAMPLE,
)
create = documented(
    summary="Opt a number out",
    description="""From now on it gets nothing from `scope`: all of yours (`organization`), the
messages of a sender pool and of its senders (`pool_…`), or those of a sender. Messages to it are
refused with 422 `OPTED_OUT`; those that wait, and a campaign's, end `failed` with that code, and
are not charged. One that is on the list already is answered as it is, with 200.""",
    request=OptOutSerializer,
    answer=OptOutSerializer,
    status=201,
    errors=["MISSING_REQUIRED_FIELD", "INVALID_PHONE_NUMBER", "QUOTA_EXCEEDED"],
    request_example=_BODY,
    example=EXAMPLE,
)
get = documented(
    summary="Get an opt-out", answer=OptOutSerializer, errors=["NOT_FOUND"], example=EXAMPLE
)
delete = documented(
    summary="Opt a number in again",
    description="Do so only if the person wants it. `?reason=` goes into the audit.",
    status=204,
    errors=["NOT_FOUND", "PRECONDITION_FAILED"],
)
check = documented(
    summary="Ask whether a number may be written to",
    description="By a message from `from`, or of the pool `sender_pool_id`; without both, by one "
    "that names neither. Write the `+` of the number as `%2B`.",
    answer=CheckSerializer,
    errors=["MISSING_REQUIRED_FIELD", "INVALID_PHONE_NUMBER"],
    example={"allowed": False, "opt_out": EXAMPLE},
)
imports = documented(
    summary="Import opt-outs",
    description=f"""CSV (`text/csv`, RFC 4180, UTF-8) of at most {MAX_ROWS} rows: a number in E.164,
and if you like a scope and a reason. A first line may name the columns, and an export can be
imported as it is.

```
+33639980001
+33639980002,organization,asked on the phone
+33639980003,38080
```

Good rows are added, bad ones are named with their line (the first {MAX_SHOWN}; all are counted) and
the rest goes on. What is no CSV is refused whole: 400, with the line.""",
    request={"text/csv": OpenApiTypes.STR},
    answer=ImportedSerializer,
    errors=["UNSUPPORTED_MEDIA_TYPE", "QUOTA_EXCEEDED"],
    example={
        "added": 2,
        "already": 0,
        "rejected": [
            {"line": 3, "field": "number", "message": "No country has this calling code."}
        ],
        "rejected_total": 1,
        "dry_run": False,
    },
)
get_settings = documented(
    summary="Get what is done with texts like STOP",
    answer=OptOutSettingsSerializer,
    example=_SETTINGS,
    tag="opt-outs",
)
update_settings = documented(
    summary="Change what is done with texts like STOP",
    description="""A text that says nothing but a keyword is one, in any case, with or without marks
and punctuation (`Stop, thanks` too); others that have the word in them (`STOP 4711`) change
nothing, and wait for a person at `GET /v1/opt-outs/near-misses`. STOP puts the number on the list,
START takes it off, and each is confirmed from the number that was written to, once a day.""",
    request=OptOutSettingsSerializer,
    answer=OptOutSettingsSerializer,
    errors=["PRECONDITION_FAILED", "INVALID_STATE"],
    request_example={"scope": "organization", "keywords": {"stop": ["NO MORE"]}},
    example=_SETTINGS | {"keywords": {"stop": ["NO MORE"], "start": [], "help": []}},
    tag="opt-outs",
)


def export(handler: Callable) -> Callable:
    """CSV, which has no frame around it."""
    handler.errors = ()
    return extend_schema(
        summary="Export the opt-outs",
        description="CSV with the columns number, scope, reason, source, created_at, message_id "
        "and id, the newest first.",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )(handler)
