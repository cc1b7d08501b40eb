"""The route of a carrier's quality."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from messaging.carriers.selectors import find
from messaging.quality import documentation, report
from messaging.quality.serializers import QualityQuery, QualitySerializer
from orbit.api.views import ApiView


class QualityView(ApiView):
    scopes = {"GET": "carriers:read"}
    query = {"GET": QualityQuery}

    @documentation.get
    def get(self, request: Any, carrier_id: str) -> Response:
        carrier = find(organization=self.caller.organization, carrier_id=carrier_id)
        found = report.of_carrier(carrier, self.params["window"])
        return self.ok(QualitySerializer.represent(found))
