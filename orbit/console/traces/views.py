"""The page of a credential's trace, which fills in; one PDU; the file for Wireshark."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from messaging.credentials.models import Credential
from orbit.api.errors import ApiError
from orbit.console.credentials.admin import find_credential
from orbit.console.pages import render
from orbit.console.permissions import perform
from orbit.console.roles import OPERATE
from orbit.console.traces import pcapng, requests
from orbit.console.traces.rows import for_user, may_see_texts, row
from reconciler.traces import store
from reconciler.traces.store import State, Trace

ROWS = 100
PATIENCE = 15  # seconds after which the page asks whether workers are running
_NUMBER = re.compile("[0-9]{1,12}")
_MAY_LOOK = permission_required("messaging.view_credential", raise_exception=True)


@_MAY_LOOK
def page(request: HttpRequest, credential_id: str) -> HttpResponse:
    """Query: `before`, the number of a PDU. htmx gets the fragment that refreshes itself."""
    credential = find_credential(credential_id)
    trace = store.of_credential(credential.pk)
    context = {"credential": credential, "trace": trace, "lengths": requests.lengths()}
    if trace is not None:
        requests.go_on(trace)
        context |= _content(request, trace)
    if "HX-Request" in request.headers:
        return TemplateResponse(request, "console/fragments/trace.html", context)
    return render(
        request, "console/trace.html", f"Trace of {credential.name}", credential, **context
    )


@_MAY_LOOK
def pdu(request: HttpRequest, credential_id: str, number: int) -> HttpResponse:
    """One PDU, whole."""
    credential = find_credential(credential_id)
    trace = _trace(credential)
    found = next(store.newest(trace, before=number + 1), None)
    if found is None or found.number != number:
        raise Http404
    around = number + ROWS // 2
    context = {"credential": credential, "pdu": row(found, trace, request.user), "after": around}
    if request.user.has_perm(OPERATE):
        context["octets"] = for_user(found, trace, request.user).octets
    title = f"PDU {number} of {credential.name}"
    return render(request, "console/traced_pdu.html", title, credential, **context)


@require_POST
def start(request: HttpRequest, credential_id: str) -> HttpResponse:
    credential = find_credential(credential_id)
    texts = request.POST.get("texts") == "on"
    try:
        requests.start(request, credential, minutes=request.POST.get("minutes", ""), texts=texts)
    except ApiError as error:
        messages.error(request, error.message)
    return redirect("console:trace", credential.pk)


@require_POST
def stop(request: HttpRequest, credential_id: str) -> HttpResponse:
    credential = find_credential(credential_id)
    try:
        requests.stop(request, credential)
    except ApiError as error:
        messages.error(request, error.message)
    return redirect("console:trace", credential.pk)


@require_POST
def download(request: HttpRequest, credential_id: str) -> HttpResponseBase:
    """All that is kept, as pcapng. Audited."""
    credential = find_credential(credential_id)
    requests.may(request, credential, requests.DOWNLOADED)
    trace = _trace(credential)
    texts = may_see_texts(trace, request.user)
    what = "with texts" if texts else "texts masked"
    detail = f"{trace.count} PDUs, {what}"
    perform(lambda: requests.note(request, credential, requests.DOWNLOADED, detail))
    pdus = [for_user(each, trace, request.user) for each in store.newest(trace)][::-1]
    comment = f"Trace of {credential.name} ({credential.pk}): passwords blanked, {what}"
    started = datetime.fromtimestamp(trace.started_at, UTC)
    name = f"{slugify(credential.name) or 'trace'}-{started:%Y%m%d-%H%M%S}.pcapng"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    body = b"".join(pcapng.written(pdus, comment=comment))
    return HttpResponse(body, content_type=pcapng.CONTENT_TYPE, headers=headers)


def _content(request: HttpRequest, trace: Trace) -> dict[str, Any]:
    given = request.GET.get("before", "")
    before = int(given) if _NUMBER.fullmatch(given) else None
    pdus = list(islice(store.newest(trace, before=before), ROWS + 1))
    return {
        "rows": [row(each, trace, request.user) for each in pdus[:ROWS]],
        "older": pdus[ROWS - 1].number if len(pdus) > ROWS else None,
        "before": before,
        "started": datetime.fromtimestamp(trace.started_at or trace.asked_at, UTC),
        "left": max(0, round(trace.ends_at - time.time())),
        "sees_texts": may_see_texts(trace, request.user),
        "is_late": trace.state == State.ASKED and time.time() - trace.asked_at > PATIENCE,
    }


def _trace(credential: Credential) -> Trace:
    """Raises Http404."""
    trace = store.of_credential(credential.pk)
    if trace is None:
        raise Http404
    return trace
