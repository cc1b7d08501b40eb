"""OpenAPI of /healthz, /readyz and /metrics, which are no views of the API: no key, no envelope.

A hook of drf-spectacular (SPECTACULAR_SETTINGS, POSTPROCESSING_HOOKS).
"""

from __future__ import annotations

from typing import Any


def add_health(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """The document with /healthz, /readyz and /metrics."""
    result["paths"] |= {
        "/healthz": {"get": _HEALTHZ},
        "/readyz": {"get": _READYZ},
        "/metrics": {"get": _METRICS},
    }
    result["components"]["schemas"] |= {"Readiness": _READINESS}
    result["components"]["securitySchemes"] |= {
        "MetricsToken": {"type": "http", "scheme": "bearer", "description": "METRICS_TOKEN"}
    }
    return result


def _operation(name: str, summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["health"],
        "security": [{}],
        "responses": responses,
    }


def _json(description: str, schema: dict[str, Any], example: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, "example": example}}
    return {"description": description, "content": content}


def _text(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"text/plain": {"schema": {"type": "string"}}}}


_STATUS = {"type": "string", "enum": ["ok", "degraded", "down"]}
_READINESS = {
    "type": "object",
    "properties": {
        "status": _STATUS,
        "checks": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "ok": {"type": "boolean"},
                    "degraded": {"type": "boolean"},
                    "detail": {
                        "type": "string",
                        "description": "up, degraded or down; with METRICS_TOKEN the reason",
                    },
                },
                "required": ["ok", "degraded", "detail"],
            },
        },
    },
    "required": ["status", "checks"],
}
_ALIVE = {
    "type": "object",
    "properties": {"status": {"type": "string", "enum": ["ok"]}},
    "required": ["status"],
}
_REFERENCE = {"$ref": "#/components/schemas/Readiness"}


def _check(ok: bool, detail: str) -> dict[str, Any]:
    return {"ok": ok, "degraded": False, "detail": detail}


_UP = {"database": _check(True, "up")}
_GATEWAY_UP = {"gateway.main": _check(True, "up")}
_GATEWAY_DOWN = {"gateway.main": _check(False, "down")}

_HEALTHZ = _operation(
    "healthz",
    "Does the process live?",
    {"200": _json("It does.", _ALIVE, {"status": "ok"})},
)
_READYZ = _operation(
    "readyz",
    "Can it work? Database, cache, broker, each gateway, worker and queue",
    {
        "200": _json(
            "It can; not for all where it is degraded.",
            _REFERENCE,
            {"status": "ok", "checks": _UP | _GATEWAY_UP},
        ),
        "503": _json(
            "Something is down.", _REFERENCE, {"status": "down", "checks": _UP | _GATEWAY_DOWN}
        ),
    },
)
_METRICS = _operation(
    "metrics",
    "Metrics for Prometheus",
    {
        "200": _text("All metrics, in Prometheus' text format."),
        "401": _text("Without the token."),
        "404": _text("This site has no METRICS_TOKEN, and shows none."),
    },
) | {"security": [{"MetricsToken": []}]}
