"""A run: a pass, the diagnosis of binds that are down, and a second pass if that asks for one.

Workers of passes hand the diagnosis on (`diagnosis_rounds.queue`): it waits for carriers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reconciler import bind_diagnosis, placements
from reconciler.loop import reconcile
from reconciler.models import Gateway
from reconciler.result import Ending, Result

_RAN = (Ending.IN_SYNC, Ending.APPLIED, Ending.FAILED)
_WORSE = (Ending.FAILED, Ending.DOWN, Ending.UNREAD, Ending.UNSAFE)


def run(
    gateway: Gateway,
    *,
    organization_id: str = "",
    trigger: str,
    force: bool = False,
    wait: float = 0.0,
    begun: Callable[[], None] | None = None,
    diagnose: Callable[..., bool] | None = None,
) -> Result:
    """Reconcile, ask why binds are down, and act on the answers in a second pass.

    The lock is free while carriers are asked, so a silent carrier delays no other pass. `begun`
    is called once the first pass holds the lock. `diagnose` replaces `bind_diagnosis.diagnose`.
    """
    placements.place_all()
    scope = {"organization_id": organization_id, "trigger": trigger, "wait": wait}
    result = reconcile(gateway, force=force, begun=begun, **scope)
    if result.ending not in _RAN:
        return result
    ask = diagnose or bind_diagnosis.diagnose
    again = result.again or ask(gateway, organization_id=organization_id)
    if again:
        second = reconcile(gateway, **scope)
        # The first is what was asked for, unless the second has worse to say.
        matters = result.ending is Ending.IN_SYNC or second.ending in _WORSE
        left = second.left if second.ending in _RAN else result.left
        held = result.held + second.held
        return replace(second if matters else result, held=held, left=left)
    return result


def act_on_answers(gateway: Gateway, *, organization_id: str, wait: float) -> Result:
    """Run the second pass, after a diagnosis that another process has made."""
    return reconcile(gateway, organization_id=organization_id, trigger="push", wait=wait)
