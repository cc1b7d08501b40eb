"""Has a gateway start a trace, reads what it has, and has it stop."""

from __future__ import annotations

import time
from dataclasses import replace

from reconciler.gateway_api import MOST_READ_PDUS, TraceState
from reconciler.gateway_client.operator_client import (
    GatewayAway,
    NoSuchRequest,
    OperatorClient,
    TooSlow,
)
from reconciler.gateway_client.traced import TraceRead
from reconciler.models import Gateway
from reconciler.traces import store
from reconciler.traces.store import State, Trace

PATIENCE = 3.0  # seconds for an answer
READS = 10  # answers: all that a gateway keeps
READS_MEANWHILE = 1  # while messages pass: to mask 1,000 PDUs takes some 15 ms of the gateway
LOST = "the gateway has it no more: it was started again, or the trace was over for long"
TOO_OLD = "the gateway's launcher traces nothing; start the gateway again with the new one"
LATE = "no worker took it in time"
UNREAD = "the gateway did not answer at its end"


def follow(trace_id: str) -> None:
    """Go on with it. What another worker is at, or what is over, is left alone."""
    with store.alone(trace_id) as ours:
        trace = store.find(trace_id) if ours else None
        if trace is None or not trace.is_going_on:
            return
        gateway = Gateway.objects.filter(pk=trace.gateway).first()
        if gateway is None:
            store.write(replace(trace, state=State.FAILED, why="the gateway was removed"))
            return
        client = OperatorClient(gateway, patience=PATIENCE)
        try:
            trace = _started(trace, client) if trace.state == State.ASKED else trace
            trace = _read(trace, client) if trace.state == State.ON else trace
        except NoSuchRequest:
            trace = replace(trace, state=State.FAILED, why=TOO_OLD)
        except GatewayAway as error:
            trace = _unanswered(trace, error)
        finally:
            client.close()
        store.write(trace)


def _started(trace: Trace, client: OperatorClient) -> Trace:
    if store.is_to_stop(trace):
        return replace(trace, state=State.OVER, why="it was stopped before it began")
    if not trace.is_running:
        return replace(trace, state=State.FAILED, why=LATE)
    said = client.start_trace(trace.id, trace.cid, trace.seconds, texts=trace.texts)
    if said.state == TraceState.REFUSED:
        return replace(trace, state=State.FAILED, why=said.why)
    now = time.time()
    return replace(trace, state=State.ON, started_at=now, ends_at=now + said.left)


def _read(trace: Trace, client: OperatorClient) -> Trace:
    if store.is_to_stop(trace):
        client.stop_trace(trace.id)
    for number in range(1, READS + 1):
        said = client.read_trace(trace.id, trace.read)
        trace = store.keep(replace(trace, trouble=""), said.pdus, max(said.last, trace.last))
        is_enough = said.state == TraceState.ON and number >= READS_MEANWHILE
        if is_enough or len(said.pdus) < MOST_READ_PDUS:
            break
    return _ended(trace, said)


def _ended(trace: Trace, said: TraceRead) -> Trace:
    if said.state == TraceState.ON or len(said.pdus) == MOST_READ_PDUS:
        return trace
    why = LOST if said.state == TraceState.GONE else ""
    return replace(trace, state=State.OVER, why=why, ends_at=min(trace.ends_at, time.time()))


def _unanswered(trace: Trace, error: GatewayAway) -> Trace:
    """One that may have begun is asked for again: the gateway starts it once."""
    why = str(error)
    if trace.state == State.ASKED and not isinstance(error, TooSlow):
        return replace(trace, state=State.FAILED, why=why)
    if trace.state == State.ON and time.time() > trace.ends_at + store.PATIENCE:
        return replace(trace, state=State.OVER, why=f"{UNREAD}: {why}")
    return replace(trace, trouble=why)
