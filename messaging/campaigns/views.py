"""The routes of campaigns."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.response import Response

from messaging.campaigns import (
    actions,
    documentation,
    progress,
    recipient_import,
    services,
    warnings,
)
from messaging.campaigns.actions import Action
from messaging.campaigns.models import Campaign
from messaging.campaigns.parsers import RecipientsParser
from messaging.campaigns.representation import added, represent, represent_recipient, tag
from messaging.campaigns.selectors import find, lock, matching, visible
from messaging.campaigns.serializers import (
    CampaignMessageQuery,
    CampaignQuery,
    CampaignSerializer,
    RecipientQuery,
    RecipientsSerializer,
)
from messaging.messages import representation as messages
from messaging.messages import selectors as message_selectors
from orbit.api.cpu_limits import paced
from orbit.api.etags import check_if_match
from orbit.api.pagination import paginate
from orbit.api.parsers.csv_rows import CsvParser, CsvRows
from orbit.api.serializers import StrictSerializer
from orbit.api.views import ApiView

MAX_UPLOAD = settings.RECIPIENTS_MAX_BYTES


class CampaignView(ApiView):
    """Base of the routes of one campaign: finds it."""

    def lock(self, campaign_id: str) -> Campaign:
        """The campaign, locked until the transaction ends, in the version that If-Match names."""
        campaign = lock(organization=self.caller.organization, campaign_id=campaign_id)
        check_if_match(self.request, tag(campaign))
        return campaign


class CampaignsView(ApiView):
    scopes = {"GET": "campaigns:read", "POST": "campaigns:write"}
    query = {"GET": CampaignQuery}
    parser_classes = [RecipientsParser]
    max_body_bytes = MAX_UPLOAD

    @documentation.listing
    def get(self, request: Any) -> Response:
        campaigns = matching(visible(self.caller.organization), self.params)
        page: list[Campaign] = []
        answer = paginate(self, campaigns, page.append)
        counts, opted_out = progress.of(page), progress.opted_out(page)
        answer.data["data"] = [
            represent(each, counts[each.pk], (), opted_out[each.pk]) for each in page
        ]
        return answer

    @documentation.create
    def post(self, request: Any) -> Response:
        caller = self.caller
        fields = self.read(CampaignSerializer)
        campaign = services.create(by=caller.actor, organization=caller.organization, fields=fields)
        location = f"{request.path.rstrip('/')}/{campaign.id}"
        return self.created(represent(campaign), location=location, etag=tag(campaign))


class CampaignDetailView(CampaignView):
    scopes = {"GET": "campaigns:read", "PATCH": "campaigns:write", "DELETE": "campaigns:write"}
    parser_classes = [RecipientsParser]
    max_body_bytes = MAX_UPLOAD

    @documentation.get
    def get(self, request: Any, campaign_id: str) -> Response:
        campaign = find(organization=self.caller.organization, campaign_id=campaign_id)
        return self.ok(represent(campaign), etag=tag(campaign))

    @documentation.update
    def patch(self, request: Any, campaign_id: str) -> Response:
        campaign = self.lock(campaign_id)
        fields = self.read(CampaignSerializer, partial=True)
        services.update(by=self.caller.actor, campaign=campaign, fields=fields)
        return self.ok(represent(campaign), etag=tag(campaign))

    @documentation.delete
    def delete(self, request: Any, campaign_id: str) -> Response:
        services.delete(by=self.caller.actor, campaign=self.lock(campaign_id))
        return self.no_content()


class RecipientsView(CampaignView):
    scopes = {"GET": "campaigns:read", "POST": "campaigns:write", "DELETE": "campaigns:write"}
    query = {"GET": RecipientQuery}
    parser_classes = [RecipientsParser, CsvParser]
    max_body_bytes = MAX_UPLOAD

    @documentation.recipients_listing
    def get(self, request: Any, campaign_id: str) -> Response:
        campaign = find(organization=self.caller.organization, campaign_id=campaign_id)
        found = campaign.recipients.all()
        if "to" in self.params:
            found = found.filter(to=self.params["to"])
        return paginate(self, found, represent_recipient, order="-position")

    @documentation.recipients_removal
    def delete(self, request: Any, campaign_id: str) -> Response:
        services.remove_recipients(by=self.caller.actor, campaign=self.lock(campaign_id))
        return self.no_content()

    @documentation.recipients
    def post(self, request: Any, campaign_id: str) -> Response:
        campaign = self.lock(campaign_id)
        outcome = services.add_recipients(
            by=self.caller.actor, campaign=campaign, found=paced(request, self._found())
        )
        return self.ok(added(outcome), etag=tag(campaign))

    def _found(self) -> Any:
        body = self.request.data
        if isinstance(body, CsvRows):
            return recipient_import.from_csv(body)
        if self.request.content_type.lower().partition(";")[0].strip() == CsvParser.media_type:
            return recipient_import.from_csv(())  # DRF calls no parser for an empty body
        return recipient_import.from_json(self.read(RecipientsSerializer)["recipients"])


class RecipientView(CampaignView):
    scopes = {"DELETE": "campaigns:write"}

    @documentation.recipient_removal
    def delete(self, request: Any, campaign_id: str, to: str) -> Response:
        campaign = self.lock(campaign_id)
        services.remove_recipient(by=self.caller.actor, campaign=campaign, to=to.replace("\0", ""))
        return self.no_content()


class CampaignMessagesView(CampaignView):
    scopes = {"GET": "campaigns:read"}
    query = {"GET": CampaignMessageQuery}

    @documentation.messages
    def get(self, request: Any, campaign_id: str) -> Response:
        campaign = find(organization=self.caller.organization, campaign_id=campaign_id)
        found = message_selectors.matching(
            campaign.messages.all(), self.params, organization=campaign.organization
        )
        return paginate(self, found, messages.represent)


class ActionView(CampaignView):
    scopes = {"POST": "campaigns:write"}

    def act(self, action: Action, campaign_id: str) -> Response:
        campaign = self.lock(campaign_id)
        self.read(StrictSerializer)
        action(by=self.caller.actor, campaign=campaign)
        warned = warnings.before_start(campaign) if action is actions.start else None
        return self.accepted(represent(campaign, warned=warned), etag=tag(campaign))


class StartView(ActionView):
    @documentation.start
    def post(self, request: Any, campaign_id: str) -> Response:
        return self.act(actions.start, campaign_id)


class PauseView(ActionView):
    @documentation.pause
    def post(self, request: Any, campaign_id: str) -> Response:
        return self.act(actions.pause, campaign_id)


class ResumeView(ActionView):
    @documentation.resume
    def post(self, request: Any, campaign_id: str) -> Response:
        return self.act(actions.resume, campaign_id)


class CancelView(ActionView):
    @documentation.cancel
    def post(self, request: Any, campaign_id: str) -> Response:
        return self.act(actions.cancel, campaign_id)
