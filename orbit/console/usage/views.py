"""Usage: a table, charts, and the table as CSV."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse

from messaging.usage.representation import as_csv, as_json
from messaging.usage.selectors import DAY, usage
from orbit.api.errors import ApiError
from orbit.console.pages import render
from orbit.console.usage.charts import charts
from orbit.console.usage.forms import UsageForm

SHOWN = 500  # rows of the page; the file has all
_USUAL = {"by": DAY}


@permission_required("messaging.view_message", raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    """Query: the form's fields; `csv`: the table as a file."""
    form = UsageForm(request.GET if "by" in request.GET else {**_USUAL, **request.GET.dict()})
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        asked, organization = form.values, form.cleaned_data["organization"]
        whose = organization.pk if organization else None
        try:
            rows = usage(whose, **asked)
        except ApiError as error:
            form.add_error("then", error.message)
            return render(request, "console/usage.html", "Usage", **context)
        if "csv" in request.GET:
            return _file(as_csv(rows, group_by=asked["group_by"]))
        query = request.GET.copy()
        query["csv"] = "1"
        found = as_json(rows, **asked)
        context |= {
            "usage": found,
            "asked": asked,
            "shown": found["rows"][:SHOWN],
            "more": max(0, len(found["rows"]) - SHOWN),
            "charts": charts(whose, asked["start"], asked["end"]),
            "csv": query.urlencode(),
        }
    return render(request, "console/usage.html", "Usage", **context)


def _file(text: str) -> HttpResponse:
    headers = {"Content-Disposition": 'attachment; filename="usage.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
