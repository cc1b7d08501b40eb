"""An organisation on one of the gateways, its carrier, and its messages."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

from messaging.messages.models import Message
from orbit.accounts.models import Organization
from reconciler.models import Gateway, Placement
from tests.e2e.api import Api
from tests.e2e.fleet.fleet import Fleet
from tests.e2e.waiting import eventually
from tests.factories import make_api_key, make_organization

CARRIERS, BATCH = "/v1/messaging/smpp/carriers", "/v1/messages/sms/batch"
SENDER, TO = "+33700000001", "+33639980001"
_numbers = itertools.count(1)


class Tenant:
    """`name` is also its account at the simulated carriers. Its texts begin with it.

    `answer_after`: seconds that its carrier takes for an answer; so much is always under way.
    """

    def __init__(
        self, fleet: Fleet, gateway: Gateway, *, answer_after: float = 0, **credential: Any
    ) -> None:
        self.name = f"tenant{next(_numbers)}"
        self.fleet, self.gateway = fleet, gateway
        self.organization: Organization = make_organization(self.name)
        Placement.objects.create(organization=self.organization, gateway=gateway)
        self.api = Api(fleet.site.base_url, make_api_key(self.organization).secret)
        self.sent = 0
        faults = [f"slow:{answer_after:g}:on=submit"] if answer_after else []
        fleet.smsc.add_system(self.name, "secret", faults=faults)
        host, port = fleet.carriers_at
        fields = {"enquire_link_interval": 5, "throughput": None} | credential
        made = self.api.add(host=host, port=port, system_id=self.name, **fields)
        self.credential_id: str = made["id"]
        body = {"name": self.name, "credential_id": made["id"], "countries": ["*"]}
        answer = self.api.post(CARRIERS, body)
        assert answer.status == 201, answer.body

    @property
    def bind(self) -> dict[str, Any]:
        return self.api.read(self.credential_id)["bind"]

    def wait_until_bound(self) -> None:
        eventually(lambda: self.bind["state"] == "bound")

    def send(self, count: int) -> None:
        """In one request. Their texts are numbered on."""
        texts = [f"{self.name} {number}" for number in range(self.sent, self.sent + count)]
        body = {
            "defaults": {"to": TO, "from": SENDER},
            "messages": [{"body": text} for text in texts],
        }
        answer = self.api.post(BATCH, body)
        assert answer.status == 202, answer.body
        assert answer.data["accepted"] == count, answer.body
        self.sent += count

    def states(self) -> Counter[str]:
        return Counter(self._messages().values_list("status", flat=True))

    def all_over(self, timeout: float = 90) -> None:
        eventually(lambda: not self._messages().filter(finished_at=None).exists(), timeout=timeout)

    def taken(self) -> list[Any]:
        """What its carrier took, oldest first."""
        return [each for each in self.fleet.smsc.system(self.name).submits if each.accepted]

    def texts(self) -> Counter[str]:
        return Counter(each.text for each in self.taken())

    def assert_each_once(self) -> None:
        """Delivered, and taken by the carrier once."""
        assert self.states() == {"delivered": self.sent}
        assert self.texts() == {f"{self.name} {number}": 1 for number in range(self.sent)}

    def _messages(self):
        return Message.objects.filter(organization=self.organization)
