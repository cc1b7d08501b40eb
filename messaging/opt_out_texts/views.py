"""The routes of near misses."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from messaging.opt_out_texts import documentation, selectors, services
from messaging.opt_out_texts.models import Decision, NearMiss
from messaging.opt_out_texts.serializers import (
    ALL,
    DECIDED,
    DecisionSerializer,
    NearMissQuery,
    NearMissSerializer,
)
from orbit.api.pagination import paginate
from orbit.api.views import ApiView

MESSAGES = "messages:read"  # the scope that shows texts


class NearMissesView(ApiView):
    scopes = {"GET": "opt_outs:read"}
    query = {"GET": NearMissQuery}

    @documentation.listing
    def get(self, request: Any) -> Response:
        rows = selectors.visible(self.caller.organization)
        state = self.params["state"]
        if state == DECIDED:
            rows = rows.exclude(decision="")
        elif state != ALL:
            rows = rows.filter(decision="")
        page: list[NearMiss] = []
        answer = paginate(self, rows, page.append)
        shown = selectors.with_texts(page, readable=MESSAGES in self.caller.scopes)
        answer.data["data"] = [NearMissSerializer.represent(each) for each in shown]
        return answer


class NearMissView(ApiView):
    scopes = {"POST": "opt_outs:write"}

    @documentation.decide
    def post(self, request: Any, message_id: str) -> Response:
        fields = self.read(DecisionSerializer)
        caller = self.caller
        row = selectors.lock(organization=caller.organization, message_id=message_id)
        services.decide(
            by=caller.actor,
            organization=caller.organization,
            row=row,
            decision=Decision(fields["decision"]),
        )
        (shown,) = selectors.with_texts([row], readable=MESSAGES in caller.scopes)
        return self.ok(NearMissSerializer.represent(shown))
