"""The buttons of a credential's page. Each asks for its right and leaves a row in the audit."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from messaging.credentials import reveal as revealing
from messaging.credentials import rotation, services
from messaging.credentials.host_check import check_host
from messaging.credentials.models import Credential
from messaging.credentials.permissions import Claim
from messaging.credentials.selectors import find, lock
from messaging.gateway import push_on_commit
from orbit.accounts.audit import services as audit
from orbit.api import throttles
from orbit.api.errors import ApiError
from orbit.console.bind_history import latest
from orbit.console.credentials.admin import live, one
from orbit.console.forms import CredentialForm, RevealForm, RotateForm, SerializedForm
from orbit.console.pages import render
from orbit.console.passes import requests as passes
from orbit.console.permissions import actor, perform, require
from orbit.console.roles import ADMINISTER, OPERATE
from reconciler.models import Placement

PUSHED = "credential.pushed"


def status(request: HttpRequest, credential_id: str) -> HttpResponse:
    """The part of the page that refreshes itself."""
    _may_look(request)
    return TemplateResponse(request, "console/fragments/credential.html", live(one(credential_id)))


def history(request: HttpRequest, credential_id: str) -> HttpResponse:
    """The same of its bind's history."""
    _may_look(request)
    credential = one(credential_id)
    context = {"credential": credential, **latest(credential)}
    return TemplateResponse(request, "console/fragments/history.html", context)


@require_POST
def push(request: HttpRequest, credential_id: str) -> HttpResponse:
    credential = _allowed(request, credential_id, OPERATE, PUSHED)

    def effect() -> None:
        audit.record(
            by=actor(request),
            organization=credential.organization,
            action=PUSHED,
            target=credential.pk,
        )
        push_on_commit(credential.organization_id)

    perform(effect)
    return _done(request, credential, "A push is queued; the state below follows by itself.")


@require_POST
def switch(request: HttpRequest, credential_id: str, enabled: bool) -> HttpResponse:
    credential = _allowed(request, credential_id, OPERATE, services.UPDATED)
    try:
        perform(
            lambda: services.update(
                by=actor(request),
                credential=_locked(credential),
                fields={"enabled": enabled},
                claim=Claim(may_reveal=False),
            )
        )
    except ApiError as error:
        return _done(request, credential, error.message, failed=True)
    return _done(
        request, credential, f"{credential.name} is switched {'on' if enabled else 'off'}."
    )


def edit(request: HttpRequest, credential_id: str) -> HttpResponse:
    credential = _allowed(request, credential_id, OPERATE, services.UPDATED)
    form = CredentialForm(credential, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _update(request, credential, form)
            return _done(request, credential, "Saved. A push to the gateway is queued.")
        except ApiError as error:
            _show(form, error)
    return _form(request, credential, form, "Change", "Save")


def rotate(request: HttpRequest, credential_id: str) -> HttpResponse:
    credential = _allowed(request, credential_id, OPERATE, rotation.ACTION)
    form = RotateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            prepared = rotation.prepare(
                by=actor(request),
                credential=_found(credential),
                order=rotation.order(form.values),
            )
            perform(
                lambda: rotation.apply(
                    by=actor(request), credential=_locked(credential), prepared=prepared
                )
            )
            return _done(request, credential, _said(prepared))
        except ApiError as error:
            _show(form, error)
    return _form(request, credential, form, "Rotate the password", "Rotate")


def reveal(request: HttpRequest, credential_id: str) -> HttpResponse:
    """The password, once, in the answer to the operator's own password and nowhere else."""
    credential = _allowed(request, credential_id, ADMINISTER, revealing.ACTION)
    form = RevealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _check_own_password(request, credential, form.cleaned_data["own_password"])
            revealed = perform(
                lambda: revealing.reveal(by=actor(request), credential=_locked(credential))
            )
        except ApiError as error:
            form.add_error(None, error.message)
        else:
            return _page(request, credential, "Password", "console/revealed.html", it=revealed)
    return _form(request, credential, form, "Reveal the password", "Reveal once")


@require_POST
def compare(request: HttpRequest, credential_id: str) -> HttpResponse:
    """What Jasmin has against what is wanted, by a plan of the organisation."""
    credential = _allowed(request, credential_id, OPERATE, passes.ACTION)
    placement = Placement.objects.select_related("gateway").filter(
        organization=credential.organization_id
    )
    home = placement.first()
    try:
        if home is None:
            raise ApiError("GATEWAY_UNAVAILABLE", "The organisation lives on no gateway yet.")
        ticket = passes.ask(request, home.gateway, passes.PLAN, credential.organization)
    except ApiError as error:
        context = {"message": error.message}
        return TemplateResponse(request, "console/fragments/refused.html", context)
    return passes.waiting(request, ticket)


def _update(request: HttpRequest, credential: Credential, form: CredentialForm) -> None:
    """Raises ApiError."""
    fields = dict(form.values)
    claim = Claim(
        may_reveal=request.user.has_perm(ADMINISTER),
        current_password=fields.pop("current_password", None),
    )
    host = fields.get("host", credential.host)
    if host != credential.host:
        check_host(host)

    def effect() -> None:
        row = _locked(credential)
        form.check(row)
        services.update(
            by=actor(request), credential=row, fields=fields, claim=claim, checked_host=host
        )

    perform(effect)


def _check_own_password(request: HttpRequest, credential: Credential, password: str) -> None:
    """Raises RATE_LIMIT_EXCEEDED, INSUFFICIENT_PERMISSIONS (audited)."""
    rate = throttles.Rate.parse(settings.LOGIN_RATE_LIMIT)
    throttles.take("login", f"account:{request.user.email.lower()}", rate).check()
    if request.user.check_password(password):
        return

    def refuse() -> None:
        audit.record(
            by=actor(request),
            organization=credential.organization,
            action=revealing.ACTION,
            target=credential.pk,
            outcome="refused",
            detail="wrong password of the operator",
        )

    perform(refuse)
    raise ApiError("INSUFFICIENT_PERMISSIONS", "This is not your password. Nothing was shown.")


def _said(prepared: rotation.Prepared) -> str:
    done = {
        "switch": "The password is switched",
        "stage": "A password is generated and staged: reveal it once, and set it at the carrier",
        "activate": "The staged password is in use",
        "discard": "The staged password is dropped",
    }[prepared.order.kind]
    trial = prepared.verification
    return f"{done}; trial bind: {trial.result}. {trial.reason}" if trial else f"{done}."


def _may_look(request: HttpRequest) -> None:
    if not request.user.has_perm("messaging.view_credential"):
        require(request, OPERATE, action="credential.read", organization=None, target="")


def _allowed(request: HttpRequest, credential_id: str, right: str, action: str) -> Credential:
    credential = one(credential_id)
    require(
        request, right, action=action, organization=credential.organization, target=credential.pk
    )
    return credential


def _locked(credential: Credential) -> Credential:
    return lock(organization=credential.organization, credential_id=credential.pk)


def _found(credential: Credential) -> Credential:
    return find(organization=credential.organization, credential_id=credential.pk, secrets=True)


def _show(form: SerializedForm, error: ApiError) -> None:
    details = error.details or {}
    form.refuse(details.get("field"), error.message)


def _done(
    request: HttpRequest, credential: Credential, message: str, *, failed: bool = False
) -> HttpResponse:
    (messages.error if failed else messages.success)(request, message)
    return redirect("admin:messaging_credential_change", quote(credential.pk))


def _form(
    request: HttpRequest, credential: Credential, form: Any, what: str, button: str
) -> HttpResponse:
    back = reverse("admin:messaging_credential_change", args=[quote(credential.pk)])
    context = {"form": form, "button": button, "back": back}
    return _page(request, credential, what, "console/form.html", **context)


def _page(
    request: HttpRequest, credential: Credential, what: str, template: str, **context: Any
) -> HttpResponse:
    context |= {"credential": credential}
    return render(request, template, f"{what}: {credential.name}", credential, **context)
