"""A client of Jasmin's console and HTTP API: connectors, a user for each, messages, reports."""

from __future__ import annotations

import secrets
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Protocol

from orbit.dev.stack import Jasmin
from tests.reconciler.jcli.wire import Person
from tests.reconciler.launcher.smpp_platform import SmppPlatform

PASSWORD = "s3cr3t"
# Delays that are too long for tests.
QUICK = {"con_loss_delay": 1, "con_fail_delay": 1, "submit_throughput": 0, "requeue_delay": 1}


@dataclass(frozen=True)
class Said:
    """An answer of the HTTP API."""

    status: int
    text: str


class HasPort(Protocol):
    port: int


class JasminClient:
    """`open` a connector, `send` through it, read `reports`."""

    def __init__(self, jasmin: Jasmin) -> None:
        self.jasmin = jasmin
        self.reports: list[dict[str, str]] = []
        self._mark = secrets.token_hex(3)  # queues outlive tests, so names must differ
        self._routes = 0
        self._sink = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._sink.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._sink.shutdown()
        self._sink.server_close()

    def __enter__(self) -> JasminClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def person(self) -> Person:
        jasmin = self.jasmin
        return Person(
            jasmin.jcli_host, jasmin.jcli_port, jasmin.jcli_username, jasmin.jcli_password
        )

    def type(self, *lines: str) -> list[str]:
        """Type lines into the console; the answer to the last."""
        answer: list[str] = []
        with self.person() as person:
            for line in lines:
                answer = person.type(line)
            assert person.prompt == "jcli : ", answer
        return answer

    def open(self, smsc: HasPort, system_id: str = "acme", **keys: object) -> str:
        """Make a connector for `system_id` and start it; its cid, once it is bound.

        A user of the same name sends through it alone. `keys` are typed after QUICK.
        """
        cid = self.make(smsc, system_id, **keys)
        self.start(cid)
        return cid

    def make(
        self, smsc: HasPort, system_id: str = "acme", cid_suffix: str = "", **keys: object
    ) -> str:
        """Like `open`, but the connector is not started."""
        cid = f"{system_id}-{self._mark}{cid_suffix}"
        settings = {
            "host": "127.0.0.1",
            "port": smsc.port,
            "username": system_id,
            "password": PASSWORD,
            **QUICK,
            **keys,
        }
        self._routes += 1
        user = [f"uid {cid}", f"gid {self._mark}", f"username {cid}", "password pw"]
        route = [f"fid {cid}", "type UserFilter", f"uid {cid}", "ok", "mtrouter -a"]
        route += ["type StaticMTRoute", f"order {self._routes}", f"filters {cid}", "rate 0"]
        self.type(
            *("group -a", f"gid {self._mark}", "ok"),
            *("user -a", *user, "ok"),
            *("smppccm -a", f"cid {cid}", *(f"{k} {v}" for k, v in settings.items()), "ok"),
            *("filter -a", *route, f"connector smppc({cid})", "ok"),
            "persist",
        )
        return cid

    def start(self, cid: str) -> None:
        self.type(f"smppccm -1 {cid}", "persist")
        self.wait_until_bound(cid)

    def wait_until_bound(self, cid: str) -> None:
        def is_bound() -> bool:
            rows = self.type("smppccm -l")
            return any(row.startswith(f"#{cid} ") and "BOUND_" in row for row in rows)

        self.wait(is_bound)

    def send(self, cid: str, text: str = "hello", to: str = "33612345678", **form: object) -> str:
        """Send a message; Jasmin's id for it. `dlr_level` asks for reports."""
        level = form.pop("dlr_level", None)
        if level:
            form |= {"dlr": "yes", "dlr-level": level, "dlr-method": "POST"}
            form["dlr-url"] = self.report_url(text[:20])
        if "hex-content" not in form:
            form["content"] = text
        said = self.post(cid, to=to, **form)
        assert said.text.startswith('Success "'), said
        return said.text.split('"')[1]

    def post(self, cid: str, /, path: str = "send", **form: object) -> Said:
        """POST to the HTTP API as the connector's user; its answer, whatever the status."""
        fields = {"username": cid, "password": "pw", **form}
        request = urllib.request.Request(
            f"{self.jasmin.http_url}/{path}",
            urllib.parse.urlencode(fields).encode(),
        )
        try:
            answer = urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Said(answer.status, answer.read().decode())

    def get(self, path: str) -> str:
        """GET from the HTTP API without a user."""
        with urllib.request.urlopen(f"{self.jasmin.http_url}/{path}", timeout=10) as answer:
            return answer.read().decode()

    def platform(self, cid: str, bind: str = "bind_transceiver") -> SmppPlatform:
        """A bind at Jasmin's SMPP server whose messages go out through `cid`."""
        return SmppPlatform(self.jasmin, cid, "pw", bind)

    def report_url(self, name: str) -> str:
        """The URL to which reports are sent."""
        return f"http://127.0.0.1:{self._sink.server_address[1]}/{urllib.parse.quote(name)}"

    def reported(self, message_id: str, level: int = 1) -> list[str]:
        """The states reported of a message, in order."""
        return [
            report["message_status"]
            for report in list(self.reports)
            if (report["id"], report["level"]) == (message_id, str(level))
        ]

    def wait(self, condition: Callable[[], object], timeout: float = 20) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, self.reports[-20:]
            time.sleep(0.02)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        reports = self.reports

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                reports.append(dict(urllib.parse.parse_qsl(body, keep_blank_values=True)))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ACK/Jasmin")

            def log_message(self, *_: object) -> None:
                """Nothing."""

        return Handler
