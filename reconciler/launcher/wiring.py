"""Jasmin's parts and the lane, put together: what jasmind makes of its own is ours from here on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jasmin.protocols.cli.configs import JCliConfig
from jasmin.protocols.http.server import HTTPApi
from twisted.internet import reactor
from twisted.web.resource import Resource

from reconciler.launcher.components import readiness
from reconciler.launcher.components.connector_manager import Manager
from reconciler.launcher.components.router import Router, is_operator
from reconciler.launcher.components.smpp_server import AccessFactory
from reconciler.launcher.corrections import listeners
from reconciler.launcher.dlr.lookup import Reports
from reconciler.launcher.dlr.retry_queue import Outbox
from reconciler.launcher.dlr.thrower import Courier
from reconciler.launcher.lane.http_api.log_resource import Reading
from reconciler.launcher.lane.http_api.submits_resource import Door


class Gateway:
    """One of a process. `parts`: what jasmind is to use, by its own names."""

    def __init__(self) -> None:
        self._courier = Courier()

    @property
    def parts(self) -> dict[str, Any]:
        return {
            "RouterPB": Router,
            "SMPPClientManagerPB": self._make_manager,
            "SMPPServerFactory": self._make_access,
            "HTTPApi": self._make_http,
        }

    def _make_manager(self, config: Any) -> Manager:
        folder = Path(config.store_path) / "lane"
        manager = Manager(config, folder)
        self._outbox = Outbox(folder / "reports", self._courier)
        reports = Reports(folder / "reports", self._outbox, manager.bases_of)
        manager.lane.kept.also += [reports.keep, self._outbox.keep]
        manager.lane.on_end.append(reports.ended)
        manager.lane.on_deliver.append(reports.delivered)
        for close in (self._outbox.close, manager.lane.close):
            reactor.addSystemEventTrigger("before", "shutdown", close)
        return manager

    def _make_access(self, *args: Any, **kwargs: Any) -> AccessFactory:
        access = AccessFactory(*args, **kwargs)
        access.on_bound = self._outbox.look
        self._courier.platforms = access
        return access

    def _make_http(self, router: Router, manager: Manager, config: Any, *args: Any) -> HTTPApi:
        api = HTTPApi(router, manager, config, *args)
        console = JCliConfig(config.getConfigFile())
        lane = Resource()
        lane.putChild(b"submits", Door(manager.lane, router.authenticate, router.connectors_of))
        lane.putChild(
            b"log", Reading(manager.lane, lambda name, word: is_operator(console, name, word))
        )
        api.putChild(b"lane", lane)
        api.putChild(readiness.PATH, readiness.Readiness(listeners.missing, manager.wrong))
        return api
