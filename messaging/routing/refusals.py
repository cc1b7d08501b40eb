"""The API error for a message that can't be routed."""

from __future__ import annotations

from messaging.carriers import references as carrier_references
from messaging.pools import references as pool_references
from messaging.routing.values import NOT_YOURS, TOO_LONG, RouteRequest, Unroutable
from orbit.api.errors import ApiError
from orbit.api.field_errors import refused_value

_EXPECTED = {"sender_pool_id": pool_references.EXPECTED, "carrier_id": carrier_references.EXPECTED}


def refused(error: Unroutable, wanted: RouteRequest) -> ApiError:
    """`error` of this message as the API's error. TEXT_TOO_LONG is a VALIDATION_ERROR on `body`."""
    if error.code == NOT_YOURS:
        value = wanted.pool_id if error.field == "sender_pool_id" else wanted.carrier_id
        return refused_value(error.field, value, error.message, expected=_EXPECTED[error.field])
    code = "VALIDATION_ERROR" if error.code == TOO_LONG else error.code
    return ApiError(code, error.message, field=error.field)
