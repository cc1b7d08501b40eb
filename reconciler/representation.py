"""How operators see gateways and runs. No secret is in either."""

from __future__ import annotations

from orbit.api.envelope import timestamp
from reconciler.jasmin.capabilities import lacking
from reconciler.models import Gateway, Run


def represent_gateway(gateway: Gateway) -> dict:
    return {
        "id": gateway.id,
        "name": gateway.name,
        "enabled": gateway.enabled,
        "console": f"{gateway.jcli_host}:{gateway.jcli_port}",
        "http_url": gateway.http_url,
        "watches_broker": bool(gateway.amqp_url),
        "state": gateway.state,
        "state_since": timestamp(gateway.state_since),
        "state_reason": gateway.state_reason or None,
        "jasmin_version": gateway.jasmin_version or None,
        "launcher_version": gateway.launcher_version or None,
        "capabilities": gateway.capabilities,
        "lacking": lacking(gateway.capabilities) if gateway.jasmin_version else [],
        "epoch": gateway.epoch or None,
        "conflicts": gateway.conflicts,
        "faults": [
            {"organization_id": each["organization_id"] or None, "error": each["error"]}
            for each in gateway.faults
        ],
        "last_pass_at": timestamp(gateway.last_pass_at),
        "unpersisted": gateway.unpersisted,
        "created_at": timestamp(gateway.created_at),
    }


def represent_run(run: Run) -> dict:
    """One line of the history: without its changes, which can be many."""
    return {
        "id": run.id,
        "gateway_id": run.gateway_id,
        "organization_id": run.organization_id or None,
        "trigger": run.trigger,
        "state": run.state,
        "error": run.error or None,
        "times": run.times,
        "change_count": len(run.changes),
        "persisted": run.persisted,
        "started_at": timestamp(run.started_at),
        "finished_at": timestamp(run.finished_at),
    }


def represent_run_in_full(run: Run) -> dict:
    return represent_run(run) | {"changes": run.changes, "warnings": run.warnings}
