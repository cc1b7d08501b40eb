"""The route of usage."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase

from messaging.usage import documentation, selectors
from messaging.usage.representation import as_csv, as_json
from messaging.usage.serializers import UsageQuery
from orbit.api.views import ApiView

CSV = "text/csv"


class UsageView(ApiView):
    scopes = {"GET": "usage:read"}
    query = {"GET": UsageQuery}

    @documentation.usage
    def get(self, request: Any) -> HttpResponseBase:
        asked = self.params
        rows = selectors.usage(self.caller.organization.pk, **asked)
        if _asks_for_csv(request.headers.get("Accept", "")):
            headers = {"Content-Disposition": 'attachment; filename="usage.csv"', "Vary": "Accept"}
            text = as_csv(rows, group_by=asked["group_by"])
            return HttpResponse(text, content_type=f"{CSV}; charset=utf-8", headers=headers)
        return self.ok(as_json(rows, **asked), headers={"Vary": "Accept"})


def _asks_for_csv(accept: str) -> bool:
    """Whether Accept names CSV: a client that accepts anything gets JSON."""
    return any(each.partition(";")[0].strip().lower() == CSV for each in accept.split(","))
