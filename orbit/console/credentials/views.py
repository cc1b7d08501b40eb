"""The buttons of a credential's page. Each needs a permission and is audited."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from messaging.credentials import reveal as revealing
from messaging.credentials import rotation, services
from messaging.credentials.host_check import check_hosts, new_places
from messaging.credentials.models import Credential
from messaging.credentials.permissions import PasswordProof
from messaging.credentials.selectors import find, lock
from messaging.gateway import push_on_commit
from orbit.accounts.audit import services as audit
from orbit.accounts.sessions import login_limits
from orbit.api.errors import ApiError
from orbit.console.bind_history import recent_changes
from orbit.console.credentials.admin import find_credential, live_context
from orbit.console.forms import CredentialForm, RevealForm, RotateForm, SerializedForm
from orbit.console.four_eyes.services import require_second
from orbit.console.pages import render
from orbit.console.passes import requests as pass_requests
from orbit.console.permissions import actor, perform, require_permission
from orbit.console.roles import ADMINISTER, OPERATE
from reconciler.models import Placement

PUSHED = "credential.pushed"


def status(request: HttpRequest, credential_id: str) -> HttpResponse:
    """The fragment with the present state, which refreshes itself."""
    _require_view(request)
    return TemplateResponse(
        request, "console/fragments/credential.html", live_context(find_credential(credential_id))
    )


def history(request: HttpRequest, credential_id: str) -> HttpResponse:
    """The fragment with the bind history, which refreshes itself."""
    _require_view(request)
    credential = find_credential(credential_id)
    context = {"credential": credential, **recent_changes(credential)}
    return TemplateResponse(request, "console/fragments/bind_history.html", context)


@require_POST
def push(request: HttpRequest, credential_id: str) -> HttpResponse:
    credential = _find_permitted(request, credential_id, OPERATE, PUSHED)

    def effect() -> None:
        audit.record(
            by=actor(request),
            organization=credential.organization,
            action=PUSHED,
            target=credential.pk,
        )
        push_on_commit(credential.organization_id)

    perform(effect)
    return _redirect(request, credential, "A push is queued; the state below follows by itself.")


@require_POST
def switch(request: HttpRequest, credential_id: str, enabled: bool) -> HttpResponse:
    credential = _find_permitted(request, credential_id, OPERATE, services.UPDATED)
    try:
        perform(
            lambda: services.update(
                by=actor(request),
                credential=_locked(credential),
                fields={"enabled": enabled},
                proof=PasswordProof(may_reveal=False),
            )
        )
    except ApiError as error:
        return _redirect(request, credential, error.message, failed=True)
    return _redirect(
        request, credential, f"{credential.name} is switched {'on' if enabled else 'off'}."
    )


def edit(request: HttpRequest, credential_id: str) -> HttpResponse:
    credential = _find_permitted(request, credential_id, OPERATE, services.UPDATED)
    form = CredentialForm(credential, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _update(request, credential, form)
            return _redirect(request, credential, "Saved. A push to the gateway is queued.")
        except ApiError as error:
            _show_error(form, error)
    return _form(request, credential, form, "change", "Save")


def rotate(request: HttpRequest, credential_id: str) -> HttpResponse:
    credential = _find_permitted(request, credential_id, OPERATE, rotation.ACTION)
    form = RotateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            prepared = rotation.prepare(
                by=actor(request),
                credential=_with_secrets(credential),
                request=rotation.rotation_request(form.values),
            )
            perform(
                lambda: rotation.apply(
                    by=actor(request), credential=_locked(credential), prepared=prepared
                )
            )
            return _redirect(request, credential, _rotation_message(prepared))
        except ApiError as error:
            _show_error(form, error)
    return _form(request, credential, form, "rotate the password", "Rotate")


def reveal(request: HttpRequest, credential_id: str) -> HttpResponse:
    """Show the password once, in the answer to a POST of the operator's own password."""
    credential = _find_permitted(request, credential_id, ADMINISTER, revealing.ACTION)
    form = RevealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _check_own_password(request, credential, form.cleaned_data["own_password"])
            revealed = perform(lambda: _reveal(request, credential))
        except ApiError as error:
            form.add_error(None, error.message)
        else:
            return _page(
                request, credential, "password", "console/revealed_password.html", it=revealed
            )
    return _form(request, credential, form, "reveal the password", "Reveal once")


@require_POST
def compare(request: HttpRequest, credential_id: str) -> HttpResponse:
    """Compare Jasmin with what is wanted: queue a plan of the organisation."""
    credential = _find_permitted(request, credential_id, OPERATE, pass_requests.ACTION)
    placement = Placement.objects.select_related("gateway").filter(
        organization=credential.organization_id
    )
    home = placement.first()
    try:
        if home is None:
            raise ApiError("GATEWAY_UNAVAILABLE", "The organisation lives on no gateway yet.")
        ticket = pass_requests.request_pass(
            request, home.gateway, pass_requests.PLAN, credential.organization
        )
    except ApiError as error:
        context = {"message": error.message}
        return TemplateResponse(request, "console/fragments/refused.html", context)
    return pass_requests.result_fragment(request, ticket)


def _reveal(request: HttpRequest, credential: Credential) -> revealing.Revealed:
    require_second(
        by=actor(request),
        user=request.user,
        organization=credential.organization,
        action=revealing.ACTION,
        target=credential.pk,
    )
    return revealing.reveal(by=actor(request), credential=_locked(credential))


def _update(request: HttpRequest, credential: Credential, form: CredentialForm) -> None:
    """Raises ApiError."""
    fields = dict(form.values)
    proof = PasswordProof(
        may_reveal=request.user.has_perm(ADMINISTER),
        current_password=fields.pop("current_password", None),
    )
    places = new_places(fields, credential)
    if places:
        check_hosts(places, owner=credential.organization_id)

    def effect() -> None:
        row = _locked(credential)
        form.check(row)
        services.update(
            by=actor(request),
            credential=row,
            fields=fields,
            proof=proof,
            checked_hosts={host for host, _ in places.values()},
        )

    perform(effect)


def _check_own_password(request: HttpRequest, credential: Credential, password: str) -> None:
    """Raises ApiError: RATE_LIMIT_EXCEEDED, INSUFFICIENT_PERMISSIONS (audited)."""
    login_limits.count_own(request.user)
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


def _rotation_message(prepared: rotation.PreparedRotation) -> str:
    done = {
        "switch": "The password is switched",
        "stage": "A password is generated and staged: reveal it once, and set it at the carrier",
        "activate": "The staged password is in use",
        "discard": "The staged password is dropped",
    }[prepared.request.kind]
    trial = prepared.verification
    return f"{done}; trial bind: {trial.result}. {trial.reason}" if trial else f"{done}."


def _require_view(request: HttpRequest) -> None:
    if not request.user.has_perm("messaging.view_credential"):
        require_permission(request, OPERATE, action="credential.read", organization=None, target="")


def _find_permitted(
    request: HttpRequest, credential_id: str, permission: str, action: str
) -> Credential:
    credential = find_credential(credential_id)
    require_permission(
        request,
        permission,
        action=action,
        organization=credential.organization,
        target=credential.pk,
    )
    return credential


def _locked(credential: Credential) -> Credential:
    return lock(organization=credential.organization, credential_id=credential.pk)


def _with_secrets(credential: Credential) -> Credential:
    return find(organization=credential.organization, credential_id=credential.pk, secrets=True)


def _show_error(form: SerializedForm, error: ApiError) -> None:
    details = error.details or {}
    form.refuse(details.get("field"), error.message)


def _redirect(
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
    return render(request, template, f"{credential.name}: {what}", credential, **context)
