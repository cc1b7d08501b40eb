"""The sidebar of the console, and what each page has in its head."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from orbit.console.roles import ADMINISTER, OPERATE

_INBOUND = "messaging.view_inboundmessage"
_NOTICES = "messaging.view_noticerecipient"


def favicon(request: HttpRequest) -> str:
    return static("console/favicon.svg")


def stylesheet(request: HttpRequest) -> str:
    return static("console/console.css")


def search_script(request: HttpRequest) -> str:
    return static("console/search.js")


def zone_script(request: HttpRequest) -> str:
    return static("console/zone.js")


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's groups of links. A link is shown to operators who may see its page."""
    return [
        _group(
            "Now",
            _item("Home", "monitoring", "admin:index"),
            _list("Incidents", "notification_important", "messaging", "notice"),
            _item("Who is told", "contact_mail", "console:recipients_of_notices", _NOTICES),
            _list("Credentials", "key", "messaging", "credential"),
            _list("Bind changes", "timeline", "reconciler", "bindchange"),
            _item("Reconcile", "sync", "console:reconcile", "reconciler.view_run"),
            _list("Passes", "history", "reconciler", "run"),
        ),
        _group(
            "Traffic",
            _list("Messages", "sms", "messaging", "message"),
            _item("Usage", "bar_chart", "console:usage", "messaging.view_message"),
            _list("Campaigns", "campaign", "messaging", "campaign"),
            _item("Conversations", "forum", "console:conversations", _INBOUND),
            _list("Inbound messages", "move_to_inbox", "messaging", "inboundmessage"),
            _item("Waits for a person", "person_alert", "console:waiting", _INBOUND),
            _list("Numbers", "dialpad", "messaging", "ownnumber"),
            _list("Opt-outs", "do_not_disturb_on", "messaging", "optout"),
            _list("Webhooks", "webhook", "messaging", "webhook"),
            _list("Carriers", "cell_tower", "messaging", "carrier"),
            _item("Route explorer", "alt_route", "console:routes", "messaging.view_carrier"),
            _item("Rates", "payments", "console:rates", OPERATE),
            _list("Sender pools", "badge", "messaging", "senderpool"),
            _list("Test sends", "send", "messaging", "carriertest"),
            _list("Stray receipts", "help_center", "messaging", "strayreceipt"),
            _list("Platform binds", "login", "messaging", "access"),
        ),
        _group(
            "Gateways",
            _list("Gateways", "dns", "reconciler", "gateway"),
            _list("Organisations on gateways", "lan", "reconciler", "placement"),
            _item("Fleet", "hub", "console:fleet", "reconciler.view_gateway"),
        ),
        _group(
            "People",
            _list("Organisations", "apartment", "accounts", "organization"),
            _list("Members", "group", "accounts", "member"),
            _list("API keys", "vpn_key", "accounts", "apikey"),
            _list("Audit", "policy", "accounts", "auditevent"),
            _item("Audit chains", "link", "console:chains", "accounts.view_auditevent"),
            _list("Operators", "shield_person", "accounts", "user"),
            _item("Sessions", "devices", "console:sessions"),
            _item("Second factor", "phonelink_lock", "console:set_up_second_factor"),
            _item("Approvals", "how_to_reg", "console:approvals", ADMINISTER),
        ),
    ]


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "items": list(items)}


def _list(title: str, icon: str, app: str, model: str) -> dict[str, Any]:
    return _item(title, icon, f"admin:{app}_{model}_changelist", f"{app}.view_{model}")


def _item(title: str, icon: str, name: str, permission: str = "") -> dict[str, Any]:
    item = {"title": title, "icon": icon, "link": reverse(name)}
    return item | ({"permission": _may(permission)} if permission else {})


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)
