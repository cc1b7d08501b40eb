"""The routes of sender pools."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.response import Response

from messaging.pools import documentation, services
from messaging.pools.models import SenderPool
from messaging.pools.representation import represent, tag
from messaging.pools.selectors import find, lock, visible
from messaging.pools.serializers import PoolQuery, PoolSerializer
from orbit.api.etags import check_if_match
from orbit.api.pagination import paginate
from orbit.api.views import ApiView


class SenderPoolsView(ApiView):
    scopes = {"GET": "sender_pools:read", "POST": "sender_pools:write"}
    query = {"GET": PoolQuery}

    @documentation.listing
    def get(self, request: Any) -> Response:
        pools = _matching(visible(self.caller.organization), self.params)
        return paginate(self, pools, represent)

    @documentation.create
    def post(self, request: Any) -> Response:
        caller = self.caller
        fields = self.read(PoolSerializer)
        pool = services.create(by=caller.actor, organization=caller.organization, fields=fields)
        location = f"{request.path.rstrip('/')}/{pool.id}"
        return self.created(represent(pool), location=location, etag=tag(pool))


class SenderPoolDetailView(ApiView):
    scopes = {
        "GET": "sender_pools:read",
        "PATCH": "sender_pools:write",
        "DELETE": "sender_pools:write",
    }

    @documentation.get
    def get(self, request: Any, pool_id: str) -> Response:
        pool = find(organization=self.caller.organization, pool_id=pool_id)
        return self.ok(represent(pool), etag=tag(pool))

    @documentation.update
    def patch(self, request: Any, pool_id: str) -> Response:
        pool = self._lock(pool_id)
        fields = self.read(PoolSerializer, partial=True)
        services.update(by=self.caller.actor, pool=pool, fields=fields)
        return self.ok(represent(pool), etag=tag(pool))

    @documentation.delete
    def delete(self, request: Any, pool_id: str) -> Response:
        services.delete(by=self.caller.actor, pool=self._lock(pool_id))
        return self.no_content()

    def _lock(self, pool_id: str) -> SenderPool:
        """The pool, locked until the transaction ends, after the check of If-Match."""
        pool = lock(organization=self.caller.organization, pool_id=pool_id)
        check_if_match(self.request, tag(pool))
        return pool


def _matching(pools: QuerySet[SenderPool], params: dict[str, Any]) -> QuerySet[SenderPool]:
    if "carrier_id" in params:
        pools = pools.filter(attachments__carrier=params["carrier_id"])
    if params.get("q"):
        pools = pools.filter(name__icontains=params["q"])
    return pools
