"""Jasmin's users, groups and routes: who may submit to the lane, and through which connectors.

Jasmin's fault (routing/router.py:283, 356, 364, 373, 681): it keeps lists, and walks them for each
login, message and command of the console. With thousands of users that is most of its time.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import pickle
from collections.abc import Iterable, Iterator
from typing import Any

from jasmin.protocols.cli.configs import JCliConfig
from jasmin.routing.Filters import UserFilter
from jasmin.routing.router import RouterPB
from jasmin.tools.cred.portal import SmppsRealm
from twisted.internet import defer

from reconciler.launcher import garbage_collection
from reconciler.launcher.components.route_table import RouteTable
from reconciler.launcher.corrections import user_changes
from reconciler.launcher.corrections.atomic_store import PROFILE

_NOBODY = bytes(16)  # no password has this digest that anybody knows


class _Flags(dict[str, bool]):
    """Jasmin's, by table: False as soon as it is changed."""

    def __init__(self, flags: dict[str, bool], kept: set[str]) -> None:
        super().__init__(flags)
        self._kept = kept

    def __setitem__(self, table: str, is_persisted: bool) -> None:
        super().__setitem__(table, is_persisted)
        if not is_persisted:
            self._kept.discard(table)


class Router(RouterPB):
    """Jasmin's router without queues, and with look-ups where Jasmin walks lists."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: set[str] = set()  # tables that are in the store as they are here
        self.persistenceState = _Flags(self.persistenceState, self._kept)
        user_changes.on_change.append(self._user_changed)

    def _user_changed(self) -> None:
        self.persistenceState["users"] = False

    # Jasmin assigns and reads lists, and a whole table of routes.

    @property
    def users(self) -> list[Any]:
        return list(self.users_by_uid.values())

    @users.setter
    def users(self, users: Iterable[Any]) -> None:
        self.users_by_uid: dict[str, Any] = {str(each.uid): each for each in users}
        self._by_username = {each.username: each for each in self.users_by_uid.values()}

    @property
    def groups(self) -> list[Any]:
        return list(self.groups_by_gid.values())

    @groups.setter
    def groups(self, groups: Iterable[Any]) -> None:
        self.groups_by_gid: dict[str, Any] = {str(each.gid): each for each in groups}

    @property
    def mt_routing_table(self) -> RouteTable:
        return self._routes

    @mt_routing_table.setter
    def mt_routing_table(self, table: Any) -> None:
        self._routes = RouteTable(table.getAll())

    def addAmqpBroker(self, broker: Any) -> defer.Deferred:  # noqa: N802 - as Jasmin calls it
        self.amqpBroker = broker
        return defer.succeed(None)

    def perspective_persist(self, profile: str = PROFILE, scope: str = "all") -> bool:
        """Write the tables of the scope; those that are there already are left."""
        path = f"{self.config.store_path}/{profile}.router-{scope}"
        is_kept = profile == PROFILE and scope in self._kept and os.path.exists(path)
        if is_kept and not (scope == "users" and self._has_charged()):
            return True
        with garbage_collection.paused():
            written = super().perspective_persist(profile, scope)
        if written and profile == PROFILE:
            self._kept.add(scope)
        return written

    def perspective_load(self, *args: Any, **kwargs: Any) -> bool:
        self._kept.clear()
        with garbage_collection.paused():
            return super().perspective_load(*args, **kwargs)

    def _has_charged(self) -> bool:
        return any(each.mt_credential.quotas_updated for each in self.users_by_uid.values())

    # Look-ups, and the changes of what they look at

    def getUser(self, uid: str) -> Any:  # noqa: N802 - as Jasmin calls it
        return self.users_by_uid.get(str(uid))

    def getGroup(self, gid: str) -> Any:  # noqa: N802 - as Jasmin calls it
        return self.groups_by_gid.get(str(gid))

    def getMTRoute(self, order: int) -> Any:  # noqa: N802 - as Jasmin calls it
        return self._routes.get(order)

    def user_named(self, username: str) -> Any:
        return self._by_username.get(username)

    def perspective_user_add(self, pickled: bytes) -> bool:
        """Add a user; it replaces those with this uid or username."""
        user = pickle.loads(pickled)  # nosec B301  # made by Jasmin in this process
        group = self.getGroup(user.group.gid)
        if group is None:
            self.log.error("Group %s of the new user %s is not there", user.group.gid, user.uid)
            return False
        user.group = group  # in the place of a copy
        for replaced in (self.getUser(user.uid), self.user_named(user.username)):
            if replaced is not None and str(replaced.uid) in self.users_by_uid:
                self._forget(replaced)
                user.setCnxStatus(replaced.getCnxStatus())
        self.users_by_uid[str(user.uid)] = user
        self._by_username[user.username] = user
        self.persistenceState["users"] = False
        return True

    def perspective_user_remove(self, uid: str) -> bool:
        user = self.getUser(uid)
        if user is None:
            self.log.error("User %s is not there to be removed", uid)
            return False
        self._forget(user)
        self.persistenceState["users"] = False
        return True

    def perspective_user_enable(self, uid: str) -> bool:
        return self._switch(self.getUser(uid), "users", enabled=True)

    def perspective_user_disable(self, uid: str) -> bool:
        return self._switch(self.getUser(uid), "users", enabled=False)

    def perspective_group_add(self, pickled: bytes) -> bool:
        group = pickle.loads(pickled)  # nosec B301  # made by Jasmin in this process
        self.groups_by_gid[str(group.gid)] = group
        self.persistenceState["groups"] = False
        return True

    def perspective_group_enable(self, gid: str) -> bool:
        return self._switch(self.getGroup(gid), "groups", enabled=True)

    def perspective_group_disable(self, gid: str) -> bool:
        return self._switch(self.getGroup(gid), "groups", enabled=False)

    def perspective_group_remove(self, gid: str) -> bool:
        """Remove a group with its users."""
        if self.groups_by_gid.pop(str(gid), None) is None:
            self.log.error("Group %s is not there to be removed", gid)
            return False
        for uid in self.users_of(str(gid)):
            self._forget(self.users_by_uid[uid])
        self.persistenceState["groups"] = self.persistenceState["users"] = False
        return True

    def perspective_group_remove_all(self) -> bool:
        gone = self.groups_by_gid
        self.users = [each for each in self.users if str(each.group.gid) not in gone]
        self.groups = []
        self.persistenceState["groups"] = self.persistenceState["users"] = False
        return True

    def _forget(self, user: Any) -> None:
        del self.users_by_uid[str(user.uid)]
        if self._by_username.get(user.username) is user:
            del self._by_username[user.username]

    def _switch(self, there: Any, kind: str, *, enabled: bool) -> bool:
        if there is None:
            return False
        there.enabled = enabled
        self.persistenceState[kind] = False
        return True

    # Who may submit, and where

    def authenticateUser(  # noqa: N802 - as Jasmin calls it
        self,
        username: str,
        password: str,
        return_pickled: bool = False,  # noqa: FBT001, FBT002 - likewise
    ) -> Any:
        """The user, if the password is right and neither it nor its group is disabled."""
        user = self._with_password(username, password)
        if user is None:
            self.log.info("authenticateUser [username:%s] returned None", username)
            return None
        return pickle.dumps(user, self.pickleProtocol) if return_pickled else user

    def authenticate(self, username: str, password: str) -> Any:
        """The same, of users that may submit over HTTP."""
        user = self._with_password(username, password)
        if user is None or not user.mt_credential.getAuthorization("http_send"):
            return None
        return user

    def _with_password(self, username: str, password: str) -> Any:
        digest = hashlib.md5(
            password.encode(), usedforsecurity=False
        ).digest()  # as Jasmin stores it
        user = self.user_named(username)
        is_right = hmac.compare_digest(user.password if user else _NOBODY, digest)
        if user is None or not is_right or not user.enabled:
            return None
        group = self.getGroup(user.group.gid)
        return None if group is not None and not group.enabled else user

    def users_of(self, group: str) -> list[str]:
        """The uids of a group: an organisation's, on its accesses and of its credentials."""
        return [uid for uid, user in self.users_by_uid.items() if str(user.group.gid) == group]

    def connectors_of(self, user: Any) -> list[str]:
        """The connectors, in order, of the first route that is for this user alone."""
        for _, route in self._routes.routes_of(str(user.uid)):
            if all(_is_for(each, user.uid) for each in route.filters):
                there = route.connector if isinstance(route.connector, list) else [route.connector]
                return list(dict.fromkeys(each.cid for each in there))
        return []

    # What `state` tells

    def routed_users(self) -> Iterable[str]:
        return self._routes.users()

    def routes_of(self, uid: str) -> Iterator[tuple[int, Any]]:
        return self._routes.routes_of(uid)

    def orders(self) -> list[int]:
        return self._routes.orders


class Realm(SmppsRealm):
    """Jasmin's, which walks all users at each login."""

    def requestAvatar(self, avatarId: str, mind: Any, *interfaces: Any) -> tuple[Any, ...]:  # noqa: N802, N803
        return "SMPPs", self.router_factory.user_named(avatarId), lambda: None


def is_operator(config: JCliConfig, username: str, password: str) -> bool:
    """Whether these are the user and password of Jasmin's console."""
    digest = hashlib.md5(password.encode(), usedforsecurity=False).digest()
    is_right = hmac.compare_digest(digest, config.admin_password)
    return hmac.compare_digest(username.encode(), config.admin_username.encode()) and is_right


def _is_for(each: Any, uid: str) -> bool:
    return isinstance(each, UserFilter) and each.user.uid == uid
