"""The portion of a plan that one pass applies; the rest is left to the next pushes. Pure.

A pass holds the gateway's lock, so what one organisation changes at once is typed in several, and
those of others come between. A credential is never cut: its user, connector and route go together.
Groups and what belongs to an access are never put off: they are few, and others hang on them; a
route of an access waits for its connectors, or gets those that are made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from reconciler.diff import Action, Change
from reconciler.jcli import routes
from reconciler.plan import Plan
from reconciler.snapshot import Candidate, Lane
from reconciler.state import Kind, Route


@dataclass(frozen=True)
class Portion:
    """- `now`: what this pass applies.
    - `put_off`: gateway keys of credentials of which nothing is applied yet.
    - `waiting`: uids of accesses with a route that waits for connectors of those.
    - `rest`: kind and key of what still differs after this pass.
    - `left`: ids of organisations of which people's own changes are put off.
    """

    now: Plan
    put_off: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    rest: frozenset[tuple[Kind, str]] = frozenset()
    left: tuple[str, ...] = ()


def take(plan: Plan, candidates: Sequence[Candidate], *, limit: int) -> Portion:
    """Put off changes of an organisation beyond its first `limit` credentials. `candidates`:
    credentials that may be put off, the most urgent first; all other changes are applied beyond the
    limit, too.

    Lanes take turns, so that neither removals, nor what people have changed, nor what failed before
    keeps the others back.
    """
    put_off = _too_many(plan, candidates, limit)
    unmade = {
        change.key
        for change in plan.of(Kind.CONNECTOR)
        if change.key in put_off and change.action is Action.CREATE
    }
    now, rest = [], []
    for change in plan.changes:
        if change.owner in put_off:
            rest.append(change)
        elif isinstance(change.resource, Route) and unmade & set(change.resource.connectors):
            rest.append(change)
            now += _meanwhile(change, unmade)
        else:
            now.append(change)
    asked = {
        each.organization_id
        for each in candidates
        if each.key in put_off and each.lane != Lane.OTHER
    }
    return Portion(
        replace(plan, changes=tuple(now)),
        put_off,
        frozenset(change.owner for change in rest) - put_off,
        frozenset((change.kind, change.key) for change in rest),
        tuple(sorted(asked)),
    )


def without(portion: Portion, keys: frozenset[str]) -> Portion:
    """Return the same portion with all of these credentials put off."""
    later = [change for change in portion.now.changes if change.owner in keys]
    now = tuple(change for change in portion.now.changes if change.owner not in keys)
    return replace(
        portion,
        now=replace(portion.now, changes=now),
        put_off=portion.put_off | keys,
        rest=portion.rest | {(change.kind, change.key) for change in later},
    )


def _too_many(plan: Plan, candidates: Iterable[Candidate], limit: int) -> frozenset[str]:
    changed = {change.owner for change in plan.changes}
    lanes: dict[str, list[list[str]]] = defaultdict(lambda: [[] for _ in Lane])
    for each in candidates:
        if each.key in changed:
            lanes[each.organization_id][each.lane].append(each.key)
    return frozenset(chain.from_iterable(_in_turn(each)[limit:] for each in lanes.values()))


def _in_turn(lanes: Sequence[Sequence[str]]) -> list[str]:
    return [key for key in chain.from_iterable(zip_longest(*lanes)) if key is not None]


def _meanwhile(change: Change, unmade: Collection[str]) -> Iterator[Change]:
    """Yield what a route gets until all of its connectors are made: those that are. One that loses
    none waits for all, so that it is not typed anew with each portion."""
    there = routes.doubled(cid for cid in change.resource.connectors if cid not in unmade)
    loses = change.before is None or set(change.before.connectors) - set(there)
    if there and loses:
        yield replace(change, resource=replace(change.resource, connectors=there))
