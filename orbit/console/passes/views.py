"""The page "Reconcile": plan now, apply, apply although unsafe."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from orbit.api.errors import ApiError
from orbit.console.pages import get_or_404, render
from orbit.console.passes import requests as pass_requests
from reconciler.models import Gateway, Run

ROWS = 10


@permission_required("reconciler.view_run", raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    gateways = Gateway.objects.filter(enabled=True).defer("jcli_password", "amqp_url")
    facts = {"gateways": gateways, **_history()}
    return render(request, "console/reconcile.html", "Reconcile", **facts)


@permission_required("reconciler.view_run", raise_exception=True)
def history(request: HttpRequest) -> HttpResponse:
    """The fragment with the last passes, which refreshes itself."""
    return TemplateResponse(request, "console/fragments/passes.html", _history())


@require_POST
def order(request: HttpRequest) -> HttpResponse:
    """Queue the pass that a form asks for, and answer with the fragment that waits for it."""
    gateway = get_or_404(Gateway.objects.filter(enabled=True), request.POST.get("gateway", ""))
    mode = request.POST.get("mode")
    if mode not in pass_requests.PERMISSIONS:
        return _refused(request, "This is nothing that can be ordered.")
    if mode == pass_requests.FORCE and request.POST.get("confirm") != gateway.name:
        return _refused(request, f"Not started: type the gateway's name, {gateway.name}.")
    try:
        return pass_requests.result_fragment(
            request, pass_requests.request_pass(request, gateway, mode)
        )
    except ApiError as error:
        return _refused(request, error.message)


def _history() -> dict:
    return {"runs": Run.objects.select_related("gateway").defer("changes")[:ROWS]}


def _refused(request: HttpRequest, message: str) -> HttpResponse:
    return TemplateResponse(request, "console/fragments/refused.html", {"message": message})
