"""The DLR callback of a stock Jasmin: `POST /dlr/TOKEN`.

Only the unguessable token names the message. Jasmin's names of users and connectors are ignored, so
one organisation's receipt can't end another's message. Every report that was read is answered
`ACK/Jasmin`, known or not: after any other answer Jasmin posts it again. Gateways with a lane make
no callbacks: their logs are read (`readers.py`). Addresses outside of GATEWAY_TRUSTED_NETWORKS get
404, and a token that can be none of ours costs no look at the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging.carrier_tests import gateway_results as carrier_tests
from messaging.gateway import JasminReport
from messaging.messages.attempt_tokens import PREFIX
from messaging.net.host_policy import own_addresses
from messaging.receipts import jasmin_reports
from orbit.api.client_ip import client_address, parse_address, parse_networks, within

ACK = "ACK/Jasmin"
ANSWER, RECEIPT = 1, 2  # Jasmin's levels: the carrier's answer to the submit, its receipt
LONGEST = 200  # characters of a value: more than a token has
_MESSAGE = re.compile(PREFIX + r"[0-9a-f]{32}\.[1-9][0-9]{0,8}\.[A-Za-z0-9_-]{16,128}")
_TEST = re.compile(r"[0-9a-f]{32}")


@csrf_exempt
@require_POST
def report(request: HttpRequest, token: str) -> HttpResponse:
    if not _is_a_gateway(request):
        return HttpResponseNotFound()
    is_message, is_test = _MESSAGE.fullmatch(token), _TEST.fullmatch(token)
    found = _read({**request.POST.dict(), "token": token}) if is_message or is_test else None
    if found is not None and is_message:
        jasmin_reports.take([found])
    elif found is not None:
        carrier_tests.take(found)
    return HttpResponse(ACK, content_type="text/plain")


def _is_a_gateway(request: HttpRequest) -> bool:
    """Also this machine itself, which asks whether it is reached here (`dlr_base_url`)."""
    address = parse_address(client_address(request))
    if address is None:  # a Unix socket
        return True
    trusted = parse_networks(tuple(settings.GATEWAY_TRUSTED_NETWORKS))
    return within(address, trusted) or str(address) in own_addresses()


def _read(form: Mapping[str, Any]) -> JasminReport | None:
    """Return the report; None for a form that is none."""
    level, status = _text(form, "level"), _text(form, "message_status")
    if level not in (str(ANSWER), str(RECEIPT)) or not status:
        return None
    token, error = _text(form, "token"), _text(form, "err")
    return JasminReport(token, int(level), status, _text(form, "id_smsc"), error)


def _text(form: Mapping[str, Any], name: str) -> str:
    """Return the value, shortened, without what PostgreSQL's text can't hold: NUL, and half a
    surrogate pair."""
    text = str(form.get(name, ""))[:LONGEST]
    return text.replace("\0", "").encode("utf-8", "ignore").decode()
