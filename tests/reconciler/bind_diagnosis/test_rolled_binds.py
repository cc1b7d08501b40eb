"""New settings of a bind that is up: the gateway makes another beside it, which is a guess, too."""

from __future__ import annotations

from dataclasses import replace

import pytest
import time_machine

from messaging.credentials import gateway_binds
from messaging.credentials.bind_attempts import BindAttempt
from messaging.credentials.models import Credential
from messaging.smpp.trial_bind import Trial
from reconciler import bind_diagnosis, desired, first_binds, portions
from reconciler.diff import diff
from reconciler.first_binds import FirstBinds
from reconciler.jasmin.capabilities import LACKS
from reconciler.models import Gateway
from reconciler.plan import make_plan
from reconciler.portions import Portion
from reconciler.state import Session, State
from reconciler.status import credential_status
from tests.reconciler.bind_diagnosis.conftest import DEAD, REFUSED, record_of
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.passes import run, status

UP = Session("transceiver", "127.0.0.1", 2775, "BOUND_TRX", 1000.0)


@pytest.fixture(autouse=True)
def _limits(settings) -> None:
    settings.REFUSED_BINDS_OF_CREDENTIAL = "2/600"


@pytest.fixture
def credential(tenant) -> Credential:
    return make_credential(tenant, port=2775, system_id="acme")


def there(gateway: Gateway, credential: Credential, *sessions: Session) -> State:
    """What the gateway has once a pass has brought all over, with these binds."""
    wanted = desired.build(desired.take_snapshot(gateway), capabilities=LACKS)
    key = credential.gateway_key
    link = replace(wanted.state.connectors[key], session="BOUND_TRX", sessions=sessions)
    return replace(wanted.state, connectors={key: link})


def judge(gateway: Gateway, found: State) -> tuple[FirstBinds, Portion]:
    """What a pass over it would do with the binds; it counts them."""
    wanted = desired.build(desired.take_snapshot(gateway), capabilities=LACKS)
    plan = make_plan(diff(wanted.state, found), found)
    first = first_binds.judge(wanted, plan, found)
    wanted = first.without_late(wanted)
    first.write()
    plan = make_plan(diff(wanted.state, found), found)
    return first, portions.without(Portion(plan), first.kept)


def observe(gateway: Gateway, found: State) -> None:
    wanted = desired.build(desired.take_snapshot(gateway), capabilities=LACKS)
    credential_status.observe(gateway, wanted, found)


def is_proven(credential: Credential) -> bool:
    return gateway_binds.is_proven(Credential.objects.get(pk=credential.pk))


def test_it_is_proven_by_a_newer_bind_and_not_by_the_one_before(modelled, credential):
    before = there(modelled, credential, UP)
    observe(modelled, before)
    assert is_proven(credential)
    credential.refresh_from_db()
    change(credential, password="n3w")

    judge(modelled, before)

    assert BindAttempt.objects.get().beside == UP.since
    observe(modelled, there(modelled, credential, UP))
    assert not is_proven(credential)
    observe(modelled, there(modelled, credential, UP, replace(UP, since=1001.0)))
    assert is_proven(credential)
    assert not BindAttempt.objects.exists()


def test_a_pass_that_tries_again_counts_nothing_twice(modelled, credential):
    before = there(modelled, credential, UP)
    observe(modelled, before)
    credential.refresh_from_db()
    change(credential, password="n3w")
    judge(modelled, before)

    judge(modelled, there(modelled, credential, replace(UP, since=1002.0)))
    newer = replace(
        before.connectors[credential.gateway_key], sessions=(replace(UP, since=1003.0),)
    )
    judge(modelled, replace(before, connectors={credential.gateway_key: newer}))

    assert BindAttempt.objects.get().beside == 1003.0


def test_one_too_many_keeps_its_live_bind_and_waits(modelled, credential):
    before = there(modelled, credential, UP)
    observe(modelled, before)
    with time_machine.travel("2026-03-08T12:00:00Z", tick=False) as clock:
        for number in range(2):
            credential.refresh_from_db()
            change(credential, password=f"gue55{number}")
            judge(modelled, before)
            clock.shift(61)  # without an answer for so long it is as good as refused
        credential.refresh_from_db()
        change(credential, password="gue55-3", port=2776)

        first, portion = judge(modelled, before)

    assert first.late == first.kept == {credential.gateway_key}
    assert not portion.now.changes
    assert portion.put_off == first.kept
    seen = status(credential)
    assert (seen.sync_state, seen.bind_state) == ("pending", "bound")
    assert seen.sync_error.startswith("not tried: 2 binds of this carrier account were refused")
    credential_status.remember_addresses(
        desired.build(desired.take_snapshot(modelled), capabilities=LACKS), put_off=portion.put_off
    )


def test_more_binds_of_what_is_proven_are_no_guesses(modelled, credential):
    before = there(modelled, credential, UP)
    observe(modelled, before)
    credential.refresh_from_db()
    change(credential, binds=4, max_binds=6)

    first, portion = judge(modelled, before)

    assert not first.late
    assert not BindAttempt.objects.exists()
    (rolled,) = [each for each in portion.now.changes if each.kind == "connector"]
    assert (rolled.action, rolled.rolls_binds) == ("update", False)


def test_where_the_host_is_dead_its_backups_are_asked(modelled, tenant, monkeypatch, carrier):
    """Else a guess at a backup would be tried by the gateway for ever."""
    backups = [{"host": "127.0.0.2", "port": 3550}, {"host": "127.0.0.3", "port": 1}]
    credential = make_credential(tenant, port=1, system_id="acme", backups=backups)
    run(modelled)
    addresses = {each["host"]: each["host"] for each in backups}
    credential.status.backup_addresses = addresses
    credential.status.save(update_fields=["backup_addresses"])
    asked = []

    def trial(*, address: str, port: int, timeout: float, **_: object) -> Trial:
        asked.append((address, port))
        return REFUSED if address == "127.0.0.2" else DEAD

    monkeypatch.setattr(bind_diagnosis, "trial_bind", trial)

    assert bind_diagnosis.diagnose(modelled) is True

    assert asked == [("127.0.0.1", 1), ("127.0.0.2", 3550)]
    assert record_of(credential).held
    assert status(credential).bind_error.startswith("at the backup 127.0.0.2: Invalid password")
    attempt = BindAttempt.objects.get()
    assert (attempt.host, attempt.address) == ("127.0.0.2", "127.0.0.2")
    gateway_binds.taken([Credential.objects.get()])  # by another of its hosts
    assert BindAttempt.objects.get() == attempt


def test_one_of_which_something_is_left_out_is_asked_about_too(modelled, tenant, carrier):
    credential = make_credential(tenant, port=1, system_id="acme", binds=2)
    run(modelled)
    assert status(credential).sync_state == "error"  # the model keeps one bind

    assert bind_diagnosis.diagnose(modelled) is True

    assert carrier.asked == ["acme"]
    assert record_of(credential).held
