"""A lane in a process of its own, in Jasmin's Python: `lane_process.py FOLDER CONNECTORS OCTETS`.

CONNECTORS is JSON: `{cid: settings}`; OCTETS limits the folder. Prints its port once it
listens. Users `alice` (all connectors) and `bob` (none) have the password `secret`, the console's
`root` has `hush`. Beside the lane's resources: `GET /state`, `POST /do`, `GET /ends`.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import import_paths  # noqa: F401 - first: it makes `reconciler` and our `messaging` importable
from twisted.internet import reactor
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from messaging.smpp.protocol.tlv import Tlv
from reconciler.launcher.corrections import monotonic_clock
from reconciler.launcher.lane.carrier_settings import CarrierSettings, Host
from reconciler.launcher.lane.http_api.drain_resource import DrainResource
from reconciler.launcher.lane.http_api.log_resource import LogResource
from reconciler.launcher.lane.http_api.metrics_resource import MetricsResource
from reconciler.launcher.lane.http_api.submits_resource import SubmitsResource
from reconciler.launcher.lane.http_api.trace_resource import TraceResource
from reconciler.launcher.lane.lane import Lane
from reconciler.launcher.lane.submit import Submit

monotonic_clock.correct()


def settings(given: dict[str, Any]) -> CarrierSettings:
    tlvs = tuple(Tlv(tag, bytes.fromhex(value)) for tag, value in given.pop("tlvs", ()))
    senders = {kind: tuple(pair) for kind, pair in given.pop("senders", {}).items()}
    backups = tuple(Host(*each) for each in given.pop("backups", ()))
    return CarrierSettings(**given, tlvs=tlvs, senders=senders, backups=backups)


class Controls(Resource):
    isLeaf = True

    def __init__(self, lane: Lane) -> None:
        super().__init__()
        self.lane = lane
        self.ends: list[Any] = []
        lane.storage.on_outcome.append(lambda submit, end: self.ends.append([submit.token, *end]))

    def render_GET(self, request: Request) -> bytes:
        if request.path == b"/ends":
            return json.dumps(self.ends).encode()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        connectors = {
            cid: {
                "state": connector.state,
                "bind_error": connector.bind_error and connector.bind_error.name,
                "link_error": connector.link_error,
                "in_flight": connector.in_flight,
                "waiting": connector.waiting,
                "tls_verified": connector.tls_verified,
                "counters": connector.counters,
                "sessions": connector.session_states(),
            }
            for cid, connector in self.lane.connectors.items()
        }
        state = {
            "cpu": usage.ru_utime + usage.ru_stime,
            "open": len(self.lane.storage.journal.open),
            "store_error": self.lane.storage.error,
            "connectors": connectors,
        }
        return json.dumps(state).encode()

    def render_POST(self, request: Request) -> Any:
        body = json.loads(request.content.read())
        lane = self.lane
        match body["do"]:
            case "submit":
                given = body["submit"]
                given["parts"] = [bytes.fromhex(part) for part in given["parts"]]
                refusals = lane.submit(list(lane.connectors), [Submit(**given)])
                return json.dumps(refusals).encode()
            case "stop":
                stopped = lane.connectors[body["cid"]].stop()
            case "add":
                lane.add(body["cid"], settings(body["settings"])).start()
                return b"null"
            case "remove":
                stopped = lane.remove(body["cid"])
            case "start":
                lane.connectors[body["cid"]].start()
                return b"null"
            case "replace":
                lane.connectors[body["cid"]].update_settings(settings(body["settings"]))
                return b"null"
            case "close":
                stopped = lane.close()
                stopped.addCallback(lambda _: reactor.callLater(0.05, reactor.stop))
        stopped.addCallback(lambda _: (request.write(b"null"), request.finish()))
        return NOT_DONE_YET


def main() -> None:
    folder, connectors, max_octets = sys.argv[1:]
    lane = Lane(Path(folder), max_octets=int(max_octets))
    root = Resource()
    lanes = Resource()
    root.putChild(b"lane", lanes)
    lanes.putChild(
        b"submits",
        SubmitsResource(
            lane,
            lambda user, word: user if word == "secret" else None,
            lambda user: list(lane.connectors) if user == "alice" else [],
        ),
    )

    def may(user: str, word: str) -> bool:
        return (user, word) == ("root", "hush")

    lanes.putChild(b"log", LogResource(lane.storage, may))
    lanes.putChild(b"drain", DrainResource(lane, may))
    lanes.putChild(b"trace", TraceResource(lane.traces, may))
    lanes.putChild(b"metrics", MetricsResource(lane, may, "a-token", most=3))
    controls = Controls(lane)
    for path in (b"state", b"do", b"ends"):
        root.putChild(path, controls)
    lane.recover()
    for cid, given in json.loads(connectors).items():
        lane.add(cid, settings(given)).start()
    port = reactor.listenTCP(0, Site(root), interface="127.0.0.1")
    print(port.getHost().port, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        reactor.run()
    time.sleep(0)


if __name__ == "__main__":
    main()
