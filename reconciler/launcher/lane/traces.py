"""The traces of a gateway: at most one of a connector, and few in all. Each ends by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from twisted.internet import reactor

from reconciler.gateway_api import MOST_TRACES, TRACE_KEPT, TraceState
from reconciler.launcher.lane.trace import Rights, Trace


class Traced(Protocol):
    def show_to(self, trace: Trace | None) -> None: ...


class Traces:
    """`connectors`: those of the lane, by cid."""

    def __init__(self, connectors: Mapping[str, Traced]) -> None:
        self._connectors = connectors
        self._on: dict[str, Trace] = {}  # by cid
        self._timers: dict[str, Any] = {}  # by id: of its end, then of when it is forgotten
        self._traces: dict[str, Trace] = {}  # by id, the oldest first

    def of(self, cid: str) -> Trace | None:
        """The one that is on."""
        return self._on.get(cid)

    def start(self, id: str, cid: str, seconds: float, rights: Rights) -> str:
        """Why it was not started, or "". One that there is already is left as it is."""
        if id in self._traces:
            return ""
        if cid not in self._connectors:
            return "the gateway does not have this credential (yet)"
        if cid in self._on:
            return "it is being traced already"
        if len(self._on) >= MOST_TRACES:
            return f"this gateway has {MOST_TRACES} traces already"
        self._make_room()
        trace = self._on[cid] = self._traces[id] = Trace(id, cid, rights)
        self._timers[id] = reactor.callLater(seconds, self.stop, id)
        self._connectors[cid].show_to(trace)
        return ""

    def stop(self, id: str) -> None:
        """End it; what it has stays for `TRACE_KEPT` seconds. Does nothing if it is over."""
        trace = self._traces.get(id)
        if trace is None or self._on.get(trace.cid) is not trace:
            return
        del self._on[trace.cid]
        if trace.cid in self._connectors:
            self._connectors[trace.cid].show_to(None)
        self._cancel_timer(id)
        self._timers[id] = reactor.callLater(TRACE_KEPT, self._forget, id)

    def read(self, id: str, after: int) -> dict[str, Any]:
        """As `gateway_api.TRACE` has it."""
        trace = self._traces.get(id)
        if trace is None:
            return {"state": TraceState.GONE}
        if self._on.get(trace.cid) is not trace:
            return {"state": TraceState.OVER, "left": 0.0, **trace.read(after)}
        left = max(0.0, self._timers[id].getTime() - reactor.seconds())
        return {"state": TraceState.ON, "left": left, **trace.read(after)}

    def _make_room(self) -> None:
        """Forget those that were over first, so that no more than `MOST_TRACES` take memory."""
        over = [id for id, each in self._traces.items() if self._on.get(each.cid) is not each]
        for id in over[: max(0, len(self._traces) - MOST_TRACES + 1)]:
            self._forget(id)

    def _forget(self, id: str) -> None:
        self._cancel_timer(id)
        self._traces.pop(id, None)

    def _cancel_timer(self, id: str) -> None:
        timer = self._timers.pop(id, None)
        if timer is not None and timer.active():
            timer.cancel()
