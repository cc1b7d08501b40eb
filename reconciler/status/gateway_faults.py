"""What the last pass could not do, an entry an organisation, kept with its gateway.

The gateway serves all others meanwhile: it is degraded, not down.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.connector_sessions import Outcomes
from reconciler.diff import Change
from reconciler.display_names import Names
from reconciler.models import Gateway
from reconciler.plan import failures

KEPT = 20  # entries; a gateway on which everything fails is one fault, not a thousand
# Entry: {"organization_id": "org_…", or "" for the gateway as a whole, "error": in words}.


def found(outcomes: Outcomes, names: Names) -> dict[str, str]:
    """Organisation id → its first failure; "" → that of objects that no row stands for."""
    failed: dict[str, dict[Change, str]] = {}
    for change, said in outcomes.items():
        if said:
            owner = names.owner_of(change)
            failed.setdefault(owner.id if owner else "", {})[change] = said
    return {organization_id: failures(own) for organization_id, own in failed.items()}


def keep(gateway: Gateway, faults: Mapping[str, str], *, organization_id: str = "") -> None:
    """Write them down; `organization_id`: of a pass that saw only this organisation."""
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
