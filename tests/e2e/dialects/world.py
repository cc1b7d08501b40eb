"""Carriers with dialects beside a running site: what is sent to them, and read of it."""

from __future__ import annotations

from contextlib import ExitStack
from html import unescape
from typing import Any

from django.test import Client

from tests.e2e.api import Api
from tests.e2e.dialects.scenarios import Scenario
from tests.e2e.waiting import eventually
from tests.factories import make_user
from tests.fixtures.raw_smsc import RawSmsc

CARRIERS, MESSAGES = "/v1/messaging/smpp/carriers", "/v1/messages"
TO, SENDER = "+33639980001", "ACME"
PATIENCE = 90.0  # seconds


class Played:
    """A scenario with its carrier, and the message that was sent to it."""

    def __init__(self, scenario: Scenario, api: Api, smsc: RawSmsc) -> None:
        self.scenario, self.smsc, self._api = scenario, smsc, api
        scenario.play(smsc)
        fields = dict(scenario.credential)
        self.credential = api.add(port=smsc.port, **fields)["id"]
        body = {"name": scenario.name[:64], "credential_id": self.credential, "countries": ["FR"]}
        answer = api.post(CARRIERS, body)
        assert answer.status == 201, answer.body
        self.carrier = answer.data["id"]
        self.message = ""

    def is_bound(self) -> bool:
        return self._api.read(self.credential)["bind"]["state"] == "bound"

    def send(self, body: str = "") -> str:
        asked = {"to": TO, "from": SENDER, "body": body or self.scenario.body}
        answer = self._api.post(f"{MESSAGES}/sms", asked | {"carrier_id": self.carrier})
        assert answer.status == 202, answer.body
        self.message = self.message or answer.data["id"]
        return answer.data["id"]

    def read(self, message: str = "") -> dict[str, Any]:
        return self._api.get(f"{MESSAGES}/{message or self.message}").data


class World:
    """`bind(*scenarios)`: each with a carrier of its own, once all are bound."""

    def __init__(self, api: Api, carriers: ExitStack) -> None:
        self.api, self._carriers = api, carriers
        webhook = {"url": "http://127.0.0.1:9/", "events": ["*"]}
        assert api.post("/v1/webhooks", webhook).status == 201
        self.console = Client()
        self.console.force_login(make_user(is_staff=True, is_superuser=True))

    def bind(self, *scenarios: Scenario) -> list[Played]:
        played = [
            Played(each, self.api, self._carriers.enter_context(RawSmsc())) for each in scenarios
        ]
        eventually(lambda: all(each.is_bound() for each in played), timeout=PATIENCE)
        return played

    def page(self, path: str) -> str:
        answer = self.console.get(path)
        assert answer.status_code == 200, path
        return unescape(answer.content.decode())
