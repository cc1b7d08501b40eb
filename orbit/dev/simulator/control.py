"""The control port: change a running simulator by JSON over HTTP. Loopback only.

    GET    /                     everything that was counted
    GET    /systems              all accounts, GET /systems/ID one of them
    GET    /systems/ID/submits   what came in, newest last (?last=20)
    PUT    /systems/ID           {"password", "faults"?}: make it, or make it anew
    POST   /systems/ID           {"password"?, "faults"?, "drop_binds"?: true}: change it
    POST   /systems/ID/texts     {"source_addr", "destination_addr", "hex", "data_coding"?, …}: a
                                 text from a phone, with the fields of deliver_sm
    DELETE /systems/ID
    GET    /ports
    POST   /ports/PORT           {"up": false}: the carrier dies there; true: it returns

No answer holds a password.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from orbit.dev.simulator.config import (
    MAX_PASSWORD,
    ConfigError,
    SystemSpec,
    check_faults,
    check_text,
)
from orbit.dev.simulator.deliveries import Text, text_fields
from orbit.dev.simulator.delivery_queue import post
from orbit.dev.simulator.listener import Listener
from orbit.dev.simulator.server import Simulator
from orbit.dev.simulator.systems import System

_MAX_BODY = 1_000_000
_LOCAL_NAMES = {"127.0.0.1", "localhost", "[::1]"}


class Refused(Exception):
    """A request is refused; the answer has this HTTP status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Control:
    """Carries out requests; knows no HTTP. Runs on the simulator's event loop."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def answer(self, method: str, target: str, body: dict[str, Any]) -> Any:
        """The answer to a request, as JSON values. Raises Refused, ConfigError."""
        url = urlsplit(target)
        match [part for part in url.path.split("/") if part], method:
            case [], "GET":
                return self._simulator.counts()
            case ["systems"], "GET":
                return self._simulator.counts()["systems"]
            case ["systems", name], "GET":
                return self._system(name).counts()
            case ["systems", name, "submits"], "GET":
                return _submits(self._system(name), parse_qs(url.query))
            case ["systems", name, "texts"], "POST":
                return _deliver(self._system(name), body)
            case ["systems", name], "PUT":
                return self._make(name, body)
            case ["systems", name], "POST":
                return self._change(self._system(name), body)
            case ["systems", name], "DELETE":
                self._system(name)
                self._simulator.remove_system(name)
                return {}
            case ["ports"], "GET":
                return self._simulator.counts()["listeners"]
            case ["ports", port], "POST":
                return await self._switch(self._listener(port), body)
        raise Refused(404, f"no {method} {url.path} here")

    def _system(self, name: str) -> System:
        system = self._simulator.systems.get(name)
        if system is None:
            raise Refused(404, f"no system {name!r} here")
        return system

    def _listener(self, port: str) -> Listener:
        for listener in self._simulator.listeners:
            if str(listener.port) == port:
                return listener
        raise Refused(404, f"no port {port} here")

    def _make(self, name: str, body: dict[str, Any]) -> Any:
        _only(body, "password", "faults")
        check_faults(body.get("faults", []))
        spec = SystemSpec(name, body.get("password", ""), tuple(body.get("faults", [])))
        return self._simulator.add_system(spec.system_id, spec.password, spec.faults).counts()

    def _change(self, system: System, body: dict[str, Any]) -> Any:
        _only(body, "password", "faults", "drop_binds")
        if "password" in body:
            check_text("password", body["password"], MAX_PASSWORD)
        if "faults" in body:
            check_faults(body["faults"])
            system.faults = body["faults"]
        if "password" in body:
            system.password = body["password"]
        if body.get("drop_binds"):
            system.drop_binds()
        return system.counts()

    async def _switch(self, listener: Listener, body: dict[str, Any]) -> Any:
        _only(body, "up")
        if not isinstance(body.get("up"), bool):
            raise Refused(400, 'send {"up": true} or {"up": false}')
        try:
            await (self._simulator.up if body["up"] else self._simulator.down)(listener)
        except OSError as error:
            raise Refused(409, f"port {listener.port}: {error.strerror}") from None
        return listener.described()


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
            self._reply(200, self.ask(self.command, self.path, self._body()))
        except Refused as refusal:
            self._reply(refusal.status, {"error": str(refusal)})
        except ConfigError as error:
            self._reply(400, {"error": str(error)})
        except Exception as error:  # its type alone: a message might quote the request
            self._reply(500, {"error": f"the simulator failed: {type(error).__name__}"})

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _refuse_browsers(self) -> None:
        """Raises Refused for a request from a web page, also by DNS rebinding."""
        host = self.headers.get("Host", "").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name not in _LOCAL_NAMES or "Origin" in self.headers:
            raise Refused(403, "for programs on this machine only")

    def _body(self) -> dict[str, Any]:
        try:
            length = int(self.headers.get("Content-Length", 0))
        except ValueError:
            raise Refused(400, "bad Content-Length") from None
        if not 0 <= length <= _MAX_BODY:
            raise Refused(413, "body too long")
        try:
            body = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            raise Refused(400, "the body is not JSON") from None
        if not isinstance(body, dict):
            raise Refused(400, "the body must be a JSON object")
        return body

    def _reply(self, status: int, answer: Any) -> None:
        data = json.dumps(answer, ensure_ascii=False).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        """Log nothing: stdout belongs to the event log."""


def _submits(system: System, query: dict[str, list[str]]) -> list[dict[str, Any]]:
    last = query.get("last", ["100"])[0]
    if not last.isdigit() or not int(last):
        raise Refused(400, "last must be a number from 1 up")
    return [submit.as_json() for submit in system.submits[-int(last) :]]


def _deliver(system: System, body: dict[str, Any]) -> dict[str, Any]:
    given = dict(body)
    try:
        octets = bytes.fromhex(given.pop("hex"))
        fields = text_fields(short_message=octets, **given)
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(400, f"send source_addr, destination_addr, hex: {error}") from None
    post(system, Text(fields))
    return system.counts()


def _only(body: dict[str, Any], *names: str) -> None:
    unknown = body.keys() - set(names)
    if unknown:
        raise Refused(400, f"unknown {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
