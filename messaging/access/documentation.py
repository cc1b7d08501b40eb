"""What OpenAPI says of the routes: a decorator for each handler."""

from __future__ import annotations

from datetime import UTC, datetime

from messaging.access.models import Access
from messaging.access.serializers import AccessSerializer, RevealedAccessSerializer
from messaging.credentials.models import SyncState
from orbit.accounts.models import Organization
from orbit.api.schema import documented

_NOW = "2026-03-08T12:00:00Z"
_MOMENT = datetime(2026, 3, 8, 12, tzinfo=UTC)
_ADDRESS = {"host": "smpp.gateway.example", "port": 2775}
_EXAMPLE = (
    AccessSerializer.represent(
        Access(
            organization=Organization(gateway_key="obmfzwi6dfmrsxe"),
            enabled=True,
            password_set_at=_MOMENT,
            sync_state=SyncState.SYNCED,
            synced_at=_MOMENT,
            bound_sessions=1,
            submits_total=4211,
            created_at=_MOMENT,
            updated_at=_MOMENT,
        )
    )
    | _ADDRESS
)

get = documented(
    summary="Get the access",
    description="One bind for all carriers: your own platform binds to the gateway's SMPP server "
    "with this system_id, and its messages take your carriers in their order. It is off until you "
    "turn it on. Its messages are counted (`submits_total`) and not listed: they have no row in "
    "`/v1/messages`, no price, no sender check, no webhook event, and no part in campaigns and in "
    "the charts of the console. Receipts go to the bind.",
    answer=AccessSerializer,
    example=_EXAMPLE,
)
update = documented(
    summary="Change the access",
    description="Turning it off drops its sessions. So do other `allowed_ips`, of sessions from "
    "elsewhere; binds from there are refused like a wrong password (ESME_RINVPASWD), and each is "
    "`access.login_refused` in the audit. A key takes in no addresses that were out.",
    request=AccessSerializer,
    answer=AccessSerializer,
    errors=["PRECONDITION_FAILED", "INVALID_STATE", "INSUFFICIENT_PERMISSIONS"],
    request_example={"enabled": True, "max_bindings": 4, "allowed_ips": ["198.51.100.0/24"]},
    example=_EXAMPLE,
)
reveal = documented(
    summary="Reveal the access's password, once",
    description="Each call is in the audit.",
    answer=RevealedAccessSerializer,
    errors=["SECRET_ALREADY_REVEALED"],
    example={"password": "t7Rb2XqL", "revealed_at": _NOW},
)
rotate = documented(
    summary="Rotate the access's password",
    description="A new one is generated and takes effect at once; sessions of the old one are "
    "dropped. It can be revealed once. There is no body.",
    answer=AccessSerializer,
    errors=["PRECONDITION_FAILED", "INVALID_STATE"],
    example=_EXAMPLE,
)
