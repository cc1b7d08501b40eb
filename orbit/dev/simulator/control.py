"""The control port: change a running simulator by JSON over HTTP. Loopback only.

    GET    /                     everything that was counted
    GET    /systems              all accounts, GET /systems/ID one of them
    GET    /systems/ID/submits   what came in, newest last (?last=20&fields=at,text)
    PUT    /systems/ID           {"password", "faults"?}: make it, or make it anew
    POST   /systems/ID           {"password"?, "faults"?, "drop_binds"?: true}: change it
    POST   /systems/ID/texts     {"source_addr", "destination_addr", "text"}: a text from a phone,
                                 in as many parts as it needs ("parts_reversed": true: the last one
                                 first); or "hex", the octets of one PDU; and other fields of
                                 deliver_sm ("data_coding", …)
    DELETE /systems/ID
    GET    /ports
    POST   /ports/PORT           {"up": false}: the carrier dies there; true: it returns

No answer holds a password. A browser that asks for / gets a page, which sends texts, too.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from messaging.smpp.protocol.segmentation import TextTooLong
from orbit.dev.simulator import phones
from orbit.dev.simulator.config import (
    MAX_PASSWORD,
    SystemSpec,
    check_faults,
    check_text,
)
from orbit.dev.simulator.deliveries import Text, text_fields
from orbit.dev.simulator.delivery_queue import post
from orbit.dev.simulator.listener import Listener
from orbit.dev.simulator.server import Simulator
from orbit.dev.simulator.submits import NAMES
from orbit.dev.simulator.systems import System


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


def _submits(system: System, query: dict[str, list[str]]) -> list[dict[str, Any]]:
    last = query.get("last", ["100"])[0]
    if not last.isdigit() or not int(last):
        raise Refused(400, "last must be a number from 1 up")
    wanted = query["fields"][0].split(",") if "fields" in query else NAMES
    if unknown := sorted(set(wanted).difference(NAMES)):
        raise Refused(400, f"unknown {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    return [submit.as_json(wanted) for submit in system.submits[-int(last) :]]


def _deliver(system: System, body: dict[str, Any]) -> dict[str, Any]:
    given = dict(body)
    try:
        if "text" in given:
            backwards = given.pop("parts_reversed", False) is True
            texts = phones.written(**given)[:: -1 if backwards else 1]
        else:
            octets = bytes.fromhex(given.pop("hex"))
            texts = [Text(text_fields(short_message=octets, **given))]
    except TextTooLong as error:
        raise Refused(400, str(error)) from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        said = f"send source_addr, destination_addr, and text or hex: {error}"
        raise Refused(400, said) from None
    for each in texts:
        post(system, each)
    return system.counts()


def _only(body: dict[str, Any], *names: str) -> None:
    unknown = body.keys() - set(names)
    if unknown:
        raise Refused(400, f"unknown {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
