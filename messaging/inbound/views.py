"""The routes that read messages of both directions."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from messaging.inbound import documentation, selectors
from messaging.inbound.models import InboundMessage
from messaging.inbound.serializers import (
    AnyMessageQuery,
    InboundMessageDetailSerializer,
    InboundMessageSerializer,
)
from messaging.messages import representation as outbound
from orbit.api.etags import etag
from orbit.api.pagination import paginate_merged
from orbit.api.views import ApiView


class MessagesView(ApiView):
    scopes = {"GET": "messages:read"}
    query = {"GET": AnyMessageQuery}

    @documentation.listing
    def get(self, request: Any) -> Response:
        lists = selectors.lists(self.params, organization=self.caller.organization)
        renders = (
            InboundMessageSerializer.represent
            if rows.model is InboundMessage
            else outbound.represent
            for rows in lists
        )
        return paginate_merged(self, list(zip(lists, renders, strict=True)))


class MessageDetailView(ApiView):
    scopes = {"GET": "messages:read"}

    @documentation.get
    def get(self, request: Any, message_id: str) -> Response:
        found = selectors.find(organization=self.caller.organization, message_id=message_id)
        if isinstance(found, InboundMessage):
            answer = InboundMessageDetailSerializer.represent(found)
            # Of a text that came only this field ever changes.
            changes = {name: answer[name] for name in ("id", "access_delivery")}
            return self.ok(answer, etag=etag(changes))
        return self.ok(outbound.represent(found), etag=outbound.tag(found))
