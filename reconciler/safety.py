"""Refuses a plan that looks like a mistake. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from reconciler.diff import Action
from reconciler.plan import Plan
from reconciler.state import Kind, State

# A pass that would delete more than this share of our objects of a kind, and more than this many,
# is taken for a mistake (a lost database, the wrong one); so is one that would end as many live
# binds by replacing their connectors (an old database, a setting of all connectors that changed).
MAX_SHARE = 0.3
MAX_COUNT = 10


def unsafe_reason(
    plan: Plan,
    desired: State,
    actual: State,
    *,
    asked: Collection[str] = (),
    changed: Collection[str] = (),
) -> str:
    """Say why the plan must not be applied without force; "" when it may.

    `asked`: keys that people deleted one by one; they are no sign of a mistake.
    `changed`: cids of credentials that people have changed and that wait for this pass.
    """
    return _too_many_deleted(plan, desired, actual, asked) or _too_many_dropped(
        plan, actual, changed
    )


def _too_many_deleted(plan: Plan, desired: State, actual: State, asked: Collection[str]) -> str:
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
        if _is_too_many(count, ours):
            return f"{count} of {ours} {kind}s would be deleted ({_LIMITS})"
    return ""


def _too_many_dropped(plan: Plan, actual: State, changed: Collection[str]) -> str:
    """Only replacement counts, of a connector or of its binds one after another: a connector that
    is stopped is so by its owner or by the policy. One with several binds counts once."""
    dropped = [
        change
        for change in plan.of(Kind.CONNECTOR)
        if (change.rolls_binds or (change.action is Action.REPLACE and change.drops_bind))
        and change.key not in changed
    ]
    live = sum(connector.is_bound for connector in actual.connectors.values())
    if not _is_too_many(len(dropped), live):
        return ""
    are_rolled = all(change.rolls_binds for change in dropped)
    how = "made anew" if are_rolled else "dropped by replacement"
    return f"{len(dropped)} of {live} live binds would be {how} ({_LIMITS})"


_LIMITS = f"over {MAX_COUNT} and over {MAX_SHARE:.0%}"


def _is_too_many(count: int, of: int) -> bool:
    return count > MAX_COUNT and count > MAX_SHARE * of
