"""The routes of carriers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.response import Response

from messaging.carriers import documentation, services
from messaging.carriers.models import Carrier
from messaging.carriers.representation import alone, in_place, represent, tag
from messaging.carriers.selectors import find, listing, lock, visible
from messaging.carriers.serializers import CarrierQuery, CarrierSerializer
from orbit.api.etags import check_if_match
from orbit.api.pagination import paginate
from orbit.api.views import ApiView


class CarriersView(ApiView):
    scopes = {"GET": "carriers:read", "POST": "carriers:write"}
    query = {"GET": CarrierQuery}

    @documentation.listing
    def get(self, request: Any) -> Response:
        organization = self.caller.organization
        page = paginate(self, _matching(visible(organization), self.params), alone)
        in_place(organization, page.data["data"])
        return page

    @documentation.create
    def post(self, request: Any) -> Response:
        caller = self.caller
        fields = self.read(CarrierSerializer)
        carrier = services.create(by=caller.actor, organization=caller.organization, fields=fields)
        location = f"{request.path.rstrip('/')}/{carrier.id}"
        return self.created(represent(carrier), location=location, etag=tag(carrier))


class CarrierDetailView(ApiView):
    scopes = {"GET": "carriers:read", "PATCH": "carriers:write", "DELETE": "carriers:write"}

    @documentation.get
    def get(self, request: Any, carrier_id: str) -> Response:
        carrier = find(organization=self.caller.organization, carrier_id=carrier_id)
        return self.ok(represent(carrier), etag=tag(carrier))

    @documentation.update
    def patch(self, request: Any, carrier_id: str) -> Response:
        carrier = self._lock(carrier_id)
        fields = self.read(CarrierSerializer, partial=True)
        services.update(by=self.caller.actor, carrier=carrier, fields=fields)
        return self.ok(represent(carrier), etag=tag(carrier))

    @documentation.delete
    def delete(self, request: Any, carrier_id: str) -> Response:
        services.delete(by=self.caller.actor, carrier=self._lock(carrier_id))
        return self.no_content()

    def _lock(self, carrier_id: str) -> Carrier:
        """The carrier, locked until the transaction ends, after the check of If-Match."""
        carrier = lock(organization=self.caller.organization, carrier_id=carrier_id)
        check_if_match(self.request, tag(carrier))
        return carrier


def _matching(carriers: QuerySet[Carrier], params: dict[str, Any]) -> QuerySet[Carrier]:
    wanted = {name: params[name] for name in ("credential_id", "enabled") if name in params}
    carriers = carriers.filter(**wanted)
    if "country" in params:
        carriers = listing(carriers, params["country"])
    if params.get("q"):
        carriers = carriers.filter(name__icontains=params["q"])
    return carriers
