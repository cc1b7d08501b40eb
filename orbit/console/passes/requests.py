"""Request a pass: permission, audit, ticket, queue; and the fragment that waits for its result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from messaging.credentials.models import Credential
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.console.four_eyes.services import require_second
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import ADMINISTER, OPERATE
from reconciler import pass_results, tasks
from reconciler.models import Gateway

PLAN, APPLY, FORCE = "plan", "apply", "force"
PERMISSIONS = {PLAN: OPERATE, APPLY: OPERATE, FORCE: ADMINISTER}
ACTION = "gateway.reconcile"
EXPIRES = 60  # seconds: the operator does not expect a pass later than that
PATIENCE = 15  # seconds after which the page asks whether workers are running


def request_pass(
    request: HttpRequest, gateway: Gateway, mode: str, organization: Organization | None = None
) -> str:
    """Queue a pass and return its ticket. Raises PermissionDenied, GATEWAY_UNAVAILABLE."""
    require_permission(
        request, PERMISSIONS[mode], action=ACTION, organization=organization, target=gateway.name
    )
    order = {
        "gateway": gateway.name,
        "mode": mode,
        "organization": organization.name if organization else "",
        "asked_at": timezone.now(),
    }

    def effect() -> str:
        if mode == FORCE:
            require_second(
                by=actor(request),
                user=request.user,
                organization=organization,
                action=ACTION,
                target=gateway.name,
                detail=mode,
            )
        audit.record(
            by=actor(request),
            organization=organization,
            action=ACTION,
            target=gateway.name,
            detail=mode,
        )
        # Not on commit: without the broker, the audit row has to be rolled back too.
        return _queue(gateway, mode, organization, order)

    return perform(effect)


def result_fragment(request: HttpRequest, ticket: str) -> HttpResponse:
    """The fragment that refreshes itself until the result is there, and then shows it."""
    found = pass_results.read(ticket)
    context: dict[str, Any] = {"ticket": ticket, "found": found}
    if found and found["report"]:
        context["changes"] = with_owners(found["report"]["changes"])
        context["drops"] = [each for each in found["report"]["changes"] if each["drops_bind"]]
        context["change_count"] = len(context["changes"]) + found["report"]["more"]
    elif found:
        context["late"] = (timezone.now() - found["order"]["asked_at"]).seconds > PATIENCE
    return TemplateResponse(request, "console/fragments/pass_result.html", context)


result = permission_required("reconciler.view_run", raise_exception=True)(result_fragment)


def with_owners(changes: Iterable[dict]) -> list[dict]:
    """Changes with the owner of each object: `name` and, for a credential, the `url` of its page.

    An object without an owner, such as a route, has the name that the pass gave it.
    """
    changes = list(changes)
    keys = {each["key"] for each in changes}
    rows = Credential.objects.filter(gateway_key__in=keys).values_list("gateway_key", "pk", "name")
    owners = {
        key: {"name": name, "url": reverse("admin:messaging_credential_change", args=[quote(pk)])}
        for key, pk, name in rows
    }
    groups = Organization.objects.filter(gateway_key__in=keys).values_list("gateway_key", "name")
    owners |= {key: {"name": name, "url": ""} for key, name in groups}
    return [
        each | owners.get(each["key"], {"name": each.get("about", ""), "url": ""})
        for each in changes
    ]


def _queue(
    gateway: Gateway, mode: str, organization: Organization | None, order: dict[str, Any]
) -> str:
    scope = {
        "organization_id": organization.pk if organization else "",
        "plan_only": mode == PLAN,
        "force": mode == FORCE,
    }
    try:
        ticket = pass_results.open_ticket(**order)
        tasks.answer.apply_async((ticket, gateway.pk), scope, expires=EXPIRES)
    except (OperationalError, RedisError, OSError) as error:
        message = "The pass can't be queued: the broker is away."
        raise ApiError("GATEWAY_UNAVAILABLE", message) from error
    return ticket
