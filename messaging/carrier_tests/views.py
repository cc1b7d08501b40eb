"""The routes of test sends."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from messaging.carrier_tests import documentation, services
from messaging.carrier_tests.representation import represent
from messaging.carrier_tests.selectors import find, of_carrier
from messaging.carrier_tests.serializers import CarrierTestQuery, CarrierTestSerializer
from messaging.carriers import selectors
from messaging.carriers.models import Carrier
from orbit.api.pagination import paginate
from orbit.api.views import ApiView


class CarrierTestView(ApiView):
    """Base of the routes: finds the carrier."""

    def carrier(self, carrier_id: str) -> Carrier:
        return selectors.find(organization=self.caller.organization, carrier_id=carrier_id)

    def lock(self, carrier_id: str) -> Carrier:
        return selectors.lock(organization=self.caller.organization, carrier_id=carrier_id)


class TestView(CarrierTestView):
    __test__ = False  # not a test class of pytest

    scopes = {"POST": "carriers:test"}

    @documentation.test
    def post(self, request: Any, carrier_id: str) -> Response:
        carrier = self.lock(carrier_id)
        fields = self.read(CarrierTestSerializer)
        test = services.start(by=self.caller.actor, carrier=carrier, fields=fields)
        return self.accepted(represent(test), location=f"{request.path.rstrip('/')}s/{test.id}")


class TestsView(CarrierTestView):
    __test__ = False

    scopes = {"GET": "carriers:read"}
    query = {"GET": CarrierTestQuery}

    @documentation.listing
    def get(self, request: Any, carrier_id: str) -> Response:
        tests = of_carrier(self.carrier(carrier_id))
        if "status" in self.params:
            tests = tests.filter(status=self.params["status"])
        return paginate(self, tests, represent)


class TestDetailView(CarrierTestView):
    __test__ = False

    scopes = {"GET": "carriers:read"}

    @documentation.get
    def get(self, request: Any, carrier_id: str, test_id: str) -> Response:
        return self.ok(represent(find(carrier=self.carrier(carrier_id), test_id=test_id)))
