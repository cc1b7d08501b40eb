"""Refuses a plan that looks like a mistake. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from reconciler.diff import Action
from reconciler.plan import Plan
from reconciler.state import Kind, State

# A pass that would delete more than this share of our objects of a kind, and more than this many,
# is taken for a mistake (a lost database, the wrong one).
MAX_DELETED_SHARE = 0.3
MAX_DELETED = 10


def unsafe_reason(plan: Plan, desired: State, actual: State, *, asked: Collection[str] = ()) -> str:
    """Say why the plan must not be applied without force; "" when it may.

    `asked`: keys that people deleted one by one; they are no sign of a mistake.
    """
    deleted = Counter(
        change.kind
        for change in plan.changes
        if change.action is Action.DELETE and change.key not in asked
    )
    if not deleted:
        return ""
    if not any(desired.of(kind) for kind in Kind):
        return f"nothing at all is wanted, but {deleted.total()} objects of ours exist"
    for kind, count in deleted.items():
        ours = len(actual.of(kind))
        if count > MAX_DELETED and count > MAX_DELETED_SHARE * ours:
            return (
                f"{count} of {ours} {kind}s would be deleted "
                f"(over {MAX_DELETED} and over {MAX_DELETED_SHARE:.0%})"
            )
    return ""
