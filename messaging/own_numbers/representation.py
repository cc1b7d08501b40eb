"""How a number is answered."""

from __future__ import annotations

from messaging.own_numbers.models import OwnNumber
from messaging.own_numbers.serializers import NumberSerializer
from orbit.api.etags import etag

represent = NumberSerializer.represent


def tag(number: OwnNumber) -> str:
    """ETag over what people wrote."""
    return etag({"id": number.id, **NumberSerializer.written(number)})
