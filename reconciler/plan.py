"""A plan is a value: ordered changes that can be printed, stored, refused or applied. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.diff import Action, Change
from reconciler.display_names import Names
from reconciler.state import Kind, State


@dataclass(frozen=True)
class Plan:
    """`withheld`: changes that are needed and left undone: they would harm foreign objects, or
    their rows are unreadable."""

    changes: tuple[Change, ...]
    warnings: tuple[str, ...] = ()
    withheld: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def dropped_binds(self) -> tuple[str, ...]:
        """cids of live binds that this plan ends."""
        return tuple(change.key for change in self.changes if change.drops_bind)

    def of(self, *kinds: Kind) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.kind in kinds)


def make_plan(changes: Iterable[Change], actual: State, names: Names | None = None) -> Plan:
    """Order the changes, name the organisation of each, and warn of what is left alone.

    Additions come first: groups before their users, users and connectors before the routes that
    name them. Then removals: routes before what they name, groups last (Jasmin removes a group's
    users with it).
    """
    names = names or Names()
    changes = [replace(change, about=names.about(change)) for change in changes]
    withheld = [change for change in changes if change.action is Action.WITHHELD]
    wanted = [change for change in changes if change.action is not Action.WITHHELD]
    warnings = [failure(change, change.reason) for change in withheld]
    warnings += actual.conflicts
    for kind, keys in actual.foreign.items():
        if keys:
            warnings.append(f"{len(keys)} {kind}(s) that are not ours are left alone: {_few(keys)}")
    return Plan(tuple(sorted(wanted, key=_rank)), tuple(warnings), tuple(withheld))


def failure(change: Change, error: str) -> str:
    """Return why a change failed, with the object and its owner."""
    named = f"{change.kind} {change.key}"
    return f"{change.about} ({named}): {error}" if change.about else f"{named}: {error}"


def failures(outcomes: Mapping[Change, str]) -> str:
    """Return the first failure, which is the cause of others, and the number of the others."""
    failed = [failure(change, error) for change, error in outcomes.items() if error]
    if len(failed) < 2:
        return "".join(failed)
    return f"{failed[0]}; and {len(failed) - 1} more"


def as_data(change: Change) -> dict:
    """Return the change as JSON: what, why, which fields; a secret field has no values."""
    return {
        "kind": change.kind.value,
        "key": change.key,
        "action": change.action.value,
        "about": change.about,
        "reason": change.reason,
        "fields": [
            {"name": field.name, "actual": field.actual, "desired": field.desired}
            for field in change.fields
        ],
        "drops_bind": change.drops_bind,
        "rolls_binds": change.rolls_binds,
    }


def bounded(changes: Sequence[dict], most: int) -> list[dict]:
    """Return at most so many of `as_data`: those that failed or drop a bind before others, in their
    order."""
    if len(changes) <= most:
        return list(changes)
    ranked = sorted(
        range(len(changes)),
        key=lambda place: (not changes[place].get("error"), not changes[place]["drops_bind"]),
    )
    return [changes[place] for place in sorted(ranked[:most])]


def render(changes: Iterable[dict], warnings: Iterable[str], more: int = 0) -> Iterator[str]:
    """Yield the lines of a plan for a terminal, from `as_data` (with outcomes, if it has run).
    `more`: how many changes are left out."""
    for change in changes:
        mark = _MARKS.get(change["action"], "~")
        drops = "  (drops a live bind)" if change["drops_bind"] else ""
        if change.get("rolls_binds"):  # runs of earlier releases have none
            drops = "  (makes live binds anew, one after another)"
        outcome = f"  → {change['outcome']}" if change.get("outcome") else ""
        yield (
            f"  {mark} {change['action']:<8}{change['kind']:<10}{change['key']:<17}"
            f"{change['reason']}{drops}{outcome}"
        )
        if change.get("about"):
            yield f"        {change['about']}"
        for field in change["fields"]:
            if field["actual"] is None and field["desired"] is None:
                yield f"        {field['name']}: differs"
            else:
                yield f"        {field['name']}: {field['actual']} → {field['desired']}"
        if change.get("error"):
            yield f"        failed: {change['error']}"
    if more:
        yield f"  … and {more} more"
    for warning in warnings:
        yield f"  ! {warning}"


_MARKS = {"create": "+", "start": "+", "enable": "+", "delete": "-", "stop": "-", "disable": "-"}
_ADDING = {Kind.GROUP: 0, Kind.USER: 1, Kind.CONNECTOR: 2, Kind.ROUTE: 3}
_REMOVING = {Kind.ROUTE: 4, Kind.USER: 5, Kind.CONNECTOR: 6, Kind.GROUP: 7}


def _rank(change: Change) -> tuple[int, str]:
    ranks = _REMOVING if change.action is Action.DELETE else _ADDING
    return ranks[change.kind], change.key


def _few(keys: Collection[str]) -> str:
    shown = ", ".join(sorted(keys)[:5])
    return shown if len(keys) <= 5 else f"{shown}, …"
