"""Why a bind does not come up, and how long to leave the carrier alone.

Jasmin's list shows a wrong password and a dead port alike, and it would try a refused bind every
ten seconds for ever, which locks accounts and gets the address banned that all tenants share.
So one trial bind asks the carrier itself. Who answers but does not bind us is *held*: the next
pass stops the connector, and only trial binds, ever farther apart, ask again. A port that is
dead may be knocked at: Jasmin goes on, and we only say so; so may one whose seats are all taken.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from messaging.credentials.models import BindState, Credential, CredentialStatus, SyncState
from messaging.credentials.tls_settings import tls_of
from messaging.net.host_policy import host_policy
from messaging.smpp.protocol.command_status import by_name
from messaging.smpp.trial_bind import Trial, trial_bind
from reconciler import actual
from reconciler.gateway_client import connection as gateways
from reconciler.jasmin import connector_settings
from reconciler.jcli.connectors import Row
from reconciler.jcli.errors import JcliError
from reconciler.models import Gateway, Trunk
from reconciler.status import bind_history

logger = logging.getLogger(__name__)

GRACE = timedelta(seconds=1)  # a bind that Jasmin has just started
PENDING_GRACE = timedelta(seconds=15)  # a bind that the carrier has not answered yet
FIRST_BACKOFF, LAST_BACKOFF = 30, 15 * 60  # seconds
# A seat that gets free is the gateway's, which knocks for it: a trial would take it, and some
# carriers keep it for a while after that.
ALREADY_BOUND = by_name("ESME_RALYBND")
AT_ONCE = 32  # trial binds a round; the others come with the next


def backoff(failures: int) -> timedelta:
    """Time to leave between failure number `failures` (from 1) and the next trial."""
    return timedelta(seconds=min(LAST_BACKOFF, FIRST_BACKOFF * 2 ** min(failures - 1, 10)))


def diagnose(gateway: Gateway, *, organization_id: str = "") -> bool:
    """Try the binds that should be up and are not; return whether a pass has to act on it.

    Takes no lock: it changes nothing in Jasmin, and each row is written only if the credential
    has not changed since. Binds that were started just now get their GRACE first: until the next
    pass Jasmin would knock too often.
    """
    due = _due(gateway, organization_id)
    if due:
        youngest = max(credential.status.bind_since for credential in due)
        time.sleep(max(0.0, (youngest + GRACE - timezone.now()).total_seconds()))
        due = _still_down(gateway, due)
    if not due:
        return False
    with ThreadPoolExecutor(len(due)) as pool:
        trials = list(pool.map(_try, due))
    to_act_on = [each for each, trial in zip(due, trials, strict=True) if _write(each, trial)]
    return bool(to_act_on)


def _due(gateway: Gateway, organization_id: str) -> Sequence[Credential]:
    now = timezone.now()
    rows = Credential.objects.live().filter(
        Q(trunk__retry_at=None)
        | Q(trunk__retry_at__lte=now)
        | ~Q(trunk__version=F("gateway_version")),  # changed since it failed
        organization__placement__gateway=gateway,
        enabled=True,
        status__sync_state=SyncState.SYNCED,
        status__bind_state__in=[BindState.BINDING, BindState.UNBOUND],
        status__bind_since__isnull=False,
        trunk__isnull=False,
    )
    if organization_id:
        rows = rows.filter(organization=organization_id)
    # Evaluated here: what follows must see the rows as they were.
    first = F("trunk__retry_at").asc(nulls_first=True)  # never tried: Jasmin knocks there now
    return list(rows.select_related("status", "trunk").order_by(first)[:AT_ONCE])


def _still_down(gateway: Gateway, due: Sequence[Credential]) -> list[Credential]:
    """Leave out those that have bound meanwhile, or that the carrier is still answering."""
    try:
        with gateways.connect(gateway) as console:
            rows = actual.read_sessions(console)
    except JcliError:
        return []
    patience = timezone.now() - PENDING_GRACE
    return [each for each in due if _needs_trial(each, rows.get(each.gateway_key), patience)]


def _needs_trial(credential: Credential, row: Row | None, patience: datetime) -> bool:
    if row is None or row.session.startswith("BOUND_"):
        return False
    if not row.running and not credential.trunk.held:
        return False  # it waits for something else than the carrier
    pending = row.running and row.session != "NONE"
    return not pending or credential.status.bind_since <= patience


def _try(credential: Credential) -> Trial:
    address = credential.trunk.address
    if reason := host_policy().violation(address):
        return Trial("inconclusive", f"the address {reason}", None, False, 0.0)
    try:
        return trial_bind(
            address=address,
            host=credential.host,
            port=credential.port,
            system_id=credential.system_id,
            password=credential.password,
            system_type=credential.system_type,
            bind_type=credential.bind_type,
            tls=tls_of(credential),
            bind_ton=credential.bind_ton,
            bind_npi=credential.bind_npi,
            address_range=credential.address_range,
        )
    except ValueError as error:  # it can't be said in SMPP: no carrier will ever take it
        return Trial("inconclusive", str(error), None, False, 0.0)


def _write(credential: Credential, trial: Trial) -> bool:
    """Remember the trial; return whether the connector is now to be stopped or started."""
    now = timezone.now()
    trunk = credential.trunk
    current = trunk.version == credential.gateway_version
    was_held = trunk.held and current
    failures = trunk.failures if current else 0
    if trial.result == "bound":
        held, failures, retry_at = False, 0, now + timedelta(seconds=FIRST_BACKOFF)
        # Jasmin's own next try will be as good: nothing to blame once it runs again.
        delay = connector_settings.LOSS_DELAY
        soon = f"the carrier takes the bind; Jasmin tries again within {delay} s"
        said = "" if was_held else soon
    elif trial.status == ALREADY_BOUND:
        held, failures, retry_at = False, failures + 1, now + timedelta(seconds=LAST_BACKOFF)
        said = _sentence(
            trial, f" The gateway tries again every {connector_settings.LOSS_DELAY} s."
        )
    elif trial.connected:
        held, failures = True, failures + 1
        retry_at = now + backoff(failures)
        said = _sentence(trial, f" Next try at {retry_at:%H:%M:%S} UTC (failure {failures}).")
    else:
        # Jasmin goes on, so somebody has to look whether it is still a dead port that it knocks at.
        held, retry_at = False, now + timedelta(seconds=connector_settings.RETRY_DELAY)
        said = _sentence(trial)
    logger.info("trial bind of %s: %s", credential.pk, trial.result)
    version = credential.gateway_version
    written = Trunk.objects.filter(pk=credential.pk, credential__gateway_version=version).update(
        version=version, failures=failures, held=held, retry_at=retry_at, diagnosis=said
    )
    if written:
        state = BindState.UNBOUND if said else BindState.BINDING
        down = CredentialStatus.objects.filter(
            pk=credential.pk, bind_state__in=[BindState.BINDING, BindState.UNBOUND]
        )
        with transaction.atomic():
            bind_history.record(list(down.values_list("pk", flat=True)), state, said)
            down.update(bind_state=state, bind_error=said)
    return bool(written) and held != was_held


def _sentence(trial: Trial, when: str = "") -> str:
    hint = f" {trial.status.hint}" if trial.status and trial.status.hint else ""
    return f"{trial.reason.rstrip('.')}.{hint}{when}"
