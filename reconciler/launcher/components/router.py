"""Jasmin's users, groups and routes: who may submit to the lane, and through which connectors."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from jasmin.protocols.cli.configs import JCliConfig
from jasmin.routing.Filters import UserFilter
from jasmin.routing.router import RouterPB
from twisted.internet import defer


class Router(RouterPB):
    """Jasmin's router without queues. It also knows the connectors of each user."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cids: dict[str, list[str]] = {}  # connectors by uid; emptied when a route changes

    def addAmqpBroker(self, broker: Any) -> defer.Deferred:  # noqa: N802 - as Jasmin calls it
        self.amqpBroker = broker
        return defer.succeed(None)

    def perspective_mtroute_add(self, route: Any, order: int) -> Any:
        self._cids.clear()
        return super().perspective_mtroute_add(route, order)

    def perspective_mtroute_remove(self, order: int) -> Any:
        self._cids.clear()
        return super().perspective_mtroute_remove(order)

    def perspective_mtroute_flush(self) -> Any:
        self._cids.clear()
        return super().perspective_mtroute_flush()

    def perspective_load(self, *args: Any, **kwargs: Any) -> Any:
        self._cids.clear()
        return super().perspective_load(*args, **kwargs)

    def authenticate(self, username: str, password: str) -> Any:
        """The user, if the password is right and it may submit over HTTP."""
        digest = hashlib.md5(
            password.encode(), usedforsecurity=False
        ).digest()  # as Jasmin stores it
        found = None
        for user in self.users:
            is_meant = user.username == username
            if hmac.compare_digest(user.password, digest) and is_meant:
                found = user
        if found is None or not found.enabled:
            return None
        group = self.getGroup(found.group.gid)
        if group is not None and not group.enabled:
            return None
        return found if found.mt_credential.getAuthorization("http_send") else None

    def users_of(self, group: str) -> list[str]:
        """The uids of a group: an organisation's, on its accesses and of its credentials."""
        return [user.uid for user in self.users if user.group.gid == group]

    def connectors_of(self, user: Any) -> list[str]:
        """The connectors, in order, of the first route that is for this user alone."""
        if user.uid not in self._cids:
            self._cids[user.uid] = self._find(user.uid)
        return self._cids[user.uid]

    def _find(self, uid: str) -> list[str]:
        for row in self.mt_routing_table.getAll():
            route = next(iter(row.values()))
            filters = getattr(route, "filters", [])
            if filters and all(_is_for(each, uid) for each in filters):
                there = route.connector if isinstance(route.connector, list) else [route.connector]
                return list(dict.fromkeys(each.cid for each in there))
        return []


def is_operator(config: JCliConfig, username: str, password: str) -> bool:
    """Whether these are the user and password of Jasmin's console."""
    digest = hashlib.md5(password.encode(), usedforsecurity=False).digest()
    is_right = hmac.compare_digest(digest, config.admin_password)
    return hmac.compare_digest(username.encode(), config.admin_username.encode()) and is_right


def _is_for(each: Any, uid: str) -> bool:
    return isinstance(each, UserFilter) and each.user.uid == uid
