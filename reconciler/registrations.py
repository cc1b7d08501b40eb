"""Registers the reconciler with the rest: gateway port, checks, health, metrics, retention."""

from __future__ import annotations

from messaging import gateway
from messaging.credentials import loops
from messaging.notices import sources
from messaging.notices.decisions import Kind
from orbit.operations import health, heartbeats, metrics, retention
from reconciler.gateway_adapter import GatewayAdapter
from reconciler.gateway_probe import probe_all
from reconciler.health import gateways, logs
from reconciler.metrics.credentials import CredentialCollector
from reconciler.metrics.gateways import GatewayCollector
from reconciler.notice_conditions import gateways_away, logs_behind
from reconciler.placements import own_servers
from reconciler.retention import prune_bind_changes, prune_runs
from reconciler.wire_conditions import disks, slow, throttled

gateway.implement(GatewayAdapter())
loops.know(own_servers)
health.register("gateway", gateways, needs_database=True)
health.register("log", logs, needs_database=True)
heartbeats.register(probe_all)
metrics.register(GatewayCollector())
metrics.register(CredentialCollector())
retention.register("runs", prune_runs)
retention.register("bind_changes", prune_bind_changes)
sources.register(Kind.GATEWAY, gateways_away)
sources.register(Kind.LOG, logs_behind)
sources.register(Kind.THROTTLED, throttled)
sources.register(Kind.SLOW, slow)
sources.register(Kind.DISK, disks)
