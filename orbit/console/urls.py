"""The console's own addresses, beside those that the admin makes for each list.

Each is behind the sign-in of staff, with CSRF, and never cached.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from orbit.console import carrier_tests, placements, rates, route_explorer, webhooks
from orbit.console.accesses import views as access_actions
from orbit.console.audit import chains
from orbit.console.campaigns import admin as campaigns
from orbit.console.campaigns import recipients
from orbit.console.carriers import admin as carriers
from orbit.console.credentials import views as credential_actions
from orbit.console.home import views as home
from orbit.console.messages import admin as message_pages
from orbit.console.passes import requests as passes
from orbit.console.passes import views as reconciling
from orbit.console.pools import admin as pools

app_name = "console"


def page(route: str, view: Callable[..., HttpResponse], name: str, **options: object) -> URLPattern:
    return path(route, _for_staff(view), options, name=name)


def _for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Behind the sign-in. A fragment that is asked for after the session's end has its page load
    again, which leads there: else the sign-in would stand in the middle of the page."""
    guarded = admin.site.admin_view(view)

    def look(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "HX-Request" in request.headers and not admin.site.has_permission(request):
            return HttpResponse(headers={"HX-Refresh": "true"})
        return guarded(request, *args, **kwargs)

    return look


def button(view: Callable[..., HttpResponse], name: str, **options: object) -> URLPattern:
    return page(f"credentials/<str:credential_id>/{name}/", view, name, **options)


urlpatterns = [
    page("home/<str:name>/", home.fragment, "home"),
    page("routes/", route_explorer.page, "routes"),
    page("rates/", rates.page, "rates"),
    page("rates/export/", rates.export, "export"),
    page("reconcile/", reconciling.page, "reconcile"),
    page("reconcile/passes/", reconciling.history, "passes"),
    page("reconcile/order/", reconciling.order, "order"),
    page("chains/", chains.page, "chains"),
    page("chains/<str:chain>/prove/", chains.prove, "prove"),
    page("tickets/<str:ticket>/", passes.show, "ticket"),
    page("tests/<str:test_id>/", carrier_tests.progress, "test"),
    page("messages/<str:message_id>/", message_pages.progress, "message"),
    page("messages/<str:message_id>/text/", message_pages.read_text, "text"),
    page("campaigns/<str:campaign_id>/", campaigns.live, "campaign"),
    page("campaigns/<str:campaign_id>/start/", campaigns.start, "start_campaign"),
    page("campaigns/<str:campaign_id>/pause/", campaigns.pause, "pause_campaign"),
    page("campaigns/<str:campaign_id>/resume/", campaigns.resume, "resume_campaign"),
    page("campaigns/<str:campaign_id>/cancel/", campaigns.cancel, "cancel_campaign"),
    page("campaigns/<str:campaign_id>/recipients/", recipients.page, "recipients"),
    page(
        "campaigns/<str:campaign_id>/recipients/remove/",
        recipients.remove,
        "remove_recipient",
    ),
    page(
        "campaigns/<str:campaign_id>/recipients/remove-all/",
        recipients.remove_all,
        "remove_recipients",
    ),
    page("webhooks/<str:webhook_id>/deliveries/", webhooks.recent, "deliveries"),
    page(
        "webhooks/<str:webhook_id>/deliveries/<str:delivery_id>/redeliver/",
        webhooks.redeliver,
        "redeliver",
    ),
    page("pools/member/", pools.row, "member"),
    page("pools/<str:pool_id>/preview/", pools.attempt, "preview"),
    page("carriers/<str:carrier_id>/edit/", carriers.edit, "edit_carrier"),
    page("placements/<str:organization_id>/move/", placements.move, "move"),
    page("accesses/<str:organization_id>/status/", access_actions.status, "access"),
    page("accesses/<str:organization_id>/push/", access_actions.push, "push_access"),
    page("accesses/<str:organization_id>/edit/", access_actions.edit, "edit_access"),
    page("accesses/<str:organization_id>/rotate/", access_actions.rotate, "rotate_access"),
    page(
        "accesses/<str:organization_id>/enable/",
        access_actions.switch,
        "enable_access",
        enabled=True,
    ),
    page(
        "accesses/<str:organization_id>/disable/",
        access_actions.switch,
        "disable_access",
        enabled=False,
    ),
    button(credential_actions.status, "status"),
    button(credential_actions.history, "history"),
    button(credential_actions.push, "push"),
    button(credential_actions.switch, "enable", enabled=True),
    button(credential_actions.switch, "disable", enabled=False),
    button(credential_actions.edit, "edit"),
    button(credential_actions.rotate, "rotate"),
    button(credential_actions.reveal, "reveal"),
    button(credential_actions.compare, "compare"),
]
