"""Why a bind does not come up, and when to try again.

Jasmin's list shows a wrong password and a dead port alike, and Jasmin would retry a refused bind
every ten seconds for ever, which locks accounts and gets the address banned that all tenants share.
So a trial bind asks the carrier itself. Where the carrier answers and refuses, the bind is *held*:
the next pass stops the connector, and only trial binds, ever farther apart, try again. A dead
port, and an account with all its binds in use (ESME_RALYBND), are left to Jasmin's own retries.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from messaging.credentials import gateway_binds
from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from messaging.credentials.tls_settings import tls_of
from messaging.net.host_policy import host_policy
from messaging.smpp.protocol.command_status import by_name
from messaging.smpp.trial_bind import Trial, trial_bind
from reconciler import budgets
from reconciler.gateway_client.gateway_reader import GatewayReader
from reconciler.jasmin.connector_settings import LOSS_DELAY, RETRY_DELAY
from reconciler.jcli.connectors import Row
from reconciler.jcli.errors import JcliError
from reconciler.models import ConnectorRecord, Gateway
from reconciler.status import bind_history

logger = logging.getLogger(__name__)

GRACE = timedelta(seconds=1)  # a bind that Jasmin has just started
PENDING_GRACE = timedelta(seconds=15)  # a bind that the carrier has not answered yet
FIRST_BACKOFF, LAST_BACKOFF = 30, 15 * 60  # seconds
# All binds of the account are in use. A trial could take the one that gets free from the gateway,
# and some carriers keep it in use for a while after an unbind.
ALREADY_BOUND = by_name("ESME_RALYBND")
ONE_TRIAL = 10.0  # seconds
LONGEST_TRIAL = 20.0  # seconds, of a credential with all its backups
AT_ONCE = 32  # trial binds a run; the others come with the next
OVER_BUDGET = "too many trial binds of this organisation; the carrier was not asked"


def backoff(failures: int) -> timedelta:
    """Return the time between failure number `failures` (from 1) and the next trial."""
    return timedelta(seconds=min(LAST_BACKOFF, FIRST_BACKOFF * 2 ** min(failures - 1, 10)))


def diagnose(gateway: Gateway, *, organization_id: str = "") -> bool:
    """Try the binds that should be up and are not; return whether a pass has to act on a result.

    Takes no lock: it changes nothing in Jasmin, and each row is written only if the credential
    has not changed since. Binds that were just started get their GRACE first: left to the next
    pass, Jasmin would try a refused one too often.
    """
    due = _due(gateway, organization_id)
    if due:
        youngest = max(credential.status.bind_since for credential in due)
        time.sleep(max(0.0, (youngest + GRACE - timezone.now()).total_seconds()))
        due = _still_down(gateway, due)
    if not due:
        return False
    due = [each for each in due if _is_within_budget(each)]
    if not due:
        return False
    with ThreadPoolExecutor(len(due)) as pool:
        trials = list(pool.map(_try, due))
    to_act_on = [each for each, found in zip(due, trials, strict=True) if _write(each, *found)]
    return bool(to_act_on)


def due_organizations(gateway: Gateway, *, organization_id: str = "") -> list[str]:
    """The organisations that `diagnose` has to ask for."""
    rows = _due_rows(gateway, organization_id).order_by("organization")
    return list(rows.values_list("organization", flat=True).distinct())


def _due_rows(gateway: Gateway, organization_id: str) -> QuerySet[Credential]:
    now = timezone.now()
    rows = Credential.objects.live().filter(
        Q(connector_record__retry_at=None)
        | Q(connector_record__retry_at__lte=now)
        | ~Q(connector_record__version=F("bind_version")),  # changed since it failed
        Q(status__sync_state=SyncState.SYNCED)
        | Q(status__sync_state=SyncState.ERROR, status__left_out=True),
        organization__placement__gateway=gateway,
        enabled=True,
        status__bind_state__in=[BindState.BINDING, BindState.UNBOUND],
        status__bind_since__isnull=False,
        connector_record__isnull=False,
    )
    if organization_id:
        rows = rows.filter(organization=organization_id)
    return rows


def _due(gateway: Gateway, organization_id: str) -> Sequence[Credential]:
    """A few of each organisation: a silent carrier keeps each trial for its whole time."""
    # Those never tried come first: Jasmin tries them now.
    first = F("connector_record__retry_at").asc(nulls_first=True)
    place = Window(RowNumber(), partition_by="organization_id", order_by=[first, F("pk")])
    rows = _due_rows(gateway, organization_id).annotate(place=place)
    rows = rows.filter(place__lte=settings.DIAGNOSIS_AT_ONCE)
    # Evaluated here: the caller must see the rows as they were.
    return list(rows.select_related("status", "connector_record").order_by(first)[:AT_ONCE])


def _is_within_budget(credential: Credential) -> bool:
    """Count a trial; one too many is put off, and the bind's error says until when."""
    wait = budgets.spend_trial(credential.organization_id)
    if not wait:
        return True
    record, version = credential.connector_record, credential.bind_version
    is_current = record.version == version
    retry_at = timezone.now() + timedelta(seconds=wait)
    ConnectorRecord.objects.filter(pk=credential.pk, credential__bind_version=version).update(
        version=version,
        failures=record.failures if is_current else 0,
        held=record.held and is_current,
        retry_at=retry_at,
        diagnosis=f"{OVER_BUDGET}. Next try at {retry_at:%H:%M:%S} UTC.",
    )
    return False


def _still_down(gateway: Gateway, due: Sequence[Credential]) -> list[Credential]:
    """Leave out those that have bound meanwhile, or that the carrier is still answering."""
    try:
        with GatewayReader(gateway) as reader:
            rows = reader.sessions([each.gateway_key for each in due])
    except JcliError:
        return []
    patience = timezone.now() - PENDING_GRACE
    return [each for each in due if _needs_trial(each, rows.get(each.gateway_key), patience)]


def _needs_trial(credential: Credential, row: Row | None, patience: datetime) -> bool:
    if row is None or row.is_bound:
        return False
    if not row.running and not credential.connector_record.held:
        return False  # stopped for another reason than the carrier
    pending = row.running and row.session != "NONE"
    return not pending or credential.status.bind_since <= patience


@dataclass(frozen=True)
class _Place:
    """One host of a credential, at the address that the gateway has."""

    host: str
    port: int
    address: str


def _places(credential: Credential) -> list[_Place]:
    known = {
        **credential.status.backup_addresses,
        credential.host: credential.connector_record.address,
    }
    return [_Place(host, port, known[host]) for host, port in credential.hosts if host in known]


def _try(credential: Credential) -> tuple[Trial, _Place]:
    """As the gateway does: at the host, and where that can't be reached at its backups."""
    places = _places(credential)
    seconds = LONGEST_TRIAL / len(places)
    tried = []
    for place in places:
        tried.append((_try_at(place, credential, seconds), place))
        if tried[-1][0].connected:
            return tried[-1]
    return tried[0]


def _try_at(place: _Place, credential: Credential, seconds: float) -> Trial:
    if reason := host_policy().violation(place.address):
        return Trial("inconclusive", f"the address {reason}", None, False, 0.0)
    try:
        return trial_bind(
            address=place.address,
            host=place.host,
            port=place.port,
            system_id=credential.system_id,
            password=credential.password,
            system_type=credential.system_type,
            bind_type=credential.bind_types[0],
            tls=tls_of(credential),
            bind_ton=credential.bind_ton,
            bind_npi=credential.bind_npi,
            address_range=credential.address_range,
            timeout=min(ONE_TRIAL, seconds),
        )
    except ValueError as error:  # a value that SMPP can't encode
        return Trial("inconclusive", str(error), None, False, 0.0)


def _write(credential: Credential, trial: Trial, place: _Place) -> bool:
    """Write down the trial; return whether the connector is now to be stopped or started."""
    record, version = credential.connector_record, credential.bind_version
    is_current = record.version == version
    was_held = record.held and is_current
    held, failures, retry_at, diagnosis = _judge(
        trial, was_held=was_held, failures=record.failures if is_current else 0
    )
    if diagnosis and place.host != credential.host:
        diagnosis = f"at the backup {place.host}: {diagnosis}"
    logger.info("trial bind of %s: %s", credential.pk, trial.result)
    written = ConnectorRecord.objects.filter(
        pk=credential.pk, credential__bind_version=version
    ).update(version=version, failures=failures, held=held, retry_at=retry_at, diagnosis=diagnosis)
    if written:
        is_first = not (is_current and record.failures)
        _count(credential, trial, place, is_first=is_first)
        state = BindState.UNBOUND if diagnosis else BindState.BINDING
        down = CredentialStatus.objects.filter(
            pk=credential.pk, bind_state__in=[BindState.BINDING, BindState.UNBOUND]
        )
        with transaction.atomic():
            bind_history.record(list(down.values_list("pk", flat=True)), state, diagnosis)
            down.update(bind_state=state, bind_error=diagnosis)
    return bool(written) and held != was_held


def _count(credential: Credential, trial: Trial, place: _Place, *, is_first: bool) -> None:
    """Tell the limits of refused binds what became of the gateway's."""
    if trial.result == "bound":
        gateway_binds.taken([credential])
    elif trial.connected:
        gateway_binds.refused(credential, host=place.host, address=place.address, is_first=is_first)
    else:
        gateway_binds.unreached(credential)


def _judge(trial: Trial, *, was_held: bool, failures: int) -> tuple[bool, int, datetime, str]:
    """Return what the trial means: held, failures in a row, time of the next trial, diagnosis."""
    now = timezone.now()
    if trial.result == "bound":
        # Jasmin's own next try will succeed too: no diagnosis once its connector runs again.
        soon = f"the carrier takes the bind; Jasmin tries again within {LOSS_DELAY} s"
        return False, 0, now + timedelta(seconds=FIRST_BACKOFF), "" if was_held else soon
    if trial.status == ALREADY_BOUND:
        words = _sentence(trial, f" The gateway tries again every {LOSS_DELAY} s.")
        return False, failures + 1, now + timedelta(seconds=LAST_BACKOFF), words
    if trial.connected:
        failures += 1
        retry_at = now + backoff(failures)
        words = _sentence(trial, f" Next try at {retry_at:%H:%M:%S} UTC (failure {failures}).")
        return True, failures, retry_at, words
    # Jasmin goes on trying, so each time a trial checks that the port is still dead.
    return False, failures, now + timedelta(seconds=RETRY_DELAY), _sentence(trial)


def _sentence(trial: Trial, when: str = "") -> str:
    hint = f" {trial.status.hint}" if trial.status and trial.status.hint else ""
    return f"{trial.reason.rstrip('.')}.{hint}{when}"
