"""Hand reports over: to a platform's bind, or to an address."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import treq
from smpp.twisted.protocol import SMPPSessionStates
from twisted.internet import defer, reactor

from messaging.smpp.protocol.tlv import Tlv
from reconciler.launcher.components.smpp_server import AccessFactory
from reconciler.launcher.dlr.content import is_address
from reconciler.launcher.dlr.retry_queue import NotTaken, Report

ACK = "ACK/Jasmin"
TIMEOUT = 30.0  # seconds for an address
TRIES = 4  # of an address
NOT_FOUND, ERRORS = 404, 400
HEARS = (SMPPSessionStates.BOUND_RX, SMPPSessionStates.BOUND_TRX)
FOR_GOOD = (0x65, 0x66)  # RX_P_APPN, RX_R_APPN: SMPP 3.4 §5.1.3


class Courier:
    """`platforms` is set once Jasmin's SMPP server is made; it may have none."""

    platforms: AccessFactory | None = None

    def __call__(self, report: Report) -> defer.Deferred:
        return _post(report) if is_address(report.target) else self._deliver(report)

    @defer.inlineCallbacks
    def _deliver(self, report: Report) -> Generator[Any, Any, None]:
        bound = self.platforms and self.platforms.bound_connections.get(report.target)
        session = bound and bound.getNextBindingForDelivery()
        if not session or session.sessionState not in HEARS:
            raise NotTaken("the platform is not bound", again=True)
        tlvs = [Tlv(tag, value.encode("latin-1")) for tag, value in report.said["tlvs"]]
        status = yield session.deliver(tlvs, report.said["fields"])
        if status != 0:
            said = "nothing" if status is None else f"status {status}"
            raise NotTaken(f"the platform answered {said}", again=status not in FOR_GOOD)


@defer.inlineCallbacks
def _post(report: Report) -> Generator[Any, Any, None]:
    again = report.tries < TRIES
    form, method = report.said["form"], report.said["method"]
    where = {"params": form} if method == "GET" else {"data": form}
    try:
        answer = yield treq.request(
            method, report.target, timeout=TIMEOUT, headers={"Accept": "text/plain"}, **where
        )
        text = yield treq.text_content(answer).addTimeout(TIMEOUT, reactor)
    except Exception as error:
        raise NotTaken(type(error).__name__, again=again) from error
    if answer.code >= ERRORS:
        raise NotTaken(f"HTTP {answer.code}", again=again and answer.code != NOT_FOUND)
    if text.strip() != ACK:
        raise NotTaken(f"the answer is not {ACK}", again=again)
