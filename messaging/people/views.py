"""/v1/people: what an organisation has about the person behind a number."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from messaging.people import erasure
from messaging.people.serializers import ErasureSerializer
from messaging.serializer_fields import PhoneNumber
from orbit.api.errors import ApiError
from orbit.api.schema import documented
from orbit.api.views import ApiView

_NUMBER = PhoneNumber()


class PersonView(ApiView):
    scopes = {"DELETE": "messages:write"}
    personal_path = True

    @documented(
        summary="Erase everything about a number",
        description="Deletes the messages to it that have ended, texts from it, its receipts, the "
        "webhook events that name it, test sends, recipients of campaigns that have ended and its "
        "sticky senders. `erased` counts them, `kept` says what can't go yet and why. For owners "
        "and admins, and keys that they made. The audit keeps that it was done, under a pseudonym "
        "of the number.",
        answer=ErasureSerializer,
        errors=["INVALID_PHONE_NUMBER"],
        example={
            "erased": {"messages": 12, "webhook_events": 24},
            "kept": [{"kind": "messages", "count": 1, "reason": "They have not ended."}],
            "note": "What a carrier holds is not reached.",
        },
        tag="messages",
        operation_id="erase_person",
    )
    def delete(self, request: Any, number: str) -> Response:
        if not self.caller.reaches_all_keys:
            raise ApiError("INSUFFICIENT_PERMISSIONS", "Owners and admins alone erase people.")
        found = erasure.erase(
            by=self.caller.actor, organization=self.caller.organization, number=_read(number)
        )
        return self.ok(ErasureSerializer.represent(found))


def _read(number: str) -> str:
    """Raises INVALID_PHONE_NUMBER."""
    try:
        return _NUMBER.run_validation(number)
    except ValidationError as error:
        raise ApiError(
            "INVALID_PHONE_NUMBER",
            str(error.detail[0]),
            field="number",
            details={"expected": "a number in E.164", "value": number},
        ) from None
