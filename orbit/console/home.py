"""Home: how everything is now, each number with the list of what it counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from messaging.carriers.models import CarrierTest
from messaging.credentials.models import BindState, Credential, SyncState
from messaging.credentials.selectors import SECRETS
from orbit.console.credentials import IN_TROUBLE
from orbit.console.labels import BIND_COLOURS, SYNC_COLOURS
from reconciler.health import STALE_AFTER
from reconciler.models import Gateway, Run

ROWS = 8  # of each list
DAY = timedelta(hours=24)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What unfold asks for the index of the admin."""
    return context | {"title": "Home"} | overview(request)


def fragment(request: HttpRequest) -> HttpResponse:
    """What home refreshes itself with."""
    return TemplateResponse(request, "console/fragments/home.html", overview(request))


def overview(request: HttpRequest) -> dict[str, Any]:
    """The context of home, with the parts that the operator may look at."""
    context: dict[str, Any] = {"now": timezone.now()}
    may = request.user.has_perm
    if may("reconciler.view_gateway"):
        stale = timezone.now() - timedelta(seconds=STALE_AFTER * settings.RECONCILE_INTERVAL)
        context |= {"gateways": Gateway.objects.defer("jcli_password", "amqp_url"), "stale": stale}
    if may("messaging.view_credential"):
        context |= _credentials()
    if may("messaging.view_carriertest"):
        tests = CarrierTest.objects.select_related("carrier__organization")
        context["tests"] = tests.defer("pdus", "steps")[:ROWS]
    if may("reconciler.view_run"):
        context |= _runs()
    return context


def _credentials() -> dict[str, Any]:
    live = Credential.objects.live()
    trouble = live.filter(IN_TROUBLE)
    return {
        "binds": _tiles(live, "bind_state", BindState.values, BIND_COLOURS),
        "syncs": _tiles(live, "sync_state", SyncState.values, SYNC_COLOURS),
        "trouble": trouble.select_related("organization", "status").defer(*SECRETS)[:ROWS],
        "trouble_count": trouble.count(),
    }


def _tiles(
    live: QuerySet[Credential], column: str, states: list[str], colours: Mapping[str, str]
) -> list[dict[str, Any]]:
    """One number a state, and the list of the credentials that it counts."""
    counts = dict(live.values_list(f"status__{column}").order_by().annotate(Count("pk")))
    address = reverse("admin:messaging_credential_changelist")
    return [
        {
            "state": state,
            "count": counts.get(state, 0),
            "url": f"{address}?status__{column}__exact={state}",
            "colour": colours[state],
        }
        for state in states
    ]


def _runs() -> dict[str, Any]:
    recent = Run.objects.filter(started_at__gte=timezone.now() - DAY)
    address = reverse("admin:reconciler_run_changelist")
    states = dict(recent.values_list("state").order_by().annotate(Count("pk")))
    since = quote((timezone.now() - DAY).isoformat(timespec="seconds"))
    return {
        "runs": Run.objects.select_related("gateway")[:ROWS],
        "run_counts": [
            {
                "state": state,
                "count": count,
                "url": f"{address}?state__exact={state}&started_at__gte={since}",
            }
            for state, count in sorted(states.items())
        ],
    }
