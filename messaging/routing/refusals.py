"""What is answered to a request that no carrier can take."""

from __future__ import annotations

from messaging.carriers import references as carrier_references
from messaging.pools import references as pool_references
from messaging.routing.values import NOT_YOURS, TOO_LONG, Impossible, Wanted
from orbit.api.errors import ApiError
from orbit.api.field_errors import refused_value

_EXPECTED = {"sender_pool_id": pool_references.EXPECTED, "carrier_id": carrier_references.EXPECTED}


def refused(error: Impossible, wanted: Wanted) -> ApiError:
    """`error` of this message, as the API says it: a text that fits nowhere is a fault of `body`
    like one that is too long for any carrier."""
    if error.code == NOT_YOURS:
        value = wanted.pool_id if error.field == "sender_pool_id" else wanted.carrier_id
        return refused_value(error.field, value, error.message, expected=_EXPECTED[error.field])
    code = "VALIDATION_ERROR" if error.code == TOO_LONG else error.code
    return ApiError(code, error.message, field=error.field)
