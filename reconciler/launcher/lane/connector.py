"""One connector: its bind kept up, its submits in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from messaging.smpp.protocol.status import Status
from reconciler.launcher.lane.settings import Settings

if TYPE_CHECKING:
    from reconciler.launcher.lane.lane import Lane


class Connector:
    """`state` has Jasmin's names: NONE OPEN BIND_TRX_PENDING BOUND_TRX UNBIND_PENDING UNBOUND ….

    `counters` by name: connected_count, disconnected_count, bound_count, submit_sm_request_count,
    submit_sm_count (answered), deliver_sm_count, data_sm_count, elink_count,
    throttling_error_count, other_submit_error_count; `times` by name, seconds since 1970 or None: created_at, connected_at,
    bound_at, disconnected_at, last_received_pdu_at, last_sent_pdu_at, last_received_elink_at,
    last_sent_elink_at, last_seqNum_at.
    """

    def __init__(self, lane: Lane, cid: str, settings: Settings) -> None:
        self.cid = cid
        self.settings = settings
        self.state = "NONE"
        self.is_started = False
        self.bind_error: Status | None = None  # of the last bind, if it was refused
        self.link_error = ""  # why the last connection was not made or ended, in words
        self.counters: dict[str, int] = {}
        self.times: dict[str, float | None] = {}

    @property
    def is_bound(self) -> bool:
        """Whether submits can go: as a receiver it is never bound in this sense."""
        raise NotImplementedError

    @property
    def in_flight(self) -> int:
        """submit_sm without an answer."""
        raise NotImplementedError

    @property
    def waiting(self) -> int:
        """Accepted messages of which not all parts were written."""
        raise NotImplementedError

    @property
    def tls_verified(self) -> bool:
        """Whether the live connection is TLS whose chain and name were checked."""
        raise NotImplementedError

    def start(self) -> None:
        """Connect and bind, and again whenever that ends, until `stop`."""
        raise NotImplementedError

    def stop(self) -> Deferred[None]:
        """Unbind; fires once the connection has ended. What was not written is told `stopped`."""
        raise NotImplementedError

    def replace(self, settings: Settings) -> None:
        """Where the carrier is, who we are and TLS count from the next connection, all else now."""
        raise NotImplementedError
