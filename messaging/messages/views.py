"""The routes that send messages; `messaging.inbound.views` has those that read them."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.response import Response

from messaging.messages import batch, documentation, feedback, services
from messaging.messages.batch import SmsBatchSerializer
from messaging.messages.representation import represent, tag
from messaging.messages.serializers import FeedbackSerializer, SmsSerializer
from orbit.api import message_limits
from orbit.api.request_body import whole_body
from orbit.api.views import ApiView


class SmsView(ApiView):
    scopes = {"POST": "messages:write"}
    messages = {"POST": 1}
    writes_one_row = True

    @documentation.send
    def post(self, request: Any) -> Response:
        fields = self.read(SmsSerializer)
        message = services.create(organization=self.caller.organization, fields=fields)
        location = f"{request.path.rpartition('/')[0]}/{message.id}"
        return self.accepted(represent(message), location=location, etag=tag(message))


class SmsBatchView(ApiView):
    scopes = {"POST": "messages:write"}
    max_body_bytes = 4 * 1024 * 1024
    max_values = 100_000  # 100 of each message, among them those in its metadata and tlvs

    unreadable: Exception | None = None

    @documentation.batch
    def post(self, request: Any) -> Response:
        if self.unreadable:
            raise self.unreadable
        fields = self.read(SmsBatchSerializer)
        return self.accepted(batch.take(self.caller.organization, **fields))

    def count_messages(self, request: Any) -> None:
        if request.method != "POST":
            return
        whole_body(request._request)  # else it could not be read again
        try:
            number = batch.count_messages(request.data)
        except APIException as error:  # the answer to a body that can't be read is kept like others
            self.unreadable, number = error, 0
        if number:
            message_limits.count(request, self.caller.organization.pk, number)


class FeedbackView(ApiView):
    scopes = {"POST": "messages:write"}

    @documentation.feedback
    def post(self, request: Any, message_id: str) -> Response:
        given = feedback.give(
            organization=self.caller.organization,
            message_id=message_id,
            **self.read(FeedbackSerializer),
        )
        return self.ok(FeedbackSerializer.represent(given))
