"""Delivers one report: to a bind of an SMPP client, or to a URL."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import treq
from twisted.internet import defer, reactor

from messaging.smpp.protocol.tlv import Tlv
from reconciler.launcher.components.smpp_server import SmppServerFactory
from reconciler.launcher.dlr.content import is_url
from reconciler.launcher.dlr.retry_queue import DeliveryFailed, Report

ACK = "ACK/Jasmin"
TIMEOUT = 30.0  # seconds for a request, and for its answer
MAX_TRIES = 4  # requests for one report
NOT_FOUND, ERRORS = 404, 400
PERMANENT = (0x65, 0x66)  # RX_P_APPN, RX_R_APPN: SMPP 3.4 §5.1.3


class DlrThrower:
    """Delivers a report, or fails with DeliveryFailed. `smpp_server`: jasmind's, if it has one."""

    smpp_server: SmppServerFactory | None = None

    def __call__(self, report: Report) -> defer.Deferred:
        return _post(report) if is_url(report.target) else self._deliver(report)

    @defer.inlineCallbacks
    def _deliver(self, report: Report) -> Generator[Any, Any, None]:
        session = self.smpp_server and self.smpp_server.receiving_session(report.target)
        if not session:
            raise DeliveryFailed("the platform is not bound", again=True)
        tlvs = [Tlv(tag, value.encode("latin-1")) for tag, value in report.said["tlvs"]]
        status = yield session.deliver(tlvs, report.said["fields"])
        if status != 0:
            said = "nothing" if status is None else f"status {status}"
            raise DeliveryFailed(f"the platform answered {said}", again=status not in PERMANENT)


@defer.inlineCallbacks
def _post(report: Report) -> Generator[Any, Any, None]:
    again = report.tries < MAX_TRIES
    form, method = report.said["form"], report.said["method"]
    where = {"params": form} if method == "GET" else {"data": form}
    try:
        answer = yield treq.request(
            method, report.target, timeout=TIMEOUT, headers={"Accept": "text/plain"}, **where
        )
        text = yield treq.text_content(answer).addTimeout(TIMEOUT, reactor)
    except Exception as error:
        raise DeliveryFailed(type(error).__name__, again=again) from error
    if answer.code >= ERRORS:
        raise DeliveryFailed(f"HTTP {answer.code}", again=again and answer.code != NOT_FOUND)
    if text.strip() != ACK:
        raise DeliveryFailed(f"the answer is not {ACK}", again=again)
