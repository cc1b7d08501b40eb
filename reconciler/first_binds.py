"""Binds that a pass would start and that no carrier has taken yet: one too many waits.

`messaging/credentials/gateway_binds.py` counts them. One that has to wait is stopped in Jasmin, and
its `bind.error` says until when; the first pass after that starts it. One whose live binds would be
made anew keeps them, and its `sync` waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.utils import timezone

from messaging.credentials import gateway_binds
from messaging.credentials.bind_limits import TooManyRefused
from messaging.credentials.gateway_binds import Admission, GatewayBind
from messaging.credentials.models import Credential, CredentialStatus, SyncState
from reconciler.desired import Desired
from reconciler.diff import Action, Change
from reconciler.models import ConnectorRecord
from reconciler.plan import Plan
from reconciler.state import Kind, State

_NOT_TRIED = "not tried: "
_WAITS = f"{_NOT_TRIED}the carrier has not answered other new binds yet"


@dataclass(frozen=True)
class FirstBinds:
    """What was judged of the binds that a plan would start. `late`: cids of those that have to
    wait. `kept`: those of `late` that have live binds, which stay as they are meanwhile."""

    late: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    _started: Mapping[str, Credential] = field(default_factory=dict)
    _refusals: Mapping[str, TooManyRefused] = field(default_factory=dict)
    _admission: Admission | None = None

    def without_late(self, wanted: Desired) -> Desired:
        """Return the wanted state with the binds stopped that have to wait and are not kept."""
        connectors = {
            cid: replace(connector, running=False) if cid in self.late - self.kept else connector
            for cid, connector in wanted.state.connectors.items()
        }
        return replace(wanted, state=replace(wanted.state, connectors=connectors))

    def write(self, *, but: Collection[str] = ()) -> None:
        """Count the binds that the pass starts, and write down why the others wait. `but`: cids
        that the pass does not touch; a later one judges them."""
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
        for record in records:
            if record.credential.gateway_key in self.kept:
                CredentialStatus.objects.filter(pk=record.credential_id).update(
                    sync_state=SyncState.PENDING, sync_error=record.diagnosis
                )


def judge(wanted: Desired, plan: Plan, found: State) -> FirstBinds:
    """Judge what the plan starts; writes nothing."""
    changes = {
        change.key: change
        for change in plan.of(Kind.CONNECTOR)
        if change.causes_bind and not gateway_binds.is_proven(wanted.credentials[change.key])
    }
    started = {cid: wanted.credentials[cid] for cid in changes}
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
                beside=found.connectors[cid].bound_since if changes[cid].rolls_binds else None,
            )
            for cid, credential in started.items()
            if cid not in waiting
        ]
    )
    late = waiting | {cid for cid, each in started.items() if each.pk in admission.held}
    kept = frozenset(cid for cid in late if _keeps_binds(changes[cid], found))
    return FirstBinds(frozenset(late), kept, started, admission.held, admission)


def _keeps_binds(change: Change, found: State) -> bool:
    """Whether its connector is bound, and would stay so while it is changed."""
    return change.action is Action.UPDATE and found.connectors[change.key].is_bound


def _up(wanted: Desired, found: State) -> Counter[tuple[str, str]]:
    """How many credentials of each organisation are up at each host."""
    return Counter(
        _place(credential)
        for cid, credential in wanted.credentials.items()
        if cid in found.connectors and found.connectors[cid].is_bound
    )


def _place(credential: Credential) -> tuple[str, str]:
    return credential.organization_id, credential.host


def _has_to_wait(credential: Credential, now: datetime) -> bool:
    """Whether an earlier pass has set a time that is not over. A bind that waits only for other
    binds is judged by each pass."""
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
    """Change the wanted state in place: the status of this pass is read from it."""
    record.failures = record.failures if _is_current(record) else 0
    record.version, record.held = credential.bind_version, False
    record.retry_at, record.diagnosis = retry_at, diagnosis
    return record
