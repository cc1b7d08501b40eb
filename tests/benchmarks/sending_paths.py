"""The paths of a message to one carrier: Kannel; the lane's HTTP API, /send and SMPP server of a
launched gateway; /send of a stock Jasmin. Each has one bind, the same text, and receipts."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode
from urllib.request import urlopen

from orbit.dev.stack import Jasmin, Stack
from orbit.dev.stack.processes import poll
from tests.benchmarks.carrier import Carrier
from tests.benchmarks.kannel import Kannel
from tests.fixtures.stack import empty
from tests.reconciler.launcher.jasmin_client import JasminClient

SOURCE, TO, TEXT = "ACME", "33612345678", "Your code is 123456"
CONNECTIONS = 16  # of the load, where messages come one a request
BATCH = 500  # submits in a request to the lane
SMPP_WINDOW = 200  # submits in flight of the SMPP client
PATIENCE = 120.0  # seconds
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """Unix times of the first request and the last report, and CPU seconds of the load."""

    started: float
    last_report: float
    cpu: float


class SendingPath(Protocol):
    """`start` returns when the account is bound, with this window."""

    name: str
    windows: Sequence[int]
    most: float  # messages/s that it never exceeds

    def start(self, account: str, window: int) -> None: ...
    def send(self, count: int) -> Run:
        """Send so many; returns when each has its receipt."""
        ...

    def pids(self) -> dict[str, list[int]]: ...
    def stop(self) -> None: ...


class Load:
    """Runs the programs of this folder that send, and the sink for their reports."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._folder = folder
        log = stack.root / "logs" / "wire-sink.log"
        before = log.read_text() if log.exists() else ""  # of the sink of another benchmark
        self.sink = stack.spawn("wire-sink", [sys.executable, HERE / "report_sink.py"], env={})
        assert poll(lambda: log.read_text().removeprefix(before).endswith("\n"), timeout=20)
        self.sink_url = f"http://127.0.0.1:{log.read_text().split()[-1]}"

    def run(self, program: str, order: dict) -> dict:
        file = self._folder / "order.json"
        file.write_text(json.dumps(order))
        done = subprocess.run(
            [sys.executable, HERE / program, file],
            capture_output=True,
            text=True,
            env=dict(os.environ),
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def by_http(self, order: dict, count: int) -> Run:
        """One message a request, until every report is at the sink."""
        before = self._asked("/")
        load = self.run("http_load.py", order | {"connections": CONNECTIONS})
        assert load["statuses"].keys() <= {"200", "202"}, load
        wanted = before + count
        assert poll(lambda: self._asked("/") >= wanted, timeout=PATIENCE, interval=0.1)
        return Run(load["started"], self._asked("/last"), load["cpu"])

    def _asked(self, path: str) -> float:
        with urlopen(f"{self.sink_url}{path}") as answer:
            return float(answer.read())


class KannelPath:
    name, windows, most = "Kannel, sendsms", (1, 10, 50), 4000.0

    def __init__(self, kannel: Kannel, load: Load) -> None:
        self._kannel, self._load = kannel, load

    def start(self, account: str, window: int) -> None:
        self._kannel.start(account, window)

    def send(self, count: int) -> Run:
        url = f"{self._load.sink_url}/kannel"
        query = self._kannel.order(SOURCE, TO, TEXT, url)
        order = {
            "url": f"http://127.0.0.1:{self._kannel.http}/cgi-bin/sendsms",
            "method": "GET",
            "headers": {},
            "bodies": [query] * count,
        }
        return self._load.by_http(order, count)

    def pids(self) -> dict[str, list[int]]:
        return self._kannel.pids

    def stop(self) -> None:
        self._kannel.stop()


class JasminPath:
    """A Jasmin with one connector, and a user whose messages go through it."""

    name = ""
    windows: Sequence[int] = (1, 10, 50)
    most = 6000.0
    stock = False

    def __init__(self, client: JasminClient, carrier: Carrier, load: Load) -> None:
        self.jasmin, self._client = client.jasmin, client
        self._carrier, self._load = carrier, load

    def start(self, account: str, window: int) -> None:
        keys = {} if self.stock else {"window": window}
        self.open(account, **keys)

    def open(self, account: str, **keys: object) -> None:
        """Make the connector with these keys and wait for its bind."""
        start_as(self.jasmin, stock=self.stock)
        self.cid = self._client.open(self._carrier, account, **keys)

    def pids(self) -> dict[str, list[int]]:
        found = {"jasmind": [self.jasmin.pid]}
        if self.stock:
            found["RabbitMQ"] = [self.jasmin.rabbitmq.pid]
            found["Redis"] = [self.jasmin.redis.pid]
        return found

    def stop(self) -> None:
        self._client.type(f"smppccm -0 {self.cid}", f"smppccm -r {self.cid}")


def start_as(jasmin: Jasmin, *, stock: bool) -> None:
    """Restart it as a stock Jasmin or through the launcher, if it is not so already."""
    if jasmin.stock != stock:
        jasmin.stock = stock
        empty(jasmin)


class HttpApiPath(JasminPath):
    name, most = "launcher, /send", 1000.0

    def send(self, count: int) -> Run:
        run = secrets.token_hex(4)
        form = {
            "username": self.cid, "password": "pw", "from": SOURCE, "to": TO, "content": TEXT,
            "dlr": "yes", "dlr-level": 2, "dlr-method": "POST",
        }  # fmt: skip
        order = {
            "url": f"{self.jasmin.http_url}/send",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "bodies": [
                urlencode(form | {"dlr-url": f"{self._load.sink_url}/{run}.{n}"})
                for n in range(count)
            ],
        }
        return self._load.by_http(order, count)


class StockHttpApiPath(HttpApiPath):
    name, windows, most, stock = "stock Jasmin, /send", (1,), 60.0, True


class LanePath(JasminPath):
    name = "launcher, the lane"

    def send(self, count: int) -> Run:
        said = self._load.run(
            "lane_load.py",
            {
                "url": self.jasmin.http_url,
                "user": self.cid,
                "password": "pw",
                "operator": self.jasmin.jcli_username,
                "operator_password": self.jasmin.jcli_password,
                "source": SOURCE,
                "to": f"+{TO}",
                "text": TEXT,
                "count": count,
                "batch": BATCH,
            },
        )
        return Run(said["started"], said["last_report"], said["cpu"])


class SmppServerPath(JasminPath):
    name, most = "launcher, SMPP server", 4000.0

    def send(self, count: int) -> Run:
        said = self._load.run(
            "smpp_load.py",
            {
                "host": self.jasmin.smpp_host,
                "port": self.jasmin.smpp_port,
                "system_id": self.cid,
                "password": "pw",
                "source": SOURCE,
                "to": TO,
                "text": TEXT,
                "count": count,
                "window": SMPP_WINDOW,
            },
        )
        assert said["statuses"]["0"] == count, said
        return Run(said["started"], said["last_report"], said["cpu"])
