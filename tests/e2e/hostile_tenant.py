"""A tenant that takes what it can get, in a process of its own: `python hostile_tenant.py FILE`.

FILE holds JSON `{"url", "key", "carrier", "said", "pause"}`: the site, an owner's key, the port of
a carrier on 127.0.0.1 that refuses its passwords, a file that it keeps writing, and seconds
between two requests of a thread; and what shall be other than in `SIZES`. Each of `WAYS` has
threads and a key of its own, and goes on until the process is killed; `said` is
`{way: {status: answers}}`, with "cut" for connections without one. With `go`, a file, it writes
`said` when it has what it needs, and begins when that file is there.
Needs Python alone. Where the site has been told so, `*.dead.example` are names whose name server
never answers.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import socket
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.e2e.api import CREDENTIALS, Answer, Api

CARRIERS, POOLS = "/v1/messaging/smpp/carriers", "/v1/messaging/sender-pools"
CAMPAIGNS, WEBHOOKS, KEYS = "/v1/campaigns", "/v1/webhooks", "/v1/settings/api-keys"
# Threads of each way, credentials of one that changes them, rows of an upload; its priority.
SIZES = {"threads": 2, "trunks": 12, "rows": 100_000, "nice": 19, "go": ""}
ADDRESS = "127.0.0.2"  # it calls from there, as a stranger to gateways and to other tenants
MEGABYTE = 1024 * 1024
CSV = {"Content-Type": "text/csv"}
Requests = Iterator[Callable[[Api], Answer]]


class Hostile:
    def __init__(self, order: dict) -> None:
        self._order = SIZES | order
        self.api = self._caller(order["key"])
        self.silent = [_listen(_say_nothing), _listen(_say_nothing)]
        self.endless = _listen(_answer_for_ever)
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._numbers = itertools.count()

    def run(self) -> None:
        """Never returns. All have what they need before the first begins, since together they soon
        leave nothing of the tenant's own limits."""
        works = [
            (way.__name__, api, way(self))
            for way in WAYS
            for api in [self._caller(self._new_key(way.__name__))]
            for _ in range(self._order["threads"])
        ]
        ready = [(name, api, next(requests), requests) for name, api, requests in works]
        self._wait_for_go()
        for name, api, first, requests in ready:
            work = (name, api, itertools.chain([first], requests))
            threading.Thread(target=self._go_on, args=work, daemon=True).start()
        while True:
            said = {way: dict(counts) for way, counts in list(self.counts.items())}
            file = Path(self._order["said"])
            file.with_suffix(".new").write_text(json.dumps(said))
            file.with_suffix(".new").replace(file)
            time.sleep(0.5)

    def _wait_for_go(self) -> None:
        if go := self._order["go"]:
            Path(self._order["said"]).write_text("{}")
            while not Path(go).exists():
                time.sleep(0.05)

    def _caller(self, key: str) -> Api:
        return Api(self._order["url"], key, source=ADDRESS)

    def _new_key(self, name: str) -> str:
        scopes = self.api.get("/v1/me").data["scopes"]
        return self.api.post(KEYS, {"name": name, "scopes": scopes}).data["key"]

    def _go_on(self, way: str, api: Api, requests: Requests) -> None:
        for request in requests:
            try:
                status = str(request(api).status)
            except (OSError, http.client.HTTPException):
                status = "cut"
            self.counts[way][status] += 1
            time.sleep(self._order["pause"])

    def name(self) -> str:
        return f"evil{next(self._numbers)}"

    def credential(self, **fields: object) -> str:
        """Waits for its turn, as an own limit may be reached."""
        while True:
            body = {"host": "127.0.0.1", "system_id": self.name(), "password": "secret"} | fields
            answer = self.api.post(CREDENTIALS, body)
            if answer.status == 201:
                return answer.data["id"]
            time.sleep(1)

    def made(self, path: str, body: dict) -> str:
        while (answer := self.api.post(path, body)).status != 201:
            time.sleep(1)
        return answer.data["id"]


def guesses(tenant: Hostile) -> Requests:
    """Passwords of an account at a carrier: by rotations and direct tests."""
    credential = tenant.credential(port=tenant._order["carrier"])
    body = {"name": tenant.name(), "credential_id": credential, "countries": ["*"]}
    carrier = tenant.made(CARRIERS, body)
    test = {"to": "+33612345678", "from": "EVIL", "via": "direct"}
    for number in itertools.count():
        guess = {"password": f"g{number}"}
        yield lambda api, guess=guess: api.rotate(credential, guess)
        yield lambda api: api.post(f"{CARRIERS}/{carrier}/test", test)


def silent_carriers(tenant: Hostile) -> Requests:
    """Changes of what a carrier sees that takes connections and never says a word."""
    ids = [tenant.credential(port=tenant.silent[0]) for _ in range(tenant._order["trunks"])]
    for turn in itertools.count(1):
        for each in ids:
            port = tenant.silent[turn % 2]
            yield lambda api, each=each, port=port: api.patch(
                f"{CREDENTIALS}/{each}", {"port": port}
            )
        yield lambda api: api.rotate(ids[0], {"password": "slow"})


def dead_names(tenant: Hostile) -> Requests:
    """Hosts whose names nobody answers for."""
    ids = [tenant.credential(port=tenant.silent[0]) for _ in range(tenant._order["trunks"])]
    for each in itertools.cycle(ids):
        host = f"{tenant.name()}.dead.example"
        yield lambda api, each=each, host=host: api.patch(f"{CREDENTIALS}/{each}", {"host": host})


def creations(tenant: Hostile) -> Requests:
    """To its quotas and beyond."""
    pool = tenant.made(POOLS, {"name": tenant.name(), "members": [{"sender": "EVIL"}]})
    for _ in itertools.count():
        name = tenant.name()
        account = {"host": "127.0.0.1", "port": tenant.silent[1], "password": "secret"}
        members = [{"sender": f"E{number}"} for number in range(200)]
        draft = {"name": name, "channel": "sms", "body": "Hi", "sender_pool_id": pool}
        for path, body in (
            (CREDENTIALS, account | {"system_id": name}),
            (POOLS, {"name": name, "members": members}),
            (CAMPAIGNS, draft | {"recipients": [{"to": "+33612345678"}]}),
            (KEYS, {"name": name, "scopes": ["messages:read"]}),
        ):
            yield lambda api, path=path, body=body: api.post(path, body)


def endless_answers(tenant: Hostile) -> Requests:
    """Webhooks of a server whose answers never end."""
    body = {"url": f"http://127.0.0.1:{tenant.endless}/", "events": ["message.failed"]}
    ids = [tenant.made(WEBHOOKS, body) for _ in range(4)]
    for each in itertools.cycle(ids):
        yield lambda api, each=each: api.post(f"{WEBHOOKS}/{each}/test")


def uploads(tenant: Hostile) -> Requests:
    """The longest lists, and ten megabytes of anything."""
    pool = tenant.made(POOLS, {"name": tenant.name(), "members": [{"sender": "EVIL"}]})
    draft = {"name": "Big", "channel": "sms", "body": "{{x}}", "sender_pool_id": pool}
    campaign = tenant.made(CAMPAIGNS, draft | {"recipients": []})
    rows = tenant._order["rows"]
    good = "to,x\n" + "".join(f"+336{number:08},{number}\n" for number in range(rows))
    bad = "to,x\n" + "nobody,1\n" * rows
    values = json.dumps([[]] * 200_000)
    path = f"{CAMPAIGNS}/{campaign}/recipients"
    for _ in itertools.count():
        for csv in (good, bad):
            yield lambda api, csv=csv: api.post(path, csv.encode(), headers=CSV, timeout=120)
        for body in (b"[" * 10 * MEGABYTE, values.encode(), b'"' + b"a" * MEGABYTE):
            yield lambda api, body=body: api.post("/v1/messages/sms", body, timeout=120)


def odd_paths(tenant: Hostile) -> Requests:
    """What no client asks for, and guesses at tokens of reports."""
    paths = ("/v1/%00", "/v1/messages/%ED%A0%80", "/v1/messages/msg_%EF%BC%91", "/v1/" + "x" * 4000)
    stranger = tenant._caller("dv_live_sk_guessed")
    for number in itertools.count():
        yield lambda api, number=number: api.post(f"/dlr/{number:032x}", b"id=1")
        yield lambda api: stranger.get("/v1/me")
        for path in paths:
            yield lambda api, path=path: api.get(path)


WAYS = (
    guesses, silent_carriers, dead_names, creations, endless_answers, uploads, odd_paths,
)  # fmt: skip


def _listen(serve: Callable[[socket.socket], None]) -> int:
    """The port of a server that serves each connection so."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1000)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def _say_nothing(connection: socket.socket) -> None:
    with connection:
        while connection.recv(4096):
            pass


def _answer_for_ever(connection: socket.socket) -> None:
    """Slowly: it shall cost others memory and threads, and not this machine its time."""
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"400\r\n" + b"a" * 1024 + b"\r\n")
            time.sleep(0.1)


if __name__ == "__main__":
    threading.excepthook = lambda args: None  # connections that the site cuts
    tenant = Hostile(json.loads(Path(sys.argv[1]).read_text()))
    # It would be another machine. At the lowest priority it takes what the site leaves idle.
    os.nice(tenant._order["nice"])
    tenant.run()
