"""The door at which a stock Jasmin reports what became of a message: `POST /dlr/TOKEN`.

The token is unguessable and is all that counts; Jasmin's own names for users and connectors are
not looked at, so one organisation's receipt can't settle another's message. Every report that was
read is answered `ACK/Jasmin`, known or not: anything else makes Jasmin come again. Gateways with a
lane have no use for it: their logs are read (`receiver.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging.carrier_tests import gateway_results as carrier_tests
from messaging.gateway import Report
from messaging.messages import reports as messages
from messaging.messages.attempt_tokens import PREFIX

ACK = "ACK/Jasmin"
ANSWER, RECEIPT = 1, 2  # Jasmin's levels: the carrier's answer to the submit, its receipt
LONGEST = 200  # characters of a value: more than a token has


@csrf_exempt
@require_POST
def report(request: HttpRequest, token: str) -> HttpResponse:
    found = _read({**request.POST.dict(), "token": token})
    if found is not None and token.startswith(PREFIX):
        messages.take([found])
    elif found is not None:
        carrier_tests.take(found)
    return HttpResponse(ACK, content_type="text/plain")


def _read(form: Mapping[str, Any]) -> Report | None:
    """The report; None if there is nothing in it that we know."""
    level, status = _text(form, "level"), _text(form, "message_status")
    if level not in (str(ANSWER), str(RECEIPT)) or not status:
        return None
    token, error = _text(form, "token"), _text(form, "err")
    return Report(token, int(level), status, _text(form, "id_smsc"), error)


def _text(form: Mapping[str, Any], name: str) -> str:
    """Carriers write what they like; a NUL would break the database's text."""
    return str(form.get(name, "")).replace("\0", "")[:LONGEST]
