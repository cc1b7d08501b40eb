"""One message into Jasmin, as a credential's own user: it goes out through that bind alone.

Jasmin's HTTP API tells refusals apart by their text only, and `Success` counts only with an id in
it: a Jasmin that lost its broker has been seen to say `Success "[Failure instance: …"`.
"""

from __future__ import annotations

import re
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from django.conf import settings

from messaging.credentials.models import Credential
from messaging.gateway import Accepted, Refusal, Refused, Submission, Unknown
from messaging.smpp.text import encode
from reconciler import placements
from reconciler.capabilities import ADDRESSES
from reconciler.models import Gateway, GatewayState

TIMEOUT = 10.0  # seconds
UCS2 = "8"  # data_coding, SMPP 3.4 §5.2.19
_SUCCESS = re.compile(r'Success "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')
_open = build_opener(ProxyHandler({})).open

# (status, part of the text) → what it means
_REFUSALS = (
    (412, "no bound connectors", Refusal.NOT_BOUND, "its bind is down"),
    (412, "No route", Refusal.NOT_SYNCED, "the gateway has no route for it yet"),
    (403, "Authentication", Refusal.NOT_SYNCED, "the gateway does not know its user yet"),
    (403, "throughput", Refusal.TOO_FAST, "the gateway's own limit is reached"),
)
_PASSING = frozenset({Refusal.NOT_BOUND, Refusal.NOT_SYNCED, Refusal.TOO_FAST})


def submit(*, credential_id: str, sender: str, to: str, text: str, dlr_token: str) -> Submission:
    """Hand the message to the credential's gateway; `messaging.gateway.Gateway.submit_pinned`."""
    credential = Credential.objects.live().filter(pk=credential_id).first()
    if credential is None:
        return Refused(Refusal.REJECTED, "the credential was deleted", False)
    gateway = placements.serving(credential.organization_id)
    if gateway is None or not gateway.enabled:
        return Refused(Refusal.UNAVAILABLE, "the organisation has no gateway", True)
    if gateway.state == GatewayState.DOWN:
        return Refused(Refusal.UNAVAILABLE, f"the gateway is down: {gateway.state_reason}", True)
    # Our launcher takes the `+` away where the carrier wants none: it tells senders apart by it.
    plus = credential.addressing["plus"] or ADDRESSES in gateway.capabilities
    return _post(gateway, _form(credential, sender, to, text, dlr_token, plus=plus))


def _form(
    credential: Credential, sender: str, to: str, text: str, dlr_token: str, *, plus: bool
) -> dict:
    form = {
        "username": credential.gateway_key,
        "password": credential.gateway_password,
        "to": to if plus else to.removeprefix("+"),
        "from": sender if plus else sender.removeprefix("+"),
        "dlr": "yes",
        "dlr-url": f"{settings.DLR_BASE_URL.rstrip('/')}/dlr/{dlr_token}",
        "dlr-level": "3",
        "dlr-method": "POST",
    }
    encoded = encode(text)
    coding = UCS2 if encoded.encoding.name == "ucs2" else str(credential.gsm_data_coding)
    return form | {"coding": coding, "hex-content": b"".join(encoded.parts).hex()}


def _post(gateway: Gateway, form: dict) -> Submission:
    """POST, so that neither password nor text is in an access log."""
    request = Request(f"{gateway.http_url}/send", data=urlencode(form).encode())
    try:
        with _open(request, timeout=TIMEOUT) as answer:
            text = answer.read().decode("utf-8", "replace")
    except HTTPError as error:
        with error:
            return _refused(error.code, error.read().decode("utf-8", "replace").strip())
    except URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            return Refused(Refusal.UNAVAILABLE, "its HTTP API refuses connections", True)
        return Unknown("its HTTP API did not answer")
    except (OSError, HTTPException):
        return Unknown("its HTTP API did not answer")
    success = _SUCCESS.match(text)
    if success is None:
        return Unknown("its HTTP API said success without an id")
    return Accepted(success.group(1))


def _refused(status: int, text: str) -> Refused:
    for code, part, kind, reason in _REFUSALS:
        if status == code and part in text:
            return Refused(kind, reason, kind in _PASSING)
    if status >= 500:
        return Refused(Refusal.UNAVAILABLE, f"the gateway failed (HTTP {status})", True)
    return Refused(Refusal.REJECTED, f"the gateway refused it (HTTP {status}): {text[:200]}", False)
