"""diff(desired, actual) → changes. Pure: no I/O, no clock, no database.

Only declared settings are compared, only our objects are touched. Here is decided what a change
does to the bind: live keys are updated, all others replace the connector (remove + add), since
one `smppccm -u` of a bind key makes every later update restart the bind. In a gateway that makes
its binds anew one after another, every key is live.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from reconciler.jasmin.route_orders import assign_orders
from reconciler.jcli.connectors import (
    ADDING_KEYS,
    BIND_KEYS,
    PASSWORD,
    TLS_KEY,
    digested,
    is_live,
    rolls,
    shown,
)
from reconciler.jcli.users import LIVE_KEYS as LIVE_USER_KEYS
from reconciler.jcli.users import stored
from reconciler.state import (
    Connector,
    Group,
    Kind,
    Route,
    Sealed,
    State,
    User,
    is_same_secret,
)


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"  # in place, nothing drops
    REPLACE = "replace"  # remove + add under the same key
    START = "start"
    STOP = "stop"
    ENABLE = "enable"
    DISABLE = "disable"
    DELETE = "delete"
    WITHHELD = "withheld"  # left undone: it would harm foreign objects, or the row is unreadable


@dataclass(frozen=True)
class FieldChange:
    """One setting that differs; of a secret both values are None."""

    name: str
    actual: str | None
    desired: str | None


@dataclass(frozen=True)
class Change:
    """One thing to do to one object.

    - `drops_bind`: it ends a live bind. `rolls_binds`: live binds are made anew, and none is
      missed meanwhile.
    - `resource`: the wanted object, None for a deletion.
    - `before`: the route that is replaced or deleted.
    - `about`: organisation, credential or route by the names people gave them (`display_names`).
    """

    kind: Kind
    key: str
    action: Action
    reason: str
    fields: tuple[FieldChange, ...] = ()
    drops_bind: bool = False
    resource: Group | User | Connector | Route | None = field(
        default=None, repr=False, compare=False
    )
    before: Route | None = field(default=None, repr=False, compare=False)
    about: str = field(default="", compare=False)
    rolls_binds: bool = False

    @property
    def causes_bind(self) -> bool:
        """Whether the gateway goes to a carrier's login because of it."""
        connector = self.resource
        if not isinstance(connector, Connector) or not connector.running:
            return False
        names = {each.name for each in self.fields}
        is_other = not names.isdisjoint(BIND_KEYS | ADDING_KEYS)
        return self.action in _STARTS or (self.action is Action.UPDATE and is_other)

    @property
    def owner(self) -> str:
        """Key of the credential, access or organisation it belongs to; a route's is its user's."""
        route = self.resource or self.before
        return route.user if isinstance(route, Route) else self.key


_STARTS = (Action.CREATE, Action.REPLACE, Action.START)


def diff(desired: State, actual: State) -> list[Change]:
    """Return the changes that make `actual` equal to `desired`, unordered."""
    return [
        *_groups(desired, actual),
        *_users(desired, actual),
        *_connectors(desired, actual),
        *_routes(desired, actual),
    ]


def _groups(desired: State, actual: State) -> Iterator[Change]:
    for gid, group in desired.groups.items():
        found = actual.groups.get(gid)
        if found is None:
            yield Change(Kind.GROUP, gid, Action.CREATE, "missing", resource=group)
        elif found.enabled != group.enabled:
            yield Change(Kind.GROUP, gid, Action.ENABLE, "disabled in Jasmin", resource=group)
    for gid in actual.groups.keys() - desired.groups.keys():
        if gid in actual.foreign_members:
            reason = "not wanted, but it holds users that are not ours: Jasmin would remove them"
            yield Change(Kind.GROUP, gid, Action.WITHHELD, reason)
        else:
            yield Change(Kind.GROUP, gid, Action.DELETE, "not wanted")


def _users(desired: State, actual: State) -> Iterator[Change]:
    for uid, user in desired.users.items():
        found = actual.users.get(uid)
        if user.username in actual.foreign_usernames:
            reason = "its username belongs to a user that is not ours: adding it would remove that"
            yield Change(Kind.USER, uid, Action.WITHHELD, reason)
            continue
        if found is None:
            yield Change(Kind.USER, uid, Action.CREATE, "missing", resource=user)
        else:
            differing = _differing_user(user, found)
            if differing:
                action = Action.UPDATE if _is_live(differing) else Action.REPLACE
                yield Change(Kind.USER, uid, action, "differs", differing, resource=user)
        # A user that is added is enabled.
        added = found is None or not _is_live(_differing_user(user, found))
        enabled = True if added else found.enabled
        if enabled != user.enabled:
            action = Action.ENABLE if user.enabled else Action.DISABLE
            reason = "disabled in Jasmin" if user.enabled else "its credential is disabled"
            yield Change(Kind.USER, uid, action, reason, resource=user)
    for uid in actual.users.keys() - desired.users.keys():
        yield _unwanted(Kind.USER, uid, desired)


def _connectors(desired: State, actual: State) -> Iterator[Change]:
    for cid, connector in desired.connectors.items():
        found = actual.connectors.get(cid)
        if found is None:
            yield Change(Kind.CONNECTOR, cid, Action.CREATE, "missing", resource=connector)
            continue
        differing = _differing(connector.settings, found.settings)
        if not is_same_secret(connector.password, found.password):
            differing = (*differing, FieldChange(PASSWORD, None, None))
        if not is_same_secret(connector.tls_key, found.tls_key):
            differing = (*differing, FieldChange(TLS_KEY, None, None))
        is_rolled = rolls(connector) and rolls(found)
        if not is_rolled and not all(is_live(each.name, each.desired) for each in differing):
            yield Change(
                Kind.CONNECTOR,
                cid,
                Action.REPLACE,
                "differs",
                differing,
                drops_bind=found.is_bound,
                resource=connector,
            )
            continue
        if differing:
            yield Change(
                Kind.CONNECTOR,
                cid,
                Action.UPDATE,
                "differs",
                differing,
                rolls_binds=found.is_bound and any(each.name in BIND_KEYS for each in differing),
                resource=connector,
            )
        if connector.running != found.running:
            yield _start_or_stop(connector, found)
    for cid in actual.connectors.keys() - desired.connectors.keys():
        found = actual.connectors[cid]
        if cid in desired.unreadable and cid in desired.stopped and found.running:
            yield _start_or_stop(replace(found, running=False), found)
        else:
            yield _unwanted(Kind.CONNECTOR, cid, desired, drops_bind=found.is_bound)


def _unwanted(kind: Kind, key: str, desired: State, *, drops_bind: bool = False) -> Change:
    if reason := desired.unreadable.get(key):
        return Change(kind, key, Action.WITHHELD, reason)
    return Change(kind, key, Action.DELETE, "not wanted", drops_bind=drops_bind)


def _routes(desired: State, actual: State) -> Iterator[Change]:
    settled = assign_orders(desired.routes, actual.routes, actual.orders)
    found = {route.order: route for route in actual.routes}
    for route in settled:
        old = found.get(route.order)
        key, shown = str(route.order), _connectors_of(route)
        if old is None:
            fields = (
                FieldChange("user", None, route.user),
                FieldChange("destinations", None, route.pattern or "all"),
                FieldChange("connectors", None, shown),
            )
            yield Change(Kind.ROUTE, key, Action.CREATE, "missing", fields, resource=route)
        elif old != route:
            fields = (FieldChange("connectors", _connectors_of(old), shown),)
            yield Change(
                Kind.ROUTE, key, Action.REPLACE, "differs", fields, resource=route, before=old
            )
    for order in found.keys() - {route.order for route in settled}:
        gone = found[order]
        fields = (
            FieldChange("user", gone.user, None),
            FieldChange("connectors", _connectors_of(gone), None),
        )
        yield Change(Kind.ROUTE, str(order), Action.DELETE, "not wanted", fields, before=gone)


def _connectors_of(route: Route) -> str:
    return ", ".join(dict.fromkeys(route.connectors))


def _is_live(differing: Sequence[FieldChange]) -> bool:
    """Can `user -u` change these? If not, the user is added again under its uid."""
    return all(change.name in LIVE_USER_KEYS for change in differing)


def _start_or_stop(desired: Connector, found: Connector) -> Change:
    if desired.running:
        return Change(
            Kind.CONNECTOR, desired.cid, Action.START, "stopped in Jasmin", resource=desired
        )
    return Change(
        Kind.CONNECTOR,
        desired.cid,
        Action.STOP,
        "running, but it is to be stopped",
        drops_bind=found.is_bound,
        resource=desired,
    )


def _differing_user(desired: User, actual: User) -> tuple[FieldChange, ...]:
    found = list(_differing(desired.settings, actual.settings))
    for name in ("gid", "username"):
        ours, theirs = getattr(desired, name), getattr(actual, name)
        if ours != theirs:
            found.append(FieldChange(name, theirs, ours))
    sealed = actual.password if isinstance(actual.password, Sealed) else None
    if actual.password_differs or (sealed and not sealed.fits(stored(desired.password))):
        found.append(FieldChange(PASSWORD, None, None))
    return tuple(found)


def _differing(desired: Mapping[str, str], actual: Mapping[str, str]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, shown(name, actual.get(name)), shown(name, value))
        for name, value in desired.items()
        if actual.get(name) != value and actual.get(name) != digested(name, value)
    )
