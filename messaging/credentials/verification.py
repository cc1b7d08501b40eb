"""Verify a password at the carrier by a trial bind, before the gateway's bind gets it.

Slow (up to `TOTAL_SECONDS`): never call it inside a transaction.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from messaging.credentials.bind_limits import Attempt
from messaging.credentials.bind_state import all_in_use, would_disturb
from messaging.credentials.models import Credential
from messaging.credentials.tls_settings import tls_of
from messaging.net.host_policy import host_policy
from messaging.net.resolution import HostError, checked_addresses
from messaging.smpp.protocol.command_status import Status
from messaging.smpp.trial_bind import trial_bind

TOTAL_SECONDS = 10.0
RESOLVE_SECONDS = 3.0


@dataclass(frozen=True)
class Verification:
    """Result of a trial bind. `reason` is for people, empty when bound; `status` is the carrier's
    answer; `tls_verified`: whether the carrier's certificate passed the check (None: no TLS)."""

    result: Literal["bound", "refused", "inconclusive", "skipped"]
    reason: str = ""
    status: Status | None = None
    tls_verified: bool | None = None

    def as_dict(self) -> dict:
        """`{"result", "reason"}`, `tls_verified` where there is TLS, and `smpp_status` if the
        carrier answered with an error."""
        answer: dict = {"result": self.result, "reason": self.reason}
        if self.tls_verified is not None:
            answer["tls_verified"] = self.tls_verified
        if self.status is not None and self.status.value:
            answer["smpp_status"] = smpp_status(self.status)
        return answer


SKIPPED = Verification("skipped", "`verify` is false: the carrier was not asked.")


def smpp_status(status: Status) -> dict:
    """A command_status as the API writes it: `{"value", "name", "meaning", "hint"}`."""
    return {
        "value": status.value,
        "name": status.name,
        "meaning": status.meaning,
        "hint": status.hint,
    }


def verify(credential: Credential, password: str, *, attempt: Attempt, force: bool) -> Verification:
    """Bind once as `credential` with `password`, at an address that the host policy allows now.

    Of a pair its transmitter is tried: both have one password. If the binds that the carrier
    allows are in use (`bind_state.would_disturb`), the result is inconclusive unless `force`.
    Raises TooManyRefused.
    """
    if not force and would_disturb(credential):
        return Verification(
            "inconclusive",
            f"{all_in_use(credential)}: a trial bind may disturb traffic and was not tried. "
            "`force`: true tries it all the same.",
        )
    deadline = time.monotonic() + TOTAL_SECONDS
    try:
        addresses = checked_addresses(
            credential.host,
            host_policy(),
            timeout=RESOLVE_SECONDS,
            owner=credential.organization_id,
        )
    except HostError as error:
        return Verification("inconclusive", str(error))
    attempt.at(addresses[0])
    tls = tls_of(credential)
    trial = trial_bind(
        address=addresses[0],
        host=credential.host,
        port=credential.port,
        system_id=credential.system_id,
        password=password,
        system_type=credential.system_type,
        bind_type=credential.bind_types[0],
        tls=tls,
        bind_ton=credential.bind_ton,
        bind_npi=credential.bind_npi,
        address_range=credential.address_range,
        timeout=deadline - time.monotonic(),
    )
    verified = tls.verify and trial.connected if tls else None
    return Verification(trial.result, trial.reason, trial.status, verified)
