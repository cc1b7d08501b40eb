"""Puts the lane, the reports and Jasmin's components together for one process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jasmin.protocols.cli.configs import JCliConfig
from jasmin.protocols.http.server import HTTPApi
from twisted.internet import reactor
from twisted.web.resource import Resource

from reconciler.launcher.components import readiness, tls_listener
from reconciler.launcher.components.connector_manager import ConnectorManager
from reconciler.launcher.components.router import Router, is_operator
from reconciler.launcher.components.smpp_server import SmppServerFactory
from reconciler.launcher.components.tls_listener import TlsSettingsWrong
from reconciler.launcher.corrections import listeners, user_keys
from reconciler.launcher.dlr.lookup import DlrLookup
from reconciler.launcher.dlr.retry_queue import RetryQueue
from reconciler.launcher.dlr.thrower import DlrThrower
from reconciler.launcher.exit_status import end_process
from reconciler.launcher.lane.http_api.log_resource import LogResource
from reconciler.launcher.lane.http_api.submits_resource import SubmitsResource


class Components:
    """Makes our components when jasmind asks for them."""

    def __init__(self) -> None:
        self._thrower = DlrThrower()

    @property
    def replacements(self) -> dict[str, Any]:
        """What jasmind is to use instead of its own, by the names it has for them."""
        return {
            "RouterPB": Router,
            "SMPPClientManagerPB": self._make_manager,
            "SMPPServerFactory": self._make_smpp_server,
            "HTTPApi": self._make_http,
        }

    def _make_manager(self, config: Any) -> ConnectorManager:
        folder = Path(config.store_path) / "lane"
        manager = ConnectorManager(config, folder)
        self._storage = manager.lane.storage
        self._retry_queue = RetryQueue(folder / "reports", self._thrower)
        lookup = DlrLookup(folder / "reports", self._retry_queue, manager.message_id_base)
        manager.lane.storage.disk_sync.other_files += [lookup.sync, self._retry_queue.sync]
        manager.lane.storage.on_outcome.append(lookup.on_outcome)
        manager.lane.storage.on_deliver.append(lookup.on_deliver)
        for close in (self._retry_queue.close, manager.lane.close):
            reactor.addSystemEventTrigger("before", "shutdown", close)
        return manager

    def _make_smpp_server(self, *args: Any, **kwargs: Any) -> SmppServerFactory:
        try:
            server = SmppServerFactory(*args, **kwargs)
            tls_listener.open_port(server, interface=server.config.bind, environ=os.environ)
        except (ValueError, TlsSettingsWrong) as error:
            end_process(str(error))
            raise
        server.on_bound = self._retry_queue.retry_now
        server.on_refused = self._storage.login_refused
        user_keys.on_change.append(server.end_strangers)
        self._thrower.smpp_server = server
        return server

    def _make_http(
        self, router: Router, manager: ConnectorManager, config: Any, *args: Any
    ) -> HTTPApi:
        api = HTTPApi(router, manager, config, *args)
        console = JCliConfig(config.getConfigFile())
        lane = Resource()
        lane.putChild(
            b"submits", SubmitsResource(manager.lane, router.authenticate, router.connectors_of)
        )
        lane.putChild(
            b"log", LogResource(manager.lane.storage, lambda *login: is_operator(console, *login))
        )
        api.putChild(b"lane", lane)
        api.putChild(readiness.PATH, readiness.Readiness(listeners.missing, manager.store_problem))
        return api
