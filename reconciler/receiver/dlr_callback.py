"""The DLR callback of a stock Jasmin: `POST /dlr/TOKEN`.

Only the unguessable token names the message. Jasmin's names of users and connectors are ignored, so
one organisation's receipt can't end another's message. Every report that was read is answered
`ACK/Jasmin`, known or not: after any other answer Jasmin posts it again. Gateways with a lane make
no callbacks: their logs are read (`readers.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging.carrier_tests import gateway_results as carrier_tests
from messaging.gateway import JasminReport
from messaging.messages.attempt_tokens import PREFIX
from messaging.receipts import jasmin_reports

ACK = "ACK/Jasmin"
ANSWER, RECEIPT = 1, 2  # Jasmin's levels: the carrier's answer to the submit, its receipt
LONGEST = 200  # characters of a value: more than a token has


@csrf_exempt
@require_POST
def report(request: HttpRequest, token: str) -> HttpResponse:
    found = _read({**request.POST.dict(), "token": token})
    if found is not None and token.startswith(PREFIX):
        jasmin_reports.take([found])
    elif found is not None:
        carrier_tests.take(found)
    return HttpResponse(ACK, content_type="text/plain")


def _read(form: Mapping[str, Any]) -> JasminReport | None:
    """Return the report; None for a form that is none."""
    level, status = _text(form, "level"), _text(form, "message_status")
    if level not in (str(ANSWER), str(RECEIPT)) or not status:
        return None
    token, error = _text(form, "token"), _text(form, "err")
    return JasminReport(token, int(level), status, _text(form, "id_smsc"), error)


def _text(form: Mapping[str, Any], name: str) -> str:
    """Return the value, shortened, without NUL: PostgreSQL's text can't hold that."""
    return str(form.get(name, "")).replace("\0", "")[:LONGEST]
