"""The addresses of the console that Django's admin does not make itself.

Each but those that sign people in needs a login of staff, checks CSRF, and is never cached.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from orbit.console import carrier_tests, fleet, placements, rates, route_explorer, webhooks
from orbit.console.accesses import views as accesses
from orbit.console.audit import chains
from orbit.console.campaigns import recipients
from orbit.console.campaigns import views as campaigns
from orbit.console.carriers import views as carriers
from orbit.console.conversations import views as conversations
from orbit.console.credentials import views as credentials
from orbit.console.four_eyes import views as four_eyes
from orbit.console.home import views as home
from orbit.console.inbound import views as inbound
from orbit.console.messages import views as messages
from orbit.console.notices import recipients as notice_recipients
from orbit.console.notices import views as notices
from orbit.console.opt_outs import views as opt_outs
from orbit.console.passes import requests as pass_requests
from orbit.console.passes import views as passes
from orbit.console.people import limits
from orbit.console.people import views as people
from orbit.console.pools import views as pools
from orbit.console.search import views as search
from orbit.console.second_factor import own as own_second_factor
from orbit.console.second_factor import passkey_sign_in, passkeys
from orbit.console.second_factor import views as second_factor
from orbit.console.sessions import views as sessions
from orbit.console.single_sign_on import views as single_sign_on
from orbit.console.usage import views as usage
from orbit.console.waiting import views as waiting

app_name = "console"


def page(route: str, view: Callable[..., HttpResponse], name: str, **options: object) -> URLPattern:
    return path(route, _for_staff(view), options, name=name)


def _for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view behind the admin's login.

    After the end of the session, a fragment's answer makes htmx reload the whole page, which
    redirects to the login: else the login form would appear in the middle of the page.
    """
    guarded = admin.site.admin_view(view)

    def look(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "HX-Request" in request.headers and not admin.site.has_permission(request):
            return HttpResponse(headers={"HX-Refresh": "true"})
        return guarded(request, *args, **kwargs)

    return look


def button(view: Callable[..., HttpResponse], name: str, **options: object) -> URLPattern:
    return page(f"credentials/<str:credential_id>/{name}/", view, name, **options)


urlpatterns = [
    path("sign-in/", single_sign_on.start, name="single_sign_on"),
    path("sign-in/done/", single_sign_on.done, name="single_sign_on_done"),
    path("sign-in/passkey/", passkey_sign_in.sign_in, name="passkey_sign_in"),
    path("sign-in/passkey/options/", passkey_sign_in.options, name="options_to_sign_in"),
    page("home/<str:name>/", home.part_fragment, "home"),
    page("search/", search.page, "search"),
    page("routes/", route_explorer.page, "routes"),
    page("notices/<str:notice_id>/silence/<int:hours>/", notices.silence, "silence"),
    page("notices/", notice_recipients.page, "recipients_of_notices"),
    page("notices/add/", notice_recipients.add, "add_recipient"),
    page("notices/plan/", notice_recipients.plan, "plan_silence"),
    page("notices/plan/<int:silence_id>/end/", notice_recipients.end, "end_silence"),
    page(
        "notices/recipients/<str:recipient_id>/<str:name>/",
        notice_recipients.order,
        "order_recipient",
    ),
    page("usage/", usage.page, "usage"),
    page("rates/", rates.page, "rates"),
    page("rates/export/", rates.export, "export"),
    page("reconcile/", passes.page, "reconcile"),
    page("reconcile/passes/", passes.history, "passes"),
    page("reconcile/order/", passes.order, "order"),
    page("second-factor/", second_factor.ask, "second_factor"),
    page("second-factor/passkey/", passkeys.prove, "prove"),
    page("second-factor/passkey/options/", passkeys.options_to_prove, "options_to_prove"),
    page("second-factor/set-up/", own_second_factor.page, "set_up_second_factor"),
    page("second-factor/set-up/app/", second_factor.set_up_app, "set_up_app"),
    page("second-factor/set-up/codes/", own_second_factor.renew_codes, "renew_codes"),
    page("second-factor/set-up/passkeys/", passkeys.add, "add_passkey"),
    page("second-factor/set-up/passkeys/options/", passkeys.options_to_add, "options_to_add"),
    page(
        "second-factor/set-up/passkeys/<int:passkey_id>/remove/",
        passkeys.remove,
        "remove_passkey",
    ),
    page("sessions/", sessions.page, "sessions"),
    page("sessions/<int:session_id>/end/", sessions.end, "end_session"),
    page("approvals/", four_eyes.page, "approvals"),
    page("approvals/<int:approval_id>/agree/", four_eyes.agree, "agree"),
    page("keys/<str:key_id>/revoke/", people.revoke_key, "revoke_key"),
    page("keys/<str:key_id>/limits/", limits.key_limits, "key_limits"),
    page(
        "organizations/<str:organization_id>/addresses/",
        limits.addresses,
        "allowed_addresses",
    ),
    page("organizations/<str:organization_id>/invite/", people.invite, "invite"),
    page(
        "organizations/<str:organization_id>/members/<int:member_id>/role/",
        people.change_role,
        "change_role",
    ),
    page(
        "organizations/<str:organization_id>/members/<int:member_id>/remove/",
        people.remove,
        "remove_member",
    ),
    page("chains/", chains.page, "chains"),
    page("chains/<str:chain>/prove/", chains.prove, "prove"),
    page("tickets/<str:ticket>/", pass_requests.result, "ticket"),
    page("tests/<str:test_id>/", carrier_tests.status, "test"),
    page("messages/<str:message_id>/", messages.status, "message"),
    page("messages/<str:message_id>/text/", messages.read_text, "text"),
    page("texts/<str:message_id>/", inbound.read_text, "inbound_text"),
    page("texts/<str:message_id>/row/", inbound.read_row, "near_text"),
    page("conversations/", conversations.listing, "conversations"),
    page("conversations/<str:message_id>/", conversations.page, "conversation"),
    page(
        "conversations/<str:message_id>/texts/",
        conversations.read_texts,
        "conversation_texts",
    ),
    page("organizations/<str:organization_id>/opt-outs/", opt_outs.page, "opt_outs_of"),
    page("organizations/<str:organization_id>/opt-outs/add/", opt_outs.add, "add_opt_out"),
    page(
        "organizations/<str:organization_id>/opt-outs/import/",
        opt_outs.import_file,
        "import_opt_outs",
    ),
    page(
        "organizations/<str:organization_id>/opt-outs/export/", opt_outs.export, "export_opt_outs"
    ),
    page("waiting/near-misses/<str:message_id>/<str:decision>/", waiting.decide, "decide"),
    page("waiting/", waiting.page, "waiting"),
    page("waiting/<str:message_id>/seen-to/", waiting.see_to, "see_to"),
    page("campaigns/<str:campaign_id>/", campaigns.status, "campaign"),
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
    page("webhooks/<str:webhook_id>/deliveries/", webhooks.deliveries, "deliveries"),
    page(
        "webhooks/<str:webhook_id>/deliveries/<str:delivery_id>/redeliver/",
        webhooks.redeliver,
        "redeliver",
    ),
    page("pools/member/", pools.member_row, "member"),
    page("pools/<str:pool_id>/preview/", pools.preview_fragment, "preview"),
    page("carriers/<str:carrier_id>/edit/", carriers.edit, "edit_carrier"),
    page("placements/<str:organization_id>/move/", placements.move, "move"),
    page("placements/<str:organization_id>/region/", placements.set_region, "set_region"),
    page("fleet/", fleet.page, "fleet"),
    page("fleet/balance/", fleet.balance, "balance"),
    page("fleet/<str:gateway_id>/<str:mode>/", fleet.order, "fleet_order"),
    page("accesses/<str:organization_id>/status/", accesses.status, "access"),
    page("accesses/<str:organization_id>/push/", accesses.push, "push_access"),
    page("accesses/<str:organization_id>/edit/", accesses.edit, "edit_access"),
    page("accesses/<str:organization_id>/rotate/", accesses.rotate, "rotate_access"),
    page(
        "accesses/<str:organization_id>/enable/",
        accesses.switch,
        "enable_access",
        enabled=True,
    ),
    page(
        "accesses/<str:organization_id>/disable/",
        accesses.switch,
        "disable_access",
        enabled=False,
    ),
    button(credentials.status, "status"),
    button(credentials.history, "history"),
    button(credentials.push, "push"),
    button(credentials.switch, "enable", enabled=True),
    button(credentials.switch, "disable", enabled=False),
    button(credentials.edit, "edit"),
    button(credentials.rotate, "rotate"),
    button(credentials.reveal, "reveal"),
    button(credentials.compare, "compare"),
]
