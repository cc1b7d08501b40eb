"""What the OpenAPI schema says of the whole: settings of drf-spectacular."""

from __future__ import annotations

SPECTACULAR_SETTINGS = {
    "TITLE": "Orbit BYO-SMPP",
    "VERSION": "0.1.0",
    "DESCRIPTION": "Bring your own SMPP carriers. **Authorize** with your API key, then try the "
    "routes here. Every failure has a code: see the [list of them](/docs/errors). A method that a "
    "path does not have is 405. Unknown fields and parameters are refused, as is NUL in a text.",
    "TAGS": [  # in the order in which people need them
        {"name": "credentials", "description": "Accounts at carriers, and the binds to them"},
        {"name": "carriers", "description": "Who serves which countries, and test sends"},
        {"name": "routes", "description": "Which carriers a number takes"},
        {"name": "access", "description": "One bind of your own platform for all carriers"},
        {"name": "sender-pools", "description": "Who a message is from, and who sends next"},
        {"name": "campaigns", "description": "One text to many numbers, started, paused, counted"},
        {"name": "messages", "description": "SMS out and in, and what became of them"},
        {"name": "numbers", "description": "Your own numbers, to which people write"},
        {"name": "opt-outs", "description": "Who gets no messages any more"},
        {"name": "usage", "description": "What was sent, and what it cost"},
        {"name": "webhooks", "description": "Where you are told what happens"},
        {"name": "notices", "description": "Who is told when something is wrong"},
        {"name": "me", "description": "Whom a key or a token speaks for"},
        {"name": "auth", "description": "Sessions of people"},
        {"name": "allowed-addresses", "description": "From where keys may be used"},
        {"name": "api-keys", "description": "Keys of programs"},
        {"name": "members", "description": "People of the organisation, and their roles"},
        {"name": "audit-events", "description": "Who did what"},
        {"name": "operators", "description": "For those who run this site; 404 for others"},
        {"name": "health", "description": "For monitors"},
    ],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "orbit.api.auto_schema.add_security",
        "orbit.operations.openapi.add_health",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/v1",
    "COMPONENT_SPLIT_REQUEST": True,  # a field may be answered and not taken, or taken alone
    "ENUM_NAME_OVERRIDES": {  # of fields that have the same name
        "SyncState": "messaging.credentials.models.SyncState",
        "BindState": "messaging.credentials.models.BindState",
        "BindType": "messaging.credentials.models.BindType",
        "CampaignStatus": "messaging.campaigns.models.CampaignStatus",
        "Encoding": "messaging.messages.serializers.ENCODINGS",
        "MessageStatus": "messaging.messages.models.MessageStatus",
        "QualityLevel": "messaging.quality.serializers.LEVELS",
        "OptOutLanguage": "messaging.opt_outs.words.LANGUAGES",
        "NoticeKind": "messaging.notices.serializers.KINDS",
        "GatewayState": "reconciler.models.GatewayState",
        "RunState": "reconciler.models.RunState",
    },
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        }
    },
    # The schemas, ten times as long as the routes, start folded.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "defaultModelsExpandDepth": 0},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
