"""Jasmin's connector manager, with connectors of the lane: console, statistics and store use ours.

Jasmin's own manager makes an SMPP client, a listener on a queue and a log for each connector. The
console's answers are Jasmin's to the letter.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import Any

from jasmin.managers.clients import SMPPClientManagerPB
from jasmin.protocols.smpp.configs import SMPPClientConfig
from jasmin.protocols.smpp.stats import ClientConnectorStatistics, SMPPClientStatsCollector
from smpp.pdu.operations import SubmitSM
from smpp.twisted.protocol import SMPPSessionStates
from twisted.internet import defer, reactor

from reconciler.launcher import garbage_collection
from reconciler.launcher.components import submit_conversion
from reconciler.launcher.components.connector_config import to_carrier_settings
from reconciler.launcher.corrections import connector_keys
from reconciler.launcher.corrections.atomic_store import PROFILE
from reconciler.launcher.lane.connector import Connector
from reconciler.launcher.lane.lane import Lane

MIN_FREE_OCTETS = 1_000_000  # of the disk: with fewer the gateway is not ready


class ConnectorStatistics(ClientConnectorStatistics):
    """Jasmin's statistics of a connector, taken from the lane's."""

    connector: Connector | None = None

    def getStats(self) -> dict[str, Any]:  # noqa: N802 - as Jasmin calls it
        if self.connector is not None:
            times = self.connector.times.items()
            self._stats |= {name: datetime.fromtimestamp(at) if at else 0 for name, at in times}
            self._stats |= self.connector.counters
        return self._stats

    def get(self, key: str) -> Any:
        return self.getStats()[key]


class ConnectorService:
    """Stands in for `SMPPClientService` and its factory: starts, stops and counts."""

    def __init__(self, connector: Connector, config: SMPPClientConfig) -> None:
        self.connector, self.config = connector, config
        self.SMPPClientFactory = self
        self.running = self.startCounter = self.stopCounter = 0
        self._ended: defer.Deferred = defer.succeed(None)

    def getSessionState(self) -> SMPPSessionStates:  # noqa: N802 - as Jasmin calls it
        return SMPPSessionStates[self.connector.state]

    def start(self) -> None:
        """Start at once, or as soon as the session before has ended."""
        self.running = 1
        self.startCounter += 1
        self.config.PendingRestart = False
        self._ended.addCallback(lambda _: self._start())

    def stop(self) -> defer.Deferred:
        self.running = 0
        self.stopCounter += 1
        self._ended = defer.maybeDeferred(self.connector.stop).addErrback(lambda _: None)
        return self._ended

    def refresh(self) -> None:
        self.connector.update_settings(to_carrier_settings(self.config))

    def _start(self) -> None:
        if self.running:
            self.refresh()
            self.connector.start()


class ConnectorManager(SMPPClientManagerPB):
    """Jasmin's manager over one lane with its files in `folder`."""

    def __init__(self, config: Any, folder: Path) -> None:
        super().__init__(config)
        self.persisted = False  # until the profile is loaded
        self.lane = Lane(folder)
        self._folder = folder
        self._is_loaded = False
        self._changed_cids: set[str] = set()
        connector_keys.on_change.append(self._refresh_soon)

    @property
    def connectors(self) -> list[dict[str, Any]]:
        """As Jasmin has them, which walks them for each."""
        return list(self.rows.values())

    @connectors.setter
    def connectors(self, rows: list[dict[str, Any]]) -> None:
        self.rows = {str(row["id"]): row for row in rows}

    def getConnector(self, cid: str) -> dict[str, Any] | None:  # noqa: N802 - as Jasmin calls it
        return self.rows.get(str(cid))

    def delConnector(self, cid: str) -> bool:  # noqa: N802 - as Jasmin calls it
        return self.rows.pop(str(cid), None) is not None

    @defer.inlineCallbacks
    def perspective_load(self, profile: str = "jcli-prod") -> Generator[Any, Any, bool]:
        """Load the profile; after the first load the lane recovers what an earlier process left."""
        loaded = yield super().perspective_load(profile)
        if not self._is_loaded:
            self._is_loaded = True
            self.lane.recover()
        return loaded

    def perspective_persist(self, profile: str = PROFILE) -> bool:
        """Write the connectors, unless they are there already."""
        path = f"{self.config.store_path}/{profile}.smppccs"
        if self.persisted and profile == PROFILE and os.path.exists(path):
            return True
        with garbage_collection.paused():
            return super().perspective_persist(profile)

    def message_id_base(self, cid: str) -> int:
        """How the carrier writes ids in receipts: `dlr_msgid`, an index of `FORMATS`."""
        row = self.getConnector(cid)
        return row["config"].dlr_msg_id_bases if row else 0

    def store_problem(self) -> str:
        """Why nothing can be written now; "" if it can."""
        why = self.lane.storage.error
        if not why:
            disk = os.statvfs(self._folder)
            why = "" if disk.f_bavail * disk.f_frsize >= MIN_FREE_OCTETS else "the disk is full"
        return f"the store can't be written: {why}" if why else ""

    def perspective_connector_add(self, pickled: bytes) -> defer.Deferred:
        config = pickle.loads(pickled)  # nosec B301  # made by Jasmin in this process
        if config.id in self.rows:
            self.log.error("There is a connector %s already", config.id)
            return defer.succeed(False)
        connector = self.lane.add(config.id, to_carrier_settings(config))
        stats = ConnectorStatistics(config.id)
        stats.connector = connector
        SMPPClientStatsCollector().connectors[config.id] = stats
        row = {"id": config.id, "config": config, "service": ConnectorService(connector, config)}
        self.rows[config.id] = row
        self.persisted = False
        return defer.succeed(True)

    @defer.inlineCallbacks
    def perspective_connector_remove(self, cid: str) -> Generator[Any, Any, bool]:
        row = self.getConnector(cid)
        if row is None:
            return False
        row["service"].running = 0
        yield self.lane.remove(cid)
        self.delConnector(cid)
        SMPPClientStatsCollector().connectors.pop(cid, None)
        self.persisted = False
        return True

    def perspective_connector_start(self, cid: str) -> defer.Deferred:
        row = self.getConnector(cid)
        if row is None or row["service"].running:
            self.log.error("Connector %s can't be started: unknown, or started already", cid)
            return defer.succeed(False)
        row["service"].start()
        self.persisted = False
        return defer.succeed(True)

    def perspective_connector_stop(self, cid: str, delQueues: bool = False) -> defer.Deferred:  # noqa: N803
        row = self.getConnector(cid)
        if row is None or not row["service"].running:
            self.log.error("Connector %s can't be stopped: unknown, or stopped already", cid)
            return defer.succeed(False)
        row["service"].stop()
        self.persisted = False
        return defer.succeed(True)

    def perspective_submit_sm(
        self,
        uid: str,
        cid: str,
        SubmitSmPDU: SubmitSM,
        *_: Any,
        **given: Any,  # noqa: N803
    ) -> defer.Deferred:
        """Fires at once with the message's id, or with False if it was not accepted."""
        row = self.getConnector(cid)
        if row is None:
            return defer.succeed(False)
        submit = submit_conversion.to_submit(SubmitSmPDU, row["config"], uid=uid, **given)
        try:
            refusal = self.lane.submit([cid], [submit])[0]
        except OSError as error:
            self.log.error("The store can't be written: %s", error)
            return defer.succeed(False)
        if refusal is not None:
            self.log.error("Connector %s took no message: %s", cid, refusal)
        return defer.succeed(False if refusal else submit.token)

    def _refresh_soon(self, cid: str) -> None:
        """Apply all keys that one command of the console changes at once."""
        self.persisted = False
        if not self._changed_cids:
            reactor.callLater(0, self._refresh)
        self._changed_cids.add(cid)

    def _refresh(self) -> None:
        for cid in self._changed_cids:
            if (row := self.getConnector(cid)) is not None:
                row["service"].refresh()
        self._changed_cids.clear()
