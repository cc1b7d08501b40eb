"""The door at which Jasmin reports what became of a message: `POST /dlr/TOKEN`.

The token is unguessable and is all that counts; Jasmin's own names for users and connectors are
not looked at, so one organisation's receipt can't settle another's message. Every report that was
read is answered `ACK/Jasmin`, known or not: anything else makes Jasmin come again.

`X-Reports-Together` tells our launcher (`launcher/together.py`) that it may bring so many at once:
`POST /dlr`, a JSON list of the same forms, each with its `token`. One answer is for all of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging.carrier_tests import receipts as carrier_tests
from messaging.gateway import Report
from messaging.messages import receipts as messages
from messaging.messages.tokens import PREFIX

ACK = "ACK/Jasmin"
ANSWER, RECEIPT = 1, 2  # Jasmin's levels: the carrier's answer to the submit, its receipt
TOGETHER = 100  # reports in one request
LONGEST = 200  # characters of a value: more than a token has


@csrf_exempt
@require_POST
def report(request: HttpRequest, token: str) -> HttpResponse:
    return _take([{**request.POST.dict(), "token": token}])


@csrf_exempt
@require_POST
def reports(request: HttpRequest) -> HttpResponse:
    try:
        forms = json.loads(request.body)
    except (ValueError, RecursionError):
        forms = None
    is_list = isinstance(forms, list) and all(isinstance(form, dict) for form in forms)
    if not is_list or len(forms) > TOGETHER:
        why = f"a JSON list of at most {TOGETHER} reports, please\n"
        return HttpResponse(why, status=400, content_type="text/plain")
    return _take(forms)


def _take(forms: list[Mapping[str, Any]]) -> HttpResponse:
    read = list(chain.from_iterable(map(_read, forms)))
    messages.take([each for each in read if each.token.startswith(PREFIX)])
    for each in read:
        if not each.token.startswith(PREFIX):
            carrier_tests.take(each)
    headers = {"X-Reports-Together": str(TOGETHER)}
    return HttpResponse(ACK, content_type="text/plain", headers=headers)


def _read(form: Mapping[str, Any]) -> list[Report]:
    """The report; none if there is nothing in it that we know."""
    level, status = _text(form, "level"), _text(form, "message_status")
    if level not in (str(ANSWER), str(RECEIPT)) or not status:
        return []
    token, error = _text(form, "token"), _text(form, "err")
    return [Report(token, int(level), status, _text(form, "id_smsc"), error)]


def _text(form: Mapping[str, Any], name: str) -> str:
    """Carriers write what they like; a NUL would break the database's text."""
    return str(form.get(name, "")).replace("\0", "")[:LONGEST]
