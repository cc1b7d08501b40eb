"""A carrier that counts what each of its binds gets, and a site that submits at a steady pace."""

from __future__ import annotations

import base64
import http.client
import itertools
import json
import queue
import random
import secrets
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from orbit.dev.stack import Jasmin
from tests.reconciler.launcher.lane.smsc import (
    BIND_RX,
    BIND_TRX,
    BIND_TX,
    DELIVER,
    RECEIPT,
    SUBMIT,
    UNBIND,
    Link,
    Smsc,
    deliver,
    pdu,
    short_message,
)

ANSWER = 0.02  # seconds
STEP = 0.05  # seconds between two requests of the site
PATIENCE = 90.0  # seconds until everything has ended


class Carrier(Smsc):
    """Answers each submit after `ANSWER` seconds, and sends its receipt on any of its binds.

    `arrivals`: text → times.
    """

    def __init__(self) -> None:
        super().__init__()
        self.arrivals: dict[bytes, list[float]] = {}
        self.bound: dict[Link, int] = {}  # with the command of its bind
        self._numbers = itertools.count(1)
        self._is_cutting = False
        self._due: queue.SimpleQueue[tuple[float, Link, int]] = queue.SimpleQueue()
        threading.Thread(target=self._answer, daemon=True).start()
        for command in (BIND_RX, BIND_TX, BIND_TRX):
            self.on[command] = lambda link, sequence, body, kind=command: self._bind(
                link, sequence, body, kind
            )
        leave = self.on[UNBIND]
        self.on[UNBIND] = lambda *asked: (self.bound.pop(asked[0], None), leave(*asked))
        self.on[SUBMIT] = self._submit

    def cut_one(self, kind: int = 0) -> None:
        """Cut a bind of this kind now; without one that of the next submit, which has no answer."""
        if not kind:
            self._is_cutting = True
            return
        self._cut(next(each for each, its in self.bound.items() if its == kind))

    def _cut(self, link: Link) -> None:
        self._is_cutting = False
        self.bound.pop(link, None)
        link.close()

    def _bind(self, link: Link, sequence: int, body: bytes, kind: int) -> None:
        self.accept(link, sequence, body)
        self.bound[link] = kind

    def _submit(self, link: Link, sequence: int, body: bytes) -> None:
        now = time.monotonic()
        self.arrivals.setdefault(short_message(body), []).append(now)
        if self._is_cutting:
            self._cut(link)
        self._due.put((now + ANSWER, link, sequence))

    def _answer(self) -> None:
        while True:
            at, link, sequence = self._due.get()
            time.sleep(max(0.0, at - time.monotonic()))
            with suppress(OSError):
                self.take(link, sequence, b"")
            self._report()

    def _report(self) -> None:
        receipt = pdu(DELIVER, next(self._numbers), deliver(RECEIPT % (b"%X" % self.count)))
        hearing = [each for each, kind in list(self.bound.items()) if kind != BIND_TX]
        for each in random.sample(hearing, len(hearing)):
            with suppress(OSError):
                each.send(receipt)
                return


class Site:
    """Submits `rate` messages a second as `cid` until `stop`, and reads the log to its end."""

    def __init__(self, jasmin: Jasmin, cid: str, rate: int) -> None:
        self.given: dict[bytes, float] = {}  # text → when it was given for the first time
        self.accepted: set[str] = set()
        self.ends: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self._jasmin, self._cid, self._rate = jasmin, cid, rate
        self._run = secrets.token_hex(3)
        self._after = self._ask("GET", "/lane/log?after=0&limit=1", self._operator)["last"]
        self._is_over = False
        self._thread = threading.Thread(target=self._submit)
        self._thread.start()

    def stop(self) -> None:
        """Returns when each accepted message has ended."""
        self._is_over = True
        self._thread.join()
        deadline = time.monotonic() + PATIENCE
        while self.accepted - set(self.ends):
            assert time.monotonic() < deadline, len(self.accepted - set(self.ends))
            self._read()
        self._read()

    @property
    def _operator(self) -> str:
        return f"{self._jasmin.jcli_username}:{self._jasmin.jcli_password}"

    def _submit(self) -> None:
        begun, waiting = time.monotonic(), []
        for number in itertools.count():
            due = begun + number * STEP
            time.sleep(max(0.0, due - time.monotonic()))
            if not self._is_over:
                waiting += [self._message() for _ in range(int(self._rate * STEP))]
            if not waiting:
                return
            body = {"submits": waiting}
            results = self._ask("POST", "/lane/submits", f"{self._cid}:pw", body)["results"]
            taken = {each["token"] for each in results if each["accepted"]}
            self.accepted |= taken
            waiting = [each for each in waiting if each["token"] not in taken]

    def _message(self) -> dict[str, Any]:
        token = f"{self._run}.{len(self.given)}"
        self.given[token.encode()] = time.monotonic()
        text = {"token": token, "parts": [token.encode().hex()]}
        return {"from": "ACME", "to": "+33612345678", "expires_in": 60.0, **text}

    def _read(self) -> None:
        path = f"/lane/log?after={self._after}&wait=0.2&limit=1000"
        for each in self._ask("GET", path, self._operator)["records"]:
            self._after = each["n"]
            self.kinds[each["kind"]] += 1
            if "token" in each:
                self.ends[each["token"]] += 1

    def _ask(self, method: str, path: str, user: str, body: Any = None) -> Any:
        address = urlsplit(self._jasmin.http_url)
        link = http.client.HTTPConnection(address.hostname, address.port, timeout=40)
        headers = {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"}
        link.request(method, path, None if body is None else json.dumps(body), headers)
        response = link.getresponse()
        text = response.read()
        link.close()
        assert response.status == 200, text
        return json.loads(text)
