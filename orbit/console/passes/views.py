"""The reconcile page: plan now, apply, apply although unsafe."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from orbit.api.errors import ApiError
from orbit.console.pages import render
from orbit.console.passes import requests as passes
from reconciler.models import Gateway, Run

ROWS = 10


@permission_required("reconciler.view_run", raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    gateways = Gateway.objects.filter(enabled=True).defer("jcli_password", "amqp_url")
    facts = {"gateways": gateways, **_history()}
    return render(request, "console/reconcile.html", "Reconcile", **facts)


@permission_required("reconciler.view_run", raise_exception=True)
def history(request: HttpRequest) -> HttpResponse:
    """What the page refreshes itself with."""
    return TemplateResponse(request, "console/fragments/passes.html", _history())


@require_POST
def order(request: HttpRequest) -> HttpResponse:
    """Queue the pass that a form asks for; the answer is the fragment that waits for it."""
    gateway = get_object_or_404(Gateway, pk=request.POST.get("gateway"), enabled=True)
    mode = request.POST.get("mode")
    if mode not in passes.RIGHTS:
        return _refused(request, "This is nothing that can be ordered.")
    if mode == passes.FORCE and request.POST.get("confirm") != gateway.name:
        return _refused(request, f"Not started: type the gateway's name, {gateway.name}.")
    try:
        return passes.waiting(request, passes.ask(request, gateway, mode))
    except ApiError as error:
        return _refused(request, error.message)


def _history() -> dict:
    return {"runs": Run.objects.select_related("gateway")[:ROWS]}


def _refused(request: HttpRequest, message: str) -> HttpResponse:
    return TemplateResponse(request, "console/fragments/refused.html", {"message": message})
