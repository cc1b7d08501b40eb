"""Messages into Jasmin, as a credential's own user: they go out through that bind alone.

Jasmin's HTTP API tells refusals apart by their text only, and `Success` counts only with an id in
it: a Jasmin that lost its broker has been seen to say `Success "[Failure instance: …"`.

Our launcher names the life of its process in each answer, refuses what was meant for another, and
takes one report address once (`launcher/admission.py`): what got no answer is simply sent again.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

import urllib3
from django.conf import settings
from urllib3.exceptions import HTTPError, NewConnectionError

from messaging.credentials.models import Credential
from messaging.gateway import Accepted, Refusal, Refused, Submission, Trunk, Unknown
from messaging.smpp.protocol.text import encode
from orbit.fields import fault
from reconciler import placements
from reconciler.capabilities import ADDRESSES
from reconciler.models import Gateway, GatewayState

TIMEOUT = 10.0  # seconds
UCS2 = "8"  # data_coding, SMPP 3.4 §5.2.19
LIFE = "X-Launcher-Life"
_SUCCESS = re.compile(r'Success "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')
_ERROR = re.compile(r'Error "(.{1,200})"')  # `Redis is away`: our launcher's reasons are for people
_http = urllib3.PoolManager(
    maxsize=16, block=False, retries=False, timeout=urllib3.Timeout(total=TIMEOUT)
)
_lives: dict[str, str] = {}  # by the gateway's address, as its last answer has it

# (status, part of the text) → what it means
_REFUSALS = (
    (412, "Another life", Refusal.ANOTHER_LIFE, "the gateway was restarted"),
    (412, "no bound connectors", Refusal.NOT_BOUND, "its bind is down"),
    (412, "No route", Refusal.NOT_SYNCED, "the gateway has no route for it yet"),
    (403, "Authentication", Refusal.NOT_SYNCED, "the gateway does not know its user yet"),
    (403, "throughput", Refusal.TOO_FAST, "the gateway's own limit is reached"),
)
_PASSING = frozenset(
    {Refusal.ANOTHER_LIFE, Refusal.NOT_BOUND, Refusal.NOT_SYNCED, Refusal.TOO_FAST}
)


def trunks(credential_ids: Collection[str]) -> dict[str, Trunk | Refused]:
    """`messaging.gateway.Gateway.trunks`."""
    credentials = Credential.objects.live().in_bulk(list(credential_ids))
    gateways = {
        each: placements.serving(each)
        for each in {credential.organization_id for credential in credentials.values()}
    }
    return {
        each: _trunk(credentials[each], gateways[credentials[each].organization_id])
        if each in credentials
        else Refused(Refusal.REJECTED, "the credential was deleted", False)
        for each in credential_ids
    }


@dataclass(frozen=True)
class JasminTrunk:
    """One credential's user of one Jasmin. `coding`: the carrier's name for GSM-7; `plus`: whether
    numbers keep theirs."""

    url: str
    username: str
    password: str = field(repr=False)
    coding: str
    plus: bool
    life: str

    def submit(
        self, *, sender: str, to: str, text: str, dlr_token: str, life: str = ""
    ) -> Submission:
        """`messaging.gateway.Trunk.submit`: a POST, so that no access log has password or text."""
        try:
            answer = _http.request_encode_body(
                "POST",
                f"{self.url}/send",
                fields=self._form(sender, to, text, dlr_token),
                headers={LIFE: life} if life else {},
                encode_multipart=False,
                redirect=False,
            )
        except NewConnectionError:
            return Refused(Refusal.UNAVAILABLE, "its HTTP API refuses connections", True)
        except HTTPError:
            return Unknown("its HTTP API did not answer")
        _note_life(self.url, answer)
        text = answer.data.decode("utf-8", "replace").strip()
        if answer.status != 200:
            return _refused(answer.status, text)
        success = _SUCCESS.match(text)
        return (
            Accepted(success[1]) if success else Unknown("its HTTP API said success without an id")
        )

    def _form(self, sender: str, to: str, text: str, dlr_token: str) -> dict[str, str]:
        encoded = encode(text)
        return {
            "username": self.username,
            "password": self.password,
            "to": to if self.plus else to.removeprefix("+"),
            "from": sender if self.plus else sender.removeprefix("+"),
            "dlr": "yes",
            "dlr-url": f"{settings.DLR_BASE_URL.rstrip('/')}/dlr/{dlr_token}",
            "dlr-level": "3",
            "dlr-method": "POST",
            "coding": UCS2 if encoded.encoding.name == "ucs2" else self.coding,
            "hex-content": b"".join(encoded.parts).hex(),
        }


def _trunk(credential: Credential, gateway: Gateway | None) -> Trunk | Refused:
    if gateway is None or not gateway.enabled:
        return Refused(Refusal.UNAVAILABLE, "the organisation has no gateway", True)
    if gateway.state == GatewayState.DOWN:
        why = gateway.without_addresses(gateway.state_reason)
        return Refused(Refusal.UNAVAILABLE, f"the gateway is down: {why}", True)
    if unreadable := fault(credential, "gateway_password"):
        return Refused(Refusal.UNAVAILABLE, unreadable, True)
    return JasminTrunk(
        url=gateway.http_url,
        username=credential.gateway_key,
        password=credential.gateway_password,
        coding=str(credential.gsm_data_coding),
        # Our launcher takes the `+` away where the carrier wants none: it tells senders by it.
        plus=credential.addressing["plus"] or ADDRESSES in gateway.capabilities,
        life="",
    )


def _life(url: str) -> str | None:
    """Of the process there; None while it does not answer."""
    if url not in _lives:
        try:
            _note_life(url, _http.request("GET", f"{url}/ping", redirect=False))
        except HTTPError:
            return None
    return _lives.get(url, "")


def _note_life(url: str, answer: urllib3.BaseHTTPResponse) -> None:
    life = answer.headers.get(LIFE)
    if life:
        _lives[url] = life


def _refused(status: int, text: str) -> Refused:
    for code, part, kind, reason in _REFUSALS:
        if status == code and part in text:
            return Refused(kind, reason, kind in _PASSING)
    if status >= 500:
        said = _ERROR.match(text)
        why = f"Jasmin says: {said[1]}" if said else f"the gateway failed (HTTP {status})"
        return Refused(Refusal.UNAVAILABLE, why, True)
    return Refused(Refusal.REJECTED, f"the gateway refused it (HTTP {status}): {text[:200]}", False)
