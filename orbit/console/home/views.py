"""Home: the state of the site now and over the day. Each number links to the list behind it.

Home consists of parts, each with its own permission, query, template (templates/console/home) and
refresh interval. To add one, add an entry to `PARTS`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from messaging.carrier_tests.models import CarrierTest
from messaging.credentials.models import BindState, Credential, SyncState
from orbit.console.colours import BIND_COLOURS, SYNC_COLOURS
from orbit.console.home import (
    bind_chart,
    inbound_chart,
    pass_chart,
    recent_passes,
    traffic_chart,
    trouble,
)
from orbit.console.notices import open_notices
from orbit.operations import health
from reconciler.health import STALE_AFTER, gateway_health
from reconciler.models import Gateway, Run

ROWS = 8  # of each list
DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Part:
    """One or more cards.

    `read` returns the context of templates/console/home/NAME.html. `permission`: needed to see it.
    `every`: seconds between two refreshes. `wide`: over both columns.
    """

    name: str
    permission: str
    read: Callable[[], dict[str, Any]]
    every: int = 5
    wide: bool = False

    @property
    def template(self) -> str:
        return f"console/home/{self.name}.html"


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the parts to the context of the admin's index; unfold calls it."""
    parts = [part for part in PARTS if request.user.has_perm(part.permission)]
    context |= {"title": "Home", "parts": parts}
    for part in parts:
        context |= part.read()
    return context


def part_fragment(request: HttpRequest, name: str) -> HttpResponse:
    """The fragment with which a part refreshes itself."""
    part = next((part for part in PARTS if part.name == name), None)
    if part is None:
        raise Http404
    if not request.user.has_perm(part.permission):
        raise PermissionDenied
    return TemplateResponse(request, "console/home/part.html", {"part": part, **part.read()})


def _site() -> dict[str, Any]:
    """The state that /readyz reports."""
    found = health.read()
    return {
        "site_status": health.status(found),
        "checks": len(found),
        "ailing": [(name, each) for name, each in found.items() if not each.is_well],
    }


def _gateways() -> dict[str, Any]:
    stale = timezone.now() - timedelta(seconds=STALE_AFTER * settings.RECONCILE_INTERVAL)
    rows = Gateway.objects.defer("jcli_password")
    return {"gateways": [(row, gateway_health(row)) for row in rows], "stale": stale}


def _credentials() -> dict[str, Any]:
    columns = ("bind_state", "sync_state")
    rows = Credential.objects.live().values_list(*(f"status__{each}" for each in columns))
    binds, syncs = Counter[str](), Counter[str]()
    for bind, sync, count in rows.order_by().annotate(Count("pk")):
        binds[bind] += count
        syncs[sync] += count
    return {
        "binds": _tiles(binds, "bind_state", BindState.values, BIND_COLOURS),
        "syncs": _tiles(syncs, "sync_state", SyncState.values, SYNC_COLOURS),
    }


def _tiles(
    counts: Counter[str], column: str, states: list[str], colours: Mapping[str, str]
) -> list[dict[str, Any]]:
    """For each state: the number of credentials, and the address of their list."""
    address = reverse("admin:messaging_credential_changelist")
    return [
        {
            "state": state,
            "count": counts[state],
            "url": f"{address}?status__{column}__exact={state}",
            "colour": colours[state],
        }
        for state in states
    ]


def _tests() -> dict[str, Any]:
    tests = CarrierTest.objects.select_related("carrier__organization")
    return {"tests": tests.defer("pdus", "steps")[:ROWS]}


def _runs() -> dict[str, Any]:
    recent, cut = recent_passes.since(timezone.now() - DAY)
    address = reverse("admin:reconciler_run_changelist")
    states = dict(recent.values_list("state").order_by().annotate(Count("pk")))
    return {
        "run_cut": cut,
        "runs": Run.objects.select_related("gateway").defer("changes")[:ROWS],
        "run_counts": [
            {
                "state": state,
                "count": count,
                "url": f"{address}?state__exact={state}&created=day",
            }
            for state, count in sorted(states.items())
        ],
    }


PARTS = (
    Part("incidents", "messaging.view_notice", open_notices.of_all, wide=True),
    Part("site", "reconciler.view_gateway", _site, wide=True),
    Part("gateways", "reconciler.view_gateway", _gateways, wide=True),
    Part("credentials", "messaging.view_credential", _credentials, wide=True),
    Part("trouble", "messaging.view_credential", trouble.read, wide=True),
    Part("binds", "messaging.view_credential", bind_chart.chart, every=60),
    Part("passes", "reconciler.view_gateway", pass_chart.charts, every=60),
    Part("traffic", "messaging.view_message", traffic_chart.charts, every=15, wide=True),
    Part("inbound", "messaging.view_inboundmessage", inbound_chart.chart, every=15, wide=True),
    Part("runs", "reconciler.view_run", _runs, every=10),
    Part("tests", "messaging.view_carriertest", _tests, every=10),
)
