"""/v1/settings/notices: for owners and admins who are signed in, never for API keys. A stolen key
must not send incidents elsewhere, or silence them."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from messaging.notices import documentation, json_posts, selectors, services
from messaging.notices.serializers import NoticeRecipientSerializer, NoticeSilenceSerializer
from messaging.webhooks import endpoints
from orbit.api.pagination import paginate
from orbit.api.query_params import ListQuery
from orbit.api.serializers import StrictSerializer
from orbit.api.views import ApiView

READ, WRITE = "notices:read", "notices:write"


class RecipientsView(ApiView):
    scopes = {"GET": READ, "POST": WRITE}
    audited_refusals = {"POST": services.ADDED}
    query = {"GET": ListQuery}

    @documentation.recipients
    def get(self, request: Any) -> Response:
        rows = selectors.recipients(self.caller.organization)
        return paginate(self, rows, NoticeRecipientSerializer.represent)

    def prepare(self, request: Any) -> dict[str, Any]:
        fields = self.read(NoticeRecipientSerializer)
        if address := json_posts.address_of(fields["url"]):
            endpoints.check(address, owner=self.caller.organization.pk)
        return fields

    @documentation.add_recipient
    def post(self, request: Any) -> Response:
        caller = self.caller
        row = services.add(by=caller.actor, organization=caller.organization, **self.prepared)
        return self.created(
            NoticeRecipientSerializer.represent(row),
            location=f"{request.path.rstrip('/')}/{row.pk}",
        )


class RecipientView(ApiView):
    scopes = {"DELETE": WRITE}
    audited_refusals = {"DELETE": services.REMOVED}

    @documentation.remove_recipient
    def delete(self, request: Any, recipient_id: str) -> Response:
        caller = self.caller
        row = selectors.recipient(organization=caller.organization, recipient_id=recipient_id)
        services.remove(by=caller.actor, recipient=row)
        return self.no_content()


class RecipientTestView(ApiView):
    scopes = {"POST": WRITE}
    audited_refusals = {"POST": services.TESTED}

    @documentation.test_recipient
    def post(self, request: Any, recipient_id: str) -> Response:
        self.read(StrictSerializer)
        caller = self.caller
        row = selectors.recipient(organization=caller.organization, recipient_id=recipient_id)
        services.test(by=caller.actor, recipient=row)
        return self.accepted(NoticeRecipientSerializer.represent(row))


class SilencesView(ApiView):
    scopes = {"GET": READ, "POST": WRITE}
    audited_refusals = {"POST": services.SILENCED}
    query = {"GET": ListQuery}

    @documentation.silences
    def get(self, request: Any) -> Response:
        rows = selectors.silences(self.caller.organization)
        return paginate(self, rows, NoticeSilenceSerializer.represent)

    @documentation.add_silence
    def post(self, request: Any) -> Response:
        caller, fields = self.caller, self.read(NoticeSilenceSerializer)
        fields["kind"] = fields["kind"] or ""
        row = services.silence(by=caller.actor, organization=caller.organization, **fields)
        return self.created(
            NoticeSilenceSerializer.represent(row),
            location=f"{request.path.rstrip('/')}/{row.pk}",
        )


class SilenceView(ApiView):
    scopes = {"DELETE": WRITE}
    audited_refusals = {"DELETE": services.ENDED}

    @documentation.end_silence
    def delete(self, request: Any, silence_id: str) -> Response:
        caller = self.caller
        row = selectors.silence(organization=caller.organization, silence_id=silence_id)
        services.end(by=caller.actor, row=row)
        return self.no_content()
