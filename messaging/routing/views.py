"""The routes that explain routing: the order of carriers, and the preview of a pool."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from messaging.carriers.references import check_own
from messaging.pools.selectors import find
from messaging.routing import documentation
from messaging.routing.previews import preview
from messaging.routing.representation import explained, previewed
from messaging.routing.serializers import PreviewQuery, RoutesQuery
from orbit.api.views import ApiView


class RoutesView(ApiView):
    scopes = {"GET": "carriers:read"}
    query = {"GET": RoutesQuery}

    @documentation.routes
    def get(self, request: Any) -> Response:
        return self.ok(explained(self.caller.organization.pk, self.params["destination"]))


class PreviewView(ApiView):
    scopes = {"GET": "sender_pools:read"}
    query = {"GET": PreviewQuery}

    @documentation.preview
    def get(self, request: Any, pool_id: str) -> Response:
        organization, params = self.caller.organization, self.params
        pool = find(organization=organization, pool_id=pool_id)
        carrier_id = params.get("carrier_id")
        if carrier_id is not None:
            check_own(organization=organization, carrier_id=carrier_id)
        found = preview(pool, params["destination"], carrier_id=carrier_id, count=params["count"])
        return self.ok(previewed(found))
