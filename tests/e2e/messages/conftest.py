"""An organisation with carriers that are bound to simulated SMSCs, and what those have got."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.utils import timezone

from messaging.messages.models import Message
from orbit.dev.simulator import SimulatorThread
from orbit.dev.stack import Stack
from orbit.dev.stack.files import make_folder
from reconciler.models import Gateway
from tests.e2e.api import Api
from tests.e2e.messages.dying_site import DyingSite
from tests.e2e.messages.points import Point
from tests.e2e.waiting import eventually
from tests.fixtures.site import Site, environment

CARRIERS, POOLS, MESSAGES = (
    "/v1/messaging/smpp/carriers",
    "/v1/messaging/sender-pools",
    "/v1/messages",
)
FRANCE, AMERICA, GERMANY, BRITAIN = (
    "+33639980001",
    "+14155552671",
    "+4915123456789",
    "+447400123456",
)

# Of a site whose processes die. Where nothing is lost, an outcome may wait for the leases of
# several workers (30 s each) that died one after the other.
SETTINGS = {"MESSAGE_RECEIPT_TIMEOUT_HOURS": "0.02", "MESSAGE_OUTCOME_TIMEOUT": "200"}


class World:
    """Carriers by name; each has an account of its name at the SMSC."""

    def __init__(self, api: Api, smsc: SimulatorThread) -> None:
        self.api, self.smsc = api, smsc
        self.carriers: dict[str, dict[str, Any]] = {}
        self.credentials: dict[str, str] = {}

    def carrier(
        self,
        name: str,
        *countries: str,
        faults: list[str] | None = None,
        rate: str = "0",
        **credential: Any,
    ) -> str:
        """Make one that takes `rate` for a segment; its id."""
        self.smsc.add_system(name, "secret", faults=faults or [])
        made = self.api.add(port=self.smsc.port, system_id=name, **credential)
        body = {"name": name, "credential_id": made["id"], "countries": list(countries) or ["*"]}
        body["billing_rate"] = rate
        answer = self.api.post(CARRIERS, body)
        assert answer.status == 201, answer.body
        self.credentials[name], self.carriers[name] = made["id"], answer.data
        return answer.data["id"]

    def wait_until_bound(self) -> None:
        for credential_id in self.credentials.values():
            eventually(lambda of=credential_id: self._is_ready(self.api.read(of)))

    @staticmethod
    def _is_ready(credential: dict[str, Any]) -> bool:
        return (credential["bind"]["state"], credential["sync"]["state"]) == ("bound", "synced")

    def pool(self, *senders: str, **fields: Any) -> str:
        members = [{"sender": sender} for sender in senders]
        answer = self.api.post(POOLS, {"name": "Support", "members": members} | fields)
        assert answer.status == 201, answer.body
        return answer.data["id"]

    def send(self, **fields: Any) -> str:
        """The id of a message that was taken; `sender` is sent as `from`."""
        if "sender" in fields:
            fields["from"] = fields.pop("sender")
        body = {"to": FRANCE, "body": "hello"} | fields
        answer = self.api.post(f"{MESSAGES}/sms", body)
        assert answer.status == 202, answer.body
        return answer.data["id"]

    def read(self, message_id: str) -> dict[str, Any]:
        return self.api.get(f"{MESSAGES}/{message_id}").data

    def got(self, name: str) -> list[Any]:
        """What the carrier got, oldest first."""
        return self.smsc.system(name).submits

    def texts(self) -> Counter[str]:
        """Every text that any carrier took, and how often."""
        return Counter(
            each.text for name in self.carriers for each in self.got(name) if each.accepted
        )


def states() -> Counter[str]:
    return Counter(Message.objects.values_list("status", flat=True))


def all_over(timeout: float = 60) -> None:
    """Every message has reached its end."""
    eventually(lambda: not Message.objects.filter(finished_at=None).exists(), timeout=timeout)


def expire_claims() -> None:
    """Messages that a killed worker had claimed are free at once, not after its lease of 30 s."""
    claimed = Message.objects.filter(leased_until__gt=timezone.now())
    claimed.update(leased_until=timezone.now())


@pytest.fixture
def world(gateway: Gateway, api: Api, make_smsc: Callable[..., SimulatorThread]) -> World:
    return World(api, make_smsc())


@pytest.fixture
def deaths(tmp_path: Path) -> Path:
    """The folder that `DEATHS` names (dying.py)."""
    return make_folder(tmp_path / "deaths")


@pytest.fixture
def make_dying(site: Site, stack: Stack, deaths: Path) -> Iterator[Callable[..., Site]]:
    """Starts a site with a Redis database of its own, whose processes die `each` times at each
    point. `settings`: further environment, as dying.py and orbit/settings.py have it."""
    made: list[Site] = []

    def make(*points: Point, each: int = 0, **settings: str) -> Site:
        environ = environment(stack, "dying") | SETTINGS
        environ["REDIS_URL"] = environ["REDIS_URL"].removesuffix("/1") + "/2"
        environ |= {"DEATHS": str(deaths)} | settings
        site.kill_receiver()  # it would read the log, and no death would meet it
        for point in points:
            folder = make_folder(deaths / point.name)
            for number in range(each):
                (folder / str(number)).touch()
        with redis.Redis.from_url(environ["REDIS_URL"]) as client:
            client.flushdb()
        dying = DyingSite(stack, "dying", environ)
        made.append(dying)
        dying.start()
        dying.start_beat(interval=5)
        return dying

    yield make
    for each in made:
        each.stop()


@pytest.fixture
def make_world(
    gateway: Gateway, make_api: Callable, make_smsc: Callable[..., SimulatorThread]
) -> Callable[[Site, list[str]], World]:
    """Three carriers for all countries, each the first for some; the last two have `faults`."""

    def make(site: Site, faults: list[str]) -> World:
        world = World(make_api(base_url=site.base_url), make_smsc(journal=False))
        world.carrier("north", "FR", "US", throughput=None)
        world.carrier("south", "DE", "GB", throughput=None, faults=faults)
        world.carrier("west", "*", throughput=None, faults=faults)
        world.wait_until_bound()
        return world

    return make
