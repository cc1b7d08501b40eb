"""The control port itself: `control` and `control_page` over HTTP, for this machine alone."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from orbit.dev.simulator import control_page
from orbit.dev.simulator.config import ConfigError
from orbit.dev.simulator.control import Control, Refused
from orbit.dev.simulator.server import Simulator

_MAX_BODY = 1_000_000
_FORM = "/texts"  # where the page's form goes
_FIELDS = ("system", "source_addr", "destination_addr", "text")  # of it
_LOCAL_NAMES = {"127.0.0.1", "localhost", "[::1]"}


class ControlServer:
    """Serves `Control` over HTTP, in threads of its own. `port` 0 picks a free one."""

    def __init__(
        self, simulator: Simulator, loop: asyncio.AbstractEventLoop, *, port: int = 0
    ) -> None:
        control = Control(simulator)

        def ask(method: str, target: str, body: dict[str, Any]) -> Any:
            work = control.answer(method, target, body)
            return asyncio.run_coroutine_threadsafe(work, loop).result(15)

        handler = type("Handler", (_Handler,), {"ask": staticmethod(ask)})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="smsc-control", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    ask: Callable[[str, str, dict[str, Any]], Any]
    server_version = "smsc-simulator"
    timeout = 10  # seconds for a request to arrive

    def _serve(self) -> None:
        try:
            self._refuse_browsers()
            if self._wants_page():
                self._show(parse_qs(urlsplit(self.path).query))
            elif self._is_form():
                self._send_text(parse_qs(self._read().decode("utf-8", "replace")))
            else:
                self._reply(200, self.ask(self.command, self.path, self._body()))
        except Refused as refusal:
            self._reply(refusal.status, {"error": str(refusal)})
        except ConfigError as error:
            self._reply(400, {"error": str(error)})
        except Exception as error:  # its type alone: a message might quote the request
            self._reply(500, {"error": f"the simulator failed: {type(error).__name__}"})

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _refuse_browsers(self) -> None:
        """Raises Refused for a request from a web page, also by DNS rebinding; but for the form of
        our own page."""
        host = self.headers.get("Host", "").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        foreign = "Origin" in self.headers and not (
            self._is_form() and self.headers["Origin"] == f"http://{host}"
        )
        if name not in _LOCAL_NAMES or foreign:
            raise Refused(403, "for programs on this machine only")

    def _wants_page(self) -> bool:
        is_page = self.command == "GET" and urlsplit(self.path).path == "/"
        return is_page and "text/html" in self.headers.get("Accept", "")

    def _is_form(self) -> bool:
        return self.command == "POST" and self.path == _FORM

    def _show(self, query: Mapping[str, list[str]], *, note: str = "", fault: str = "") -> None:
        """The page. `query`: what its form has in it."""
        counts = self.ask("GET", "/", {})
        filled = {name: query.get(name, [""])[0] for name in _FIELDS}
        if filled["system"] not in counts["systems"]:
            filled["system"] = _busiest(counts["systems"])
        submits = []
        if filled["system"]:
            path = f"/systems/{filled['system']}/submits?last={control_page.SUBMITS}"
            submits = self.ask("GET", path, {})
        text = control_page.page(counts, submits, filled=filled, note=note, fault=fault)
        kind = "text/html; charset=utf-8"
        self._answer(400 if fault else 200, kind, text.encode(), control_page.HEADERS)

    def _send_text(self, form: Mapping[str, list[str]]) -> None:
        """What the page's form sends; the answer is the page, with the same numbers in it."""
        given = {name: form.get(name, [""])[0].replace("\r\n", "\n") for name in _FIELDS}
        body = {name: given[name] for name in _FIELDS[1:]}
        try:
            counts = self.ask("POST", f"/systems/{given['system']}/texts", body)
        except Refused as refusal:
            self._show(form, fault=f"Not sent: {refusal}.")
            return
        kept = {name: [given[name]] for name in _FIELDS[:3]}
        waits = "" if counts["live_binds"] else " It waits until the account is bound."
        self._show(kept, note=f"Sent to {given['destination_addr']}.{waits}")

    def _body(self) -> dict[str, Any]:
        try:
            body = json.loads(self._read() or b"{}")
        except ValueError:
            raise Refused(400, "the body is not JSON") from None
        if not isinstance(body, dict):
            raise Refused(400, "the body must be a JSON object")
        return body

    def _read(self) -> bytes:
        try:
            length = int(self.headers.get("Content-Length", 0))
        except ValueError:
            raise Refused(400, "bad Content-Length") from None
        if not 0 <= length <= _MAX_BODY:
            raise Refused(413, "body too long")
        return self.rfile.read(length)

    def _reply(self, status: int, answer: Any) -> None:
        data = json.dumps(answer, ensure_ascii=False).encode() + b"\n"
        self._answer(status, "application/json", data, {})

    def _answer(self, status: int, kind: str, data: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        """Log nothing: stdout belongs to the event log."""


def _busiest(systems: Mapping[str, Mapping[str, Any]]) -> str:
    """The account that submitted most; "" if there is none."""
    return max(systems, key=lambda name: systems[name]["submits"], default="")
