"""A pass and what follows from it: whoever starts a pass for real starts it here."""

from __future__ import annotations

from collections.abc import Callable

from reconciler import bind_diagnosis, placements
from reconciler.loop import reconcile
from reconciler.models import Gateway
from reconciler.result import Ending, Report

_RAN = (Ending.IN_SYNC, Ending.APPLIED, Ending.FAILED)
_WORSE = (Ending.FAILED, Ending.DOWN, Ending.UNSAFE)


def run(
    gateway: Gateway,
    *,
    organization_id: str = "",
    trigger: str,
    force: bool = False,
    wait: float = 0.0,
    begun: Callable[[], None] | None = None,
) -> Report:
    """Reconcile, ask why binds are down, and act on the answers in a second pass.

    The lock is free while carriers are asked, so one that is silent holds up nobody. `begun` is
    called once the first pass holds it.
    """
    placements.place_all()
    scope = {"organization_id": organization_id, "trigger": trigger, "wait": wait}
    report = reconcile(gateway, force=force, begun=begun, **scope)
    if report.ending not in _RAN:
        return report
    again = report.again or bind_diagnosis.diagnose(gateway, organization_id=organization_id)
    if again:
        second = reconcile(gateway, **scope)
        # The first is what was asked for, unless the second has worse to say.
        matters = report.ending is Ending.IN_SYNC or second.ending in _WORSE
        return second if matters else report
    return report
