"""Fixtures: a lane in a process of its own, a raw carrier, and a client of the lane's HTTP API."""

from __future__ import annotations

import base64
import http.client
import itertools
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from orbit.dev.stack.jasmin import PROJECT
from tests.fixtures.forkserver.programs import Program
from tests.fixtures.http_answers import whole_body
from tests.fixtures.raw_smsc import RawSmsc
from tests.reconciler.launcher import jasmin_python
from tests.reconciler.launcher.lane.smsc import Smsc

PROGRAM = Path(__file__).with_name("lane_process.py")
PATIENCE = 60.0  # seconds, for a machine that has other things to do
MAX_OCTETS = 100_000_000
CID = "obcarrier"


def until(condition: Callable[[], Any], what: str = "") -> Any:
    """The first true value that `condition` gives."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, what or "it has not come"
        time.sleep(0.01)
    return found


class LaneProcess:
    """`lane_process.py`, running on `folder`."""

    def __init__(
        self, folder: Path, connectors: dict[str, dict[str, Any]], max_octets: int = MAX_OCTETS
    ) -> None:
        self.folder, self.connectors, self.max_octets = folder, connectors, max_octets
        self.after = 0
        self.log = ""
        self.records: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        self.start()

    def start(self) -> None:
        arguments = (self.folder, json.dumps(self.connectors), str(self.max_octets))
        self.process = Program(
            [jasmin_python.PYTHON, PROGRAM, *arguments],
            cwd=PROJECT,
            env=jasmin_python.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.port = int(line)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def request(
        self, method: str, path: str, body: Any = None, user: str = "", raw: bytes = b""
    ) -> tuple[int, Any]:
        headers = {}
        if user:
            headers["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
        data = raw or (json.dumps(body) if body is not None else None)
        # The lane may be killed meanwhile.
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)) as connection:
            connection.request(method, path, body=data, headers=headers)
            response = connection.getresponse()
            return response.status, json.loads(whole_body(response))

    def submit(self, *submits: dict[str, Any], user: str = "alice:secret") -> list[dict[str, Any]]:
        status, answer = self.request("POST", "/lane/submits", {"submits": submits}, user)
        assert status == 200, answer
        return answer["results"]

    def message(self, text: str = "hello", **fields: Any) -> dict[str, Any]:
        """A submit with a new token."""
        number = next(self._numbers)
        return {
            "token": f"t{self.process.pid}.{number}",
            "from": "ACME",
            "to": "+33612345678",
            "parts": [text.encode().hex()],
            **fields,
        }

    def read(self, wait: float = 0) -> list[dict[str, Any]]:
        """New records of the log, which are acknowledged by the next read."""
        path = f"/lane/log?after={self.after}&wait={wait}"
        status, answer = self.request("GET", path, user="root:hush")
        assert status == 200, answer
        new = answer["records"]
        assert [each["n"] for each in new] == list(range(self.after + 1, self.after + 1 + len(new)))
        self.records += new
        self.after += len(new)
        return new

    def wait_for_records(self, count: int, *kinds: str) -> list[dict[str, Any]]:
        """The records of these kinds, once there are `count`."""

        def found() -> list[dict[str, Any]]:
            self.read()
            right = [each for each in self.records if not kinds or each["kind"] in kinds]
            return right if len(right) >= count else []

        return until(found, f"{count} {kinds}: {self.records[-5:]}")

    def do(self, what: str, **fields: Any) -> Any:
        return self.request("POST", "/do", {"do": what, **fields})[1]

    def state(self, cid: str = CID) -> dict[str, Any]:
        return self.request("GET", "/state")[1]["connectors"][cid]

    def bound(self, cid: str = CID) -> None:
        until(lambda: self.state(cid)["state"].startswith("BOUND"), "not bound")


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    carrier = Smsc()
    yield carrier
    carrier.stop()


def settings(port: int, **changed: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": port,
        "system_id": "acme",
        "password": "sixteen-letters!",
        "account": "account1",
        "window": 10,
        "loss_delay": 0.1,
        "fail_delay": 0.1,
        "plus": False,
        "senders": {"alphanumeric": [5, 0], "long_code": [1, 1], "short_code": [3, 0]},
        **changed,
    }


@pytest.fixture
def lane(tmp_path: Path, smsc: Smsc) -> Iterator[Callable[..., LaneProcess]]:
    """`lane(window=3)`: a lane with one connector, bound."""
    started: list[LaneProcess] = []

    def start(
        folder: Path | None = None, max_octets: int = MAX_OCTETS, **changed: Any
    ) -> LaneProcess:
        connectors = {CID: settings(smsc.port, **changed)}
        started.append(LaneProcess(folder or tmp_path / "lane", connectors, max_octets))
        started[-1].bound()
        return started[-1]

    yield start
    for each in started:
        each.kill()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaneProcess]:
    """A lane for tests that leave nothing behind."""
    carrier = Smsc()
    connectors = {CID: settings(carrier.port)}
    program = LaneProcess(tmp_path_factory.mktemp("shared") / "lane", connectors)
    program.bound()
    yield program
    program.kill()
    carrier.stop()


@pytest.fixture(scope="module")
def empty_lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaneProcess]:
    """A lane without connectors."""
    program = LaneProcess(tmp_path_factory.mktemp("empty") / "lane", {})
    yield program
    program.kill()


@pytest.fixture
def several(empty_lane: LaneProcess, raw_smsc: RawSmsc) -> Iterator[Callable[..., LaneProcess]]:
    """`several(binds=3)`: a lane with one connector to the scripted carrier, not yet bound."""
    empty_lane.records = []

    def start(**changed: Any) -> LaneProcess:
        given = {"port": raw_smsc.port, **changed}
        empty_lane.do("add", cid=CID, settings=settings(**given))
        return empty_lane

    yield start
    raw_smsc.close()
    empty_lane.do("remove", cid=CID)
    empty_lane.read()
