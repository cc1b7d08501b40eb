"""The organisations of the fleet's story, and the messages that they send all the time."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from orbit.dev.demo.api import Api
from orbit.dev.demo.checks import Failed, wait_for
from orbit.dev.demo.http import Unreachable
from orbit.dev.demo.simulated_carriers import Account, Carrier

MESSAGES = "/messages"
TO = "+33612345678"


@dataclass
class Tenant:
    """An organisation with one carrier. `gateway`: the name of the one it was placed on."""

    name: str
    organization_id: str
    api: Api = field(repr=False)
    carrier: Carrier
    account: Account
    credential_id: str
    gateway: str = ""
    sent: list[str] = field(default_factory=list)  # texts, oldest first

    def texts(self) -> list[str]:
        """What its carrier has, in the order in which it got it."""
        return self.carrier.texts(self.account.system_id)

    def send(self) -> str:
        """Send its next message; returns the text. Raises Failed, Unreachable."""
        text = f"{self.name} no. {len(self.sent) + 1}"
        body = {"to": TO, "from": "ACME", "body": text}
        answer = self.api.send("POST", f"{MESSAGES}/sms", body)
        if answer.status != 202:
            raise Failed(f"{text!r} was answered with {answer.status}")
        self.sent.append(text)
        return text

    def messages(self) -> list[dict[str, Any]]:
        """All its messages, as the API has them."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while cursor is not None:
            answer = self.api.get(f"{MESSAGES}?limit=100{cursor and f'&cursor={cursor}'}")
            found += answer.data
            cursor = answer.body["meta"]["pagination"]["cursor"]
        return found


class Traffic:
    """Every tenant sends a message each `PAUSE_BETWEEN` seconds until `stop`."""

    PAUSE_BETWEEN = 0.25

    def __init__(self, tenants: Sequence[Tenant]) -> None:
        self._tenants = tenants
        self._stopped = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Raises Failed when a message was not taken."""
        self._stopped.set()
        self._thread.join()
        self.check()

    def check(self) -> None:
        if self._error is not None:
            raise Failed(f"a message could not be sent: {self._error}")

    def _run(self) -> None:
        try:
            while not self._stopped.wait(self.PAUSE_BETWEEN):
                for tenant in self._tenants:
                    tenant.send()
        except (Failed, Unreachable) as error:
            self._error = error


def wait_for_another(tenant: Tenant, since: float) -> float:
    """Wait until its carrier gets one more message; returns the seconds since then."""
    before = len(tenant.texts())
    wait_for(tenant.texts, lambda texts: len(texts) > before, f"a message of {tenant.name}")
    return time.perf_counter() - since


def doubled(tenant: Tenant) -> list[str]:
    return [text for text, times in Counter(tenant.texts()).items() if times > 1]
