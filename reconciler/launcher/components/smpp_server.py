"""Jasmin's SMPP server: who may bind, from where, and how often.

Jasmin counts no wrong passwords and does not look at addresses. A right password from an address
that the user may not bind from is refused as a wrong one is, or a thief would learn that it is
right; the gateway's log tells them apart. Logins are Jasmin's, sessions ours (`smpp_session`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from jasmin.protocols.smpp.factory import SMPPServerFactory
from twisted.cred.error import UnauthorizedLogin
from twisted.internet import defer, reactor
from twisted.python.failure import Failure

from messaging.smpp.protocol.pdu import Pdu
from reconciler.gateway_api import LoginRefusal
from reconciler.launcher.components import login_limits
from reconciler.launcher.components.smpp_session import CAN_RECEIVE, SmppServerSession
from reconciler.launcher.corrections import user_keys

STATUS_TEXT_VARIABLE = "SMPP_SERVER_STATUS_TEXT"  # of the gateway's environment: yes or no


class AddressNotAllowed(UnauthorizedLogin):
    """The password is right, and its user may not bind from there."""


class SmppServerFactory(SMPPServerFactory):
    """`on_bound` is called with the system_id of a client that has just bound, `on_refused` with
    the system_id and address of one that was refused, why, and whether it is silenced now.
    `is_opted_out`: whether a user's submit_sm goes to a number that wants none;
    `tells_status_text`: whether a TLV of the answer says so. SMPP 3.4 knows none there, and some
    clients end with it."""

    protocol = SmppServerSession
    on_bound: Callable[[str], None] | None = None
    on_refused: Callable[[str, str, LoginRefusal, bool], None] | None = None
    is_opted_out: Callable[[str, Pdu], bool] = staticmethod(lambda _uid, _pdu: False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = os.environ.get(login_limits.VARIABLE) or login_limits.DEFAULT
        self.tells_status_text = os.environ.get(STATUS_TEXT_VARIABLE, "yes") != "no"
        self.logins = login_limits.LoginLimits(login_limits.Limit.parse(limit))

    def login(self, system_id: str, password: str, address: str) -> defer.Deferred:
        """As Jasmin's; fires with UnauthorizedLogin also for an address that is not allowed."""
        login = defer.maybeDeferred(super().login, system_id, password, address)
        login.addCallback(_check_address, address)
        return login.addErrback(self._not_logged_in, address, system_id)

    def _not_logged_in(self, failure: Failure, address: str, system_id: str) -> Failure:
        if failure.check(UnauthorizedLogin):
            is_stranger = failure.check(AddressNotAllowed)
            why = LoginRefusal.ADDRESS if is_stranger else LoginRefusal.LOGIN
            self.refused(address, system_id, why)
        return failure

    def refused(self, address: str, system_id: str, why: LoginRefusal = LoginRefusal.LOGIN) -> None:
        """Count a refused bind and tell of it."""
        silenced = self.logins.refused(address, system_id)
        if self.on_refused is not None:
            self.on_refused(system_id, address, why, silenced)

    def receiving_session(self, system_id: str) -> SmppServerSession | None:
        """Of a client's binds that take deliver_sm the one that has to answer the fewest."""
        sessions = [
            each
            for each in self.bound_connections.get(system_id, ())
            if each.sessionState in CAN_RECEIVE
        ]
        return min(sessions, key=lambda each: each.unanswered, default=None)

    def end_strangers(self) -> None:
        """Unbind the sessions from addresses that their users may no longer bind from."""
        for manager in list(self.bound_connections.values()):
            for session in list(manager):
                if not user_keys.is_allowed(session.user.smpps_credential, session.address):
                    self.log.warning(
                        "Unbinding %s: it may no longer bind from %s",
                        session.system_id,
                        session.address,
                    )
                    session.unbindAndDisconnect()

    def addBoundConnection(self, connection: SmppServerSession, user: Any) -> None:  # noqa: N802
        super().addBoundConnection(connection, user)
        self.logins.accepted(connection.address, connection.system_id)
        if self.on_bound is not None:
            reactor.callLater(
                0, self.on_bound, connection.system_id
            )  # after the client has its bind_resp


def _check_address(login: tuple[Any, Any, Any], address: str) -> tuple[Any, Any, Any]:
    user = login[1]
    if user is not None and not user_keys.is_allowed(user.smpps_credential, address):
        raise AddressNotAllowed(f"it may not bind from {address}")
    return login
