"""Send a test by a bind of its own, beside the gateway's (`via: direct`)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from django.conf import settings

from messaging.carrier_tests import timeouts
from messaging.carrier_tests.models import CarrierTest, TestStatus
from messaging.carrier_tests.transitions import add_step, end, locked_test
from messaging.credentials import bind_limits
from messaging.credentials.bind_state import is_live, would_disturb
from messaging.credentials.models import Credential
from messaging.credentials.tls_settings import tls_of
from messaging.net.host_policy import host_policy
from messaging.smpp.addressing import destination, source
from messaging.smpp.blocking_session import Account
from messaging.smpp.custom_tlvs import on_wire
from messaging.smpp.failures import Failure
from messaging.smpp.probe import Outcome, Step, Target, probe
from messaging.smpp.probe_message import Message
from messaging.smpp.protocol.segmentation import encode_as
from messaging.smpp.trial_bind import REFUSED
from orbit.api.client_ip import parse_address

MAX_PDUS = 200  # PDUs of the trace that are kept
_NOT_KEPT = "not kept: the trace of this test has become too long"
_MAX_MESSAGE_ID = 64  # SMPP 3.4 §5.2.23, without its NUL


class Recorder:
    """Saves steps and PDUs of the test as they happen. Raises AlreadyEnded.

    `attempt`: the bind that is being counted (`bind_limits`). `bind_failed`: whether the bind step
    has failed.
    """

    def __init__(
        self, test_id: str, attempt: bind_limits.Attempt, *, checks_certificate: bool
    ) -> None:
        self._test_id, self._attempt = test_id, attempt
        self._checks_certificate = checks_certificate
        self.bind_failed = False
        self._pdus: list[dict[str, Any]] = []
        self._left = settings.CARRIER_TEST_TRACE_BYTES

    def pdu(self, line: dict[str, Any]) -> None:
        """Store a PDU of the trace; of one that no longer fits, only its command."""
        if len(self._pdus) >= MAX_PDUS:
            return
        size = len(json.dumps(line))
        if size > self._left:
            line = {**line, "fields": {}, "hex": "", "error": _NOT_KEPT}
        else:
            self._left -= size
        self._pdus.append(_storable(line))

    def may_bind(self, peer: str) -> Failure | None:
        try:
            self._attempt.at(str(parse_address(peer) or ""))
        except bind_limits.TooManyRefused as refusal:
            return _too_many(refusal)
        return None

    def step(self, step: Step) -> None:
        self.bind_failed |= step.step == "bind" and not step.ok
        with locked_test(self._test_id) as test:
            add_step(test, Step(step.step, step.ok, step.ms, _storable(step.detail)))
            test.pdus = self._pdus
            if step.step == "tls":
                test.tls_verified = step.ok and self._checks_certificate

    def submitted(self, message_id: str) -> None:
        with locked_test(self._test_id) as test:
            test.status = TestStatus.SUBMITTED
            test.message_id = _storable(message_id)[:_MAX_MESSAGE_ID]


def send(test: CarrierTest) -> None:
    """Send a claimed test and save its result."""
    credential = test.credential
    if would_disturb(credential, binds=len(credential.bind_types)) and not test.force:
        with locked_test(test.pk) as row:
            end(row, TestStatus.FAILED, _DISTURBS)
        return
    try:
        with bind_limits.attempt(caller=test.caller, credential=credential) as attempt:
            outcome = _probe(test, attempt)
    except bind_limits.TooManyRefused as refusal:
        outcome = Outcome("failed", _too_many(refusal))
    failure = outcome.failure
    with locked_test(test.pk) as row:
        end(row, TestStatus(outcome.state), _storable_failure(failure) if failure else None)


def _probe(test: CarrierTest, attempt: bind_limits.Attempt) -> Outcome:
    target = _target(test.credential)
    checks_certificate = target.tls is not None and target.tls.verify
    recorder = Recorder(test.pk, attempt, checks_certificate=checks_certificate)
    outcome = probe(
        target,
        _message(test, test.credential),
        policy=host_policy(),
        timeouts=timeouts.probe_timeouts(),
        observer=recorder,
    )
    status = outcome.failure.status if outcome.failure else None
    attempt.counts = recorder.bind_failed and status is not None and status.value in REFUSED
    return outcome


def _too_many(refusal: bind_limits.TooManyRefused) -> Failure:
    hint = f"Try again in {refusal.wait} seconds, or test with `via: gateway`."
    return Failure("too_many_refused", str(refusal), hint)


_DISTURBS = Failure(
    "would_disturb",
    "the gateway's bind came up before this test could start, and the carrier allows no more",
    "Test with `via: gateway`, or with `force: true` if traffic may suffer.",
)


def _target(credential: Credential) -> Target:
    account = Account(
        system_id=credential.system_id,
        password=credential.password,
        system_type=credential.system_type,
        ton=credential.bind_ton,
        npi=credential.bind_npi,
        address_range=credential.address_range,
    )
    sending, *others = credential.bind_types
    return Target(
        host=credential.host,
        port=credential.port,
        tls=tls_of(credential),
        account=replace(account, bind_type=sending),
        receiver=replace(account, bind_type=others[0]) if others else None,
        keepalive=credential.enquire_link_interval,
        live_bind=is_live(credential),
        owner=credential.organization_id,
    )


def _message(test: CarrierTest, credential: Credential) -> Message:
    return Message(
        source=source(test.sender, credential.addressing),
        destination=destination(test.to, credential.addressing),
        text=encode_as(test.body, test.encoding),
        message_id_format=credential.message_id_format,
        per_second=credential.throughput,
        tlvs=tuple(on_wire(credential.tlvs)),
    )


def _storable_failure(failure: Failure) -> Failure:
    return Failure(failure.cause, _storable(failure.message), failure.hint, failure.status)


def _storable(value: Any) -> Any:
    """Without NULs, which PostgreSQL can't store and some carriers send."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {name: _storable(each) for name, each in value.items()}
    return value
