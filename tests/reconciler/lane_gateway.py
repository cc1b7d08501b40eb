"""A gateway's HTTP port as our launcher has it: submits and the log, and nothing behind them."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from reconciler import opt_out_digests
from reconciler.launcher.opt_outs.list_files import decoded
from reconciler.launcher.opt_outs.lists import Change, OptOuts
from reconciler.models import Gateway

Answer = tuple[int, dict[str, Any]]


@dataclass
class LaneGateway:
    """`write` puts a record into the log; `submits` are what it has accepted, by token.

    - `answer_submits`, `answer_log`: return (status, body) in place of the usual answer, or None to
      hang up.
    - `life`, `began`, `bound` as the answer to deliveries has them; `deliveries` were accepted, but
      for those that `refused` names, by user, with the reason.
    - `opt_outs`: the lists; None: it can't be reached for these.
    - `answer_state`: (status, body) of the answer to what the gateway has; None hangs up.
      `questions`: what was asked.
    - `answer_trace`: the same for traces.
    - `forgotten`: records up to it are applied, as the site said; `asked`: requests of the log.
    """

    url: str = ""
    login: str = "operator:s3cret"
    log: str = field(default_factory=lambda: secrets.token_hex(8))
    records: list[dict[str, Any]] = field(default_factory=list)
    forgotten: int = 0
    submits: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[list[dict[str, Any]]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    answer_submits: Callable[[list[dict[str, Any]]], Answer | None] | None = None
    answer_log: Callable[[], Answer | None] | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)
    life: str = "1"
    began: int = 0
    bound: set[str] = field(default_factory=set)
    deliveries: list[dict[str, str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    opt_outs: OptOuts | None = None
    answer_state: Callable[[dict[str, Any]], Answer | None] = lambda _: (404, {})
    questions: list[dict[str, Any]] = field(default_factory=list)
    answer_trace: Callable[[dict[str, Any]], Answer | None] = lambda _: (404, {})
    changes: list[dict[str, Any]] = field(default_factory=list)

    def row(self, *capabilities: str) -> Gateway:
        """Its row in the database, new."""
        return Gateway.objects.create(
            name="main",
            jcli_host="192.0.2.1",
            jcli_username="operator",
            jcli_password="s3cret",
            http_url=self.url,
            capabilities=["lane", *capabilities],
        )

    def write(self, kind: str, **fields: Any) -> int:
        """Return its number."""
        with self.changed:
            number = len(self.records) + 1
            record = {"n": number, "at": time.time(), "kind": kind}
            self.records.append(record | fields)
            self.changed.notify_all()
        return number

    def lose_store(self) -> None:
        """Begin a new log, as after the disk was replaced."""
        with self.changed:
            self.log, self.records, self.forgotten = secrets.token_hex(8), [], 0
            self.submits.clear()
            self.changed.notify_all()

    def post(self, path: str, body: dict[str, Any]) -> Answer | None:
        if path == "/lane/deliveries":
            return self.deliver(body)
        if path == "/lane/opt-outs":
            return self.change_opt_outs(body)
        if path == "/lane/state":
            self.questions.append(body)
            return self.answer_state(body)
        if path == "/lane/trace":
            return self.answer_trace(body)
        assert path == "/lane/submits", path
        return self.take(body["submits"])

    def take(self, submits: list[dict[str, Any]]) -> Answer | None:
        self.requests.append(submits)
        if self.answer_submits:
            return self.answer_submits(submits)
        for each in submits:
            self.submits.setdefault(each["token"], each)
        results = [{"token": each["token"], "accepted": True} for each in submits]
        return 200, {"life": "1", "results": results}

    def restart(self) -> None:
        """Another process, which has no texts."""
        self.life, self.began = f"{self.life}1", len(self.records)

    def deliver(self, body: dict[str, Any]) -> Answer:
        if body["log"] != self.log:
            return 409, {"error": "other_log", "detail": "it is a new one"}
        results = []
        for each in body["deliveries"]:
            reason = self.refused.get(each["user"])
            results.append({"token": each["token"], "accepted": not reason, "reason": reason})
            self.deliveries += [] if reason else [each]
        bound = [each for each in body["users"] if each in self.bound]
        told = {"life": self.life, "began": self.began, "bound": bound, "results": results}
        return 200, told

    def tell_opt_outs(self, users: list[str] | None) -> Answer | None:
        if self.opt_outs is None:
            return None
        return 200, {"key": self.opt_outs.key.hex(), "lists": self.opt_outs.summary(users)}

    def change_opt_outs(self, body: dict[str, Any]) -> Answer | None:
        if self.opt_outs is None:
            return None
        if body["key"] != opt_out_digests.key_id(self.opt_outs.key):
            return 409, {"error": "other_log", "detail": "another key"}
        self.changes += body["lists"]
        results = [
            {
                "user": each["user"],
                "taken": self.opt_outs.change(
                    each["user"],
                    Change(
                        each["from"], each["version"], decoded(each["add"]), whole=each["whole"]
                    ),
                ),
            }
            for each in body["lists"]
        ]
        return 200, {"results": results}

    def read(self, question: dict[str, str]) -> Answer | None:
        self.asked.append(question)
        if self.answer_log:
            return self.answer_log()
        after, limit = int(question["after"]), int(question["limit"])
        with self.changed:
            if question.get("log", self.log) != self.log or after > len(self.records):
                return 409, {"error": "other_log", "detail": "it is a new one"}
            # A test is not to wait for its end as long as a site may for news.
            wait = min(float(question["wait"]), 1.0)
            self.changed.wait_for(lambda: len(self.records) > after, wait)
            self.forgotten = max(self.forgotten, after)
            records = self.records[after : after + limit]
            last = len(self.records)
        return 200, {"log": self.log, "first": 1, "last": last, "records": records}


@contextmanager
def lane_gateway() -> Iterator[LaneGateway]:
    gateway = LaneGateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Authorization"]
            self._say(gateway.post(self.path, json.loads(body)))

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path == "/lane/opt-outs":
                self._say(gateway.tell_opt_outs(parse_qs(address.query).get("user")))
                return
            assert address.path == "/lane/log", self.path
            login = base64.b64decode(self.headers["Authorization"].removeprefix("Basic "))
            if login.decode() != gateway.login:
                self._say((401, {"error": "unauthorized"}))
                return
            self._say(gateway.read({k: v[0] for k, v in parse_qs(address.query).items()}))

        def _say(self, answer: Answer | None) -> None:
            if answer is None:
                self.close_connection = True
                return
            body = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A receiver that was killed hears no answer."""

    with Server(("127.0.0.1", 0), Handler) as server:
        gateway.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield gateway
        finally:
            server.shutdown()
            thread.join()
