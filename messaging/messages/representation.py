"""How a message is answered."""

from __future__ import annotations

from messaging.messages.models import Message
from messaging.messages.serializers import MessageSerializer
from orbit.api.etags import etag

represent = MessageSerializer.represent


def tag(message: Message) -> str:
    """ETag over what people wrote: a message is never written again by its caller."""
    return etag({"id": message.id})
