"""Puts the lane, the reports and Jasmin's components together for one process."""

from __future__ import annotations

import os
from array import array
from pathlib import Path
from typing import Any

from jasmin.protocols.cli.configs import JCliConfig
from jasmin.protocols.http.server import HTTPApi
from twisted.internet import reactor
from twisted.web.resource import Resource

from reconciler.launcher.components import readiness, tls_listener
from reconciler.launcher.components.connector_manager import ConnectorManager
from reconciler.launcher.components.router import Realm, Router, is_operator
from reconciler.launcher.components.smpp_server import SmppServerFactory
from reconciler.launcher.components.tls_listener import TlsSettingsWrong
from reconciler.launcher.corrections import listeners, user_keys
from reconciler.launcher.dlr.lookup import DlrLookup
from reconciler.launcher.dlr.retry_queue import RetryQueue
from reconciler.launcher.dlr.thrower import DlrThrower
from reconciler.launcher.exit_status import end_process
from reconciler.launcher.lane.http_api.drain_resource import DrainResource
from reconciler.launcher.lane.http_api.log_resource import LogResource
from reconciler.launcher.lane.http_api.metrics_resource import (
    MOST,
    MOST_VARIABLE,
    TOKEN_VARIABLE,
    MetricsResource,
)
from reconciler.launcher.lane.http_api.submits_resource import SubmitsResource
from reconciler.launcher.lane.http_api.trace_resource import TraceResource
from reconciler.launcher.lane.lane import Lane
from reconciler.launcher.lane.storage import Storage
from reconciler.launcher.opt_outs.lists import OptOuts
from reconciler.launcher.opt_outs.resource import OptOutResource
from reconciler.launcher.state.resource import StateResource
from reconciler.launcher.texts import delivery_queue
from reconciler.launcher.texts.deliveries_resource import DeliveriesResource
from reconciler.launcher.texts.delivery_queue import DeliveryQueue


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
            "SmppsRealm": Realm,
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
        self._texts = _delivery_queue(self._storage)
        self._opt_outs = OptOuts(folder / "opt_outs")
        self._opt_outs.on_growth.append(
            lambda user, added: self._withdraw(manager.lane, user, added)
        )
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
        server.is_opted_out = self._opt_outs.refuses
        self._thrower.smpp_server = self._texts.binds = server
        return server

    def _withdraw(self, lane: Lane, user: str, added: array[int]) -> None:
        """What the organisation submitted before these numbers opted out, by whatever way, and no
        carrier has yet. The site claims its own once more: what confirms a STOP comes again."""
        users = {user, *self._router.users_of(user)}
        lane.withdraw(
            lambda submit: submit.user in users and self._opt_outs.withdraws(user, added, submit),
            "the number has opted out",
        )

    def _make_http(
        self, router: Router, manager: ConnectorManager, config: Any, *args: Any
    ) -> HTTPApi:
        self._router = router
        api = HTTPApi(router, manager, config, *args)
        console = JCliConfig(config.getConfigFile())
        lane = Resource()
        lane.putChild(
            b"submits", SubmitsResource(manager.lane, router.authenticate, router.connectors_of)
        )
        storage = manager.lane.storage

        def may(*login: str) -> bool:
            return is_operator(console, *login)

        lane.putChild(b"log", LogResource(storage, may))
        texts = DeliveriesResource(self._texts, lambda: storage.journal.log, may)
        lane.putChild(b"deliveries", texts)
        lane.putChild(b"opt-outs", OptOutResource(self._opt_outs, may))
        lane.putChild(b"state", StateResource(router, manager, may))
        lane.putChild(b"drain", DrainResource(manager.lane, may))
        lane.putChild(b"trace", TraceResource(manager.lane.traces, may))
        token, most = os.environ.get(TOKEN_VARIABLE, ""), _number(MOST_VARIABLE, MOST)
        lane.putChild(b"metrics", MetricsResource(manager.lane, may, token, most))
        api.putChild(b"lane", lane)
        api.putChild(readiness.PATH, readiness.Readiness(listeners.missing, manager.store_problem))
        return api


def _delivery_queue(storage: Storage) -> DeliveryQueue:
    return DeliveryQueue(
        storage, window=_number(delivery_queue.WINDOW_VARIABLE, delivery_queue.WINDOW)
    )


def _number(variable: str, default: int) -> int:
    """Of an environment variable. Ends the process if it has no number above 0."""
    given = os.environ.get(variable) or f"{default}"
    if given.isascii() and given.isdecimal() and int(given):
        return int(given)
    why = f"{variable}={given}: a number above 0 is wanted"
    end_process(why)
    raise ValueError(why)
