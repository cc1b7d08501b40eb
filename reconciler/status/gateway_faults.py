"""What the last pass could not do, an entry an organisation, stored with the gateway.

The gateway goes on serving the others: it is degraded, not down.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.connector_sessions import Outcomes
from reconciler.diff import Change
from reconciler.display_names import Names
from reconciler.models import Gateway
from reconciler.plan import failures
from reconciler.state import State

KEPT = 20  # entries, where everything fails
# Entry: {"organization_id": "org_…", or "" for the gateway as a whole, "error": in words}.


def by_organization(outcomes: Outcomes, names: Names) -> dict[str, str]:
    """Return organisation id → its first failure; "" → that of objects without a row."""
    failed: dict[str, dict[Change, str]] = {}
    for change, error in outcomes.items():
        if error:
            owner = names.owner_of(change)
            failed.setdefault(owner.id if owner else "", {})[change] = error
    return {organization_id: failures(own) for organization_id, own in failed.items()}


def of_files(found: State, carries: int | None) -> dict[str, str]:
    """Return the fault of a gateway that has more connections than its limit of open files allows:
    the last of them do not come up. `carries`: None: it does not say."""
    wanted = sum(max(1, len(each.sessions)) for each in found.connectors.values() if each.running)
    if carries is None or wanted <= carries:
        return {}
    return {
        "": f"it has {wanted} connections to carriers, and its limit of open files carries"
        f" {carries}: raise it (LimitNOFILE), or move organisations to another gateway"
    }


def store(gateway: Gateway, faults: Mapping[str, str], *, organization_id: str = "") -> None:
    """Store the faults; `organization_id`: of a pass that saw only this organisation."""
    entries = [
        {"organization_id": each, "error": error}
        for each, error in sorted(faults.items())
        if organization_id in ("", each)
    ]
    if organization_id:
        kept = Gateway.objects.values_list("faults", flat=True).get(pk=gateway.pk)
        entries += [each for each in kept if each["organization_id"] != organization_id]
    more = len(entries) - KEPT
    if more > 0:
        entries = entries[:KEPT]
        entries.append({"organization_id": "", "error": f"and {more} more like these"})
    Gateway.objects.filter(pk=gateway.pk).exclude(faults=entries).update(faults=entries)
