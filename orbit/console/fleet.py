"""The page Fleet: what each gateway carries; buttons that drain, evacuate, trust and balance."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from celery import Task
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from orbit.accounts.actors import Actor
from orbit.api.errors import ApiError
from orbit.console.four_eyes.services import require_second
from orbit.console.pages import get_or_404, render
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import ADMINISTER
from reconciler import gateway_loads, tasks
from reconciler.fleet import balancing, draining, evacuation, modes, relocation
from reconciler.models import Gateway

EXPIRES = 60  # seconds that an order waits for a worker; then beat does it
SHOWN = 50  # moves of a plan
BALANCED = "gateway.balanced"
_ASKED = "in the console"

# By the word in the address: what it does, its name in the audit, and what is said of it.
_ORDERS: dict[str, tuple[Callable[[Gateway, Actor], None], str, str]] = {
    "drain": (
        lambda gateway, by: draining.begin(gateway, by=by, reason=_ASKED),
        "gateway.drained",
        "gets no new organisations, and hands over those that it has",
    ),
    "undrain": (
        lambda gateway, by: draining.end(gateway, by=by),
        "gateway.activated",
        "gets new messages and organisations again",
    ),
    "evacuate": (
        lambda gateway, by: evacuation.declare_lost(gateway, by=by, why=_ASKED),
        "gateway.evacuated",
        "is lost: others take over its organisations",
    ),
    "activate": (
        lambda gateway, by: evacuation.trust(gateway, by=by),
        "gateway.activated",
        "is trusted: it gets organisations again",
    ),
}


@permission_required("reconciler.view_gateway", raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    """Query: `plan`, to compute what a balance would move."""
    rows = [
        {
            "load": load,
            "organizations": load.gateway.placements.count(),
            "leaving": load.gateway.departures.count(),
            "messages": draining.messages_in(load.gateway),
        }
        for load in gateway_loads.read()
    ]
    plan = balancing.plan() if "plan" in request.GET else None
    shown: dict[str, Any] = {"rows": rows, "plan": plan}
    if plan is not None:
        shown |= {"moves": plan.moves[:SHOWN], "more": max(0, len(plan.moves) - SHOWN)}
    return render(request, "console/fleet.html", "Fleet", **shown)


@require_POST
def order(request: HttpRequest, gateway_id: str, mode: str) -> HttpResponse:
    if mode not in _ORDERS:
        raise Http404
    effect_of, action, said = _ORDERS[mode]
    about = {"organization": None, "action": action}
    gateway = get_or_404(Gateway.objects.all(), gateway_id)
    require_permission(request, ADMINISTER, target=gateway.name, **about)

    def effect() -> None:
        by = actor(request)
        require_second(by=by, user=request.user, target=gateway.name, detail=mode, **about)
        effect_of(get_or_404(Gateway.objects.select_for_update(), gateway.pk), by)
        transaction.on_commit(partial(_queue, request, tasks.tend, gateway))

    try:
        perform(effect)
    except (modes.WrongMode, evacuation.StillThere) as error:
        messages.error(request, f"Not done: {error}.")
    except ApiError as refusal:
        messages.error(request, f"Not done. {refusal.message}")
    else:
        messages.success(request, f"{gateway} {said}.")
    return redirect("console:fleet")


@require_POST
def balance(request: HttpRequest) -> HttpResponse:
    """Start the first moves of the plan; the others are planned anew after them."""
    about = {"organization": None, "action": BALANCED, "target": "all"}
    require_permission(request, ADMINISTER, **about)
    moves = next(iter(relocation.in_portions(balancing.plan().moves)), ())
    by = actor(request)
    try:
        perform(lambda: require_second(by=by, user=request.user, **about))
    except ApiError as refusal:
        messages.error(request, f"Not done. {refusal.message}")
        return redirect("console:fleet")
    relocation.begin(moves, by=by, why="balance")
    for target in {each.target.pk: each.target for each in moves}.values():
        _queue(request, tasks.reconcile_gateway, target)
    messages.success(request, f"{len(moves)} organisation(s) move.")
    return redirect("console:fleet")


def _queue(request: HttpRequest, task: Task, gateway: Gateway) -> None:
    try:
        task.apply_async((gateway.pk,), expires=EXPIRES)
    except (OperationalError, RedisError, OSError):
        messages.warning(request, "The broker is away: the next pass of the beat goes on with it.")
