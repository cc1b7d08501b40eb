"""The routes of numbers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.response import Response

from messaging.own_numbers import documentation, services, suggestions
from messaging.own_numbers.models import OwnNumber
from messaging.own_numbers.representation import represent, tag
from messaging.own_numbers.selectors import find, lock, visible
from messaging.own_numbers.serializers import (
    NumberQuery,
    NumberSerializer,
    SuggestedNumberSerializer,
)
from orbit.api.etags import check_if_match
from orbit.api.pagination import paginate
from orbit.api.views import ApiView


class NumbersView(ApiView):
    scopes = {"GET": "numbers:read", "POST": "numbers:write"}
    query = {"GET": NumberQuery}

    @documentation.listing
    def get(self, request: Any) -> Response:
        return paginate(self, _matching(visible(self.caller.organization), self.params), represent)

    @documentation.create
    def post(self, request: Any) -> Response:
        caller = self.caller
        fields = self.read(NumberSerializer)
        number = services.create(by=caller.actor, organization=caller.organization, fields=fields)
        location = f"{request.path.rstrip('/')}/{number.id}"
        return self.created(represent(number), location=location, etag=tag(number))


class SuggestedNumbersView(ApiView):
    scopes = {"GET": "numbers:read"}

    @documentation.suggestions
    def get(self, request: Any) -> Response:
        found = suggestions.suggested(self.caller.organization)
        return self.ok({"numbers": [SuggestedNumberSerializer.represent(each) for each in found]})


class NumberDetailView(ApiView):
    scopes = {"GET": "numbers:read", "PATCH": "numbers:write", "DELETE": "numbers:write"}

    @documentation.get
    def get(self, request: Any, number_id: str) -> Response:
        number = find(organization=self.caller.organization, number_id=number_id)
        return self.ok(represent(number), etag=tag(number))

    @documentation.update
    def patch(self, request: Any, number_id: str) -> Response:
        number = self._lock(number_id)
        fields = self.read(NumberSerializer, partial=True)
        services.update(by=self.caller.actor, number=number, fields=fields)
        return self.ok(represent(number), etag=tag(number))

    @documentation.delete
    def delete(self, request: Any, number_id: str) -> Response:
        services.delete(by=self.caller.actor, number=self._lock(number_id))
        return self.no_content()

    def _lock(self, number_id: str) -> OwnNumber:
        """The number, locked until the transaction ends, after the check of If-Match."""
        number = lock(organization=self.caller.organization, number_id=number_id)
        check_if_match(self.request, tag(number))
        return number


def _matching(numbers: QuerySet[OwnNumber], params: dict[str, Any]) -> QuerySet[OwnNumber]:
    wanted = {name: params[name] for name in ("credential_id", "route") if name in params}
    if params.get("q"):
        wanted["number__contains"] = params["q"]
    return numbers.filter(**wanted)
