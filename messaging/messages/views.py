"""The routes of messages."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from messaging.messages import documentation, services
from messaging.messages.representation import represent, tag
from messaging.messages.selectors import find, matching, visible
from messaging.messages.serializers import MessageQuery, SmsSerializer
from orbit.api.pages import paginate
from orbit.api.views import ApiView


class SmsView(ApiView):
    scopes = {"POST": "messages:write"}

    @documentation.send
    def post(self, request: Any) -> Response:
        fields = self.read(SmsSerializer)
        message = services.create(organization=self.caller.organization, fields=fields)
        location = f"{request.path.rpartition('/')[0]}/{message.id}"
        return self.accepted(represent(message), location=location, etag=tag(message))


class MessagesView(ApiView):
    scopes = {"GET": "messages:read"}
    query = {"GET": MessageQuery}

    @documentation.listing
    def get(self, request: Any) -> Response:
        organization = self.caller.organization
        messages = matching(visible(organization), self.params, organization=organization)
        return paginate(self, messages, represent)


class MessageDetailView(ApiView):
    scopes = {"GET": "messages:read"}

    @documentation.get
    def get(self, request: Any, message_id: str) -> Response:
        message = find(organization=self.caller.organization, message_id=message_id)
        return self.ok(represent(message), etag=tag(message))
