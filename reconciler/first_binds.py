"""Binds that a pass would start and that no carrier has taken yet: one too many waits.

`messaging/credentials/gateway_binds.py` counts them. One that has to wait is stopped in Jasmin, and
its `bind.error` says until when; the first pass after that starts it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.utils import timezone

from messaging.credentials import gateway_binds
from messaging.credentials.bind_limits import TooManyRefused
from messaging.credentials.gateway_binds import Admission, GatewayBind
from messaging.credentials.models import Credential
from reconciler.desired import Desired
from reconciler.diff import Action, Change
from reconciler.models import ConnectorRecord
from reconciler.plan import Plan
from reconciler.state import Connector, Kind, State

_STARTS = (Action.CREATE, Action.REPLACE, Action.START)
_NOT_TRIED = "not tried: "
_WAITS = f"{_NOT_TRIED}the carrier has not answered other new binds yet"


@dataclass(frozen=True)
class FirstBinds:
    """The binds that a plan would start, judged. `late`: cids of those that have to wait."""

    late: frozenset[str] = frozenset()
    _started: Mapping[str, Credential] = field(default_factory=dict)
    _refusals: Mapping[str, TooManyRefused] = field(default_factory=dict)
    _admission: Admission | None = None

    def without_late(self, wanted: Desired) -> Desired:
        """The same with those that have to wait stopped."""
        connectors = {
            cid: replace(connector, running=False) if cid in self.late else connector
            for cid, connector in wanted.state.connectors.items()
        }
        return replace(wanted, state=replace(wanted.state, connectors=connectors))

    def write(self, *, but: Collection[str] = ()) -> None:
        """Count those that the pass starts, and write down why the others wait. `but`: cids that it
        does not touch; a later pass judges them."""
        started = {cid: each for cid, each in self._started.items() if cid not in but}
        if self._admission is not None:
            skipped = {each.pk for cid, each in self._started.items() if cid in but}
            self._admission.count(but=skipped)
        now, records = timezone.now(), []
        for cid, credential in started.items():
            record = ConnectorRecord.of(credential)
            refusal = self._refusals.get(credential.pk)
            if refusal is not None:
                records.append(_late(record, credential, refusal, now))
            elif cid not in self.late and _is_current(record) and record.diagnosis:
                records.append(_amended(record, credential, None, ""))
        ConnectorRecord.objects.bulk_create(
            records,
            update_conflicts=True,
            unique_fields=["credential"],
            update_fields=["version", "failures", "held", "retry_at", "diagnosis"],
        )


def judge(wanted: Desired, plan: Plan, found: State) -> FirstBinds:
    """Judge what the plan starts; writes nothing."""
    started = {
        change.key: wanted.credentials[change.key]
        for change in _starts(plan)
        if not gateway_binds.is_proven(wanted.credentials[change.key])
    }
    if not started:
        return FirstBinds()
    now = timezone.now()
    waiting = {cid for cid, credential in started.items() if _has_to_wait(credential, now)}
    up = _up(wanted, found)
    admission = gateway_binds.admit(
        [
            GatewayBind(
                credential,
                address=wanted.state.connectors[cid].settings["host"],
                bound=up[_place(credential)],
            )
            for cid, credential in started.items()
            if cid not in waiting
        ]
    )
    late = waiting | {cid for cid, each in started.items() if each.pk in admission.held}
    return FirstBinds(frozenset(late), started, admission.held, admission)


def _starts(plan: Plan) -> Iterator[Change]:
    for change in plan.of(Kind.CONNECTOR):
        connector = change.resource
        if change.action in _STARTS and isinstance(connector, Connector) and connector.running:
            yield change


def _up(wanted: Desired, found: State) -> Counter[tuple[str, str]]:
    """How many binds of each organisation are up at each host."""
    return Counter(
        _place(credential)
        for cid, credential in wanted.credentials.items()
        if cid in found.connectors and found.connectors[cid].is_bound
    )


def _place(credential: Credential) -> tuple[str, str]:
    return credential.organization_id, credential.host


def _has_to_wait(credential: Credential, now: datetime) -> bool:
    """Whether an earlier pass has said until when, and that is not over. What only waits for other
    binds is judged anew by each pass."""
    record = ConnectorRecord.of(credential)
    return (
        _is_current(record)
        and not record.held
        and record.diagnosis.startswith(_NOT_TRIED)
        and record.diagnosis != _WAITS
        and record.retry_at is not None
        and record.retry_at > now
    )


def _is_current(record: ConnectorRecord) -> bool:
    return record.version == record.credential.bind_version


def _late(
    record: ConnectorRecord, credential: Credential, refusal: TooManyRefused, now: datetime
) -> ConnectorRecord:
    retry_at = now + timedelta(seconds=refusal.wait)
    if refusal.is_waiting:
        return _amended(record, credential, retry_at, _WAITS)
    words = f"{_NOT_TRIED}{refusal} Next try at {retry_at:%H:%M:%S} UTC."
    return _amended(record, credential, retry_at, words)


def _amended(
    record: ConnectorRecord, credential: Credential, retry_at: datetime | None, diagnosis: str
) -> ConnectorRecord:
    """In place: the status of this pass is read from it."""
    record.failures = record.failures if _is_current(record) else 0
    record.version, record.held = credential.bind_version, False
    record.retry_at, record.diagnosis = retry_at, diagnosis
    return record
