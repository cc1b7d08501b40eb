"""The binds of a credential as its status shows them, one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.credentials.bind_attempts import BindAttempt
from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler import desired
from reconciler.jasmin.capabilities import LACKS
from reconciler.models import Gateway
from reconciler.state import Session
from reconciler.status import credential_status
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.passes import status
from tests.reconciler.states import connector, state

MAIN, BACKUP = "127.0.0.1", "127.0.0.2"
UP = Session("transceiver", MAIN, 2775, "BOUND_TRX", 1_772_971_200.0)
SINCE = "2026-03-08T12:00:00Z"
NO_SEAT = replace(UP, state="NONE", bind_error="ESME_RALYBND")
WRONG = replace(UP, state="NONE", bind_error="ESME_RINVPASWD")
COMING = replace(UP, state="BIND_TRX_PENDING")
CUT = replace(UP, state="NONE", link_error="Connection refused by 192.0.2.7:2775")


@pytest.fixture
def credential(tenant: Organization) -> Credential:
    backups = [{"host": BACKUP, "port": 2775}]
    return make_credential(tenant, port=2775, system_id="acme", binds=4, backups=backups)


def look(gateway: Gateway, credential: Credential, *sessions: Session, **settings: str) -> None:
    """A pass that found its connector with these binds."""
    wanted = desired.build(desired.take_snapshot(gateway), capabilities=LACKS)
    credential_status.remember_addresses(wanted)
    there = connector(
        credential.gateway_key,
        session="BOUND_TRX" if any(each.is_bound for each in sessions) else "NONE",
        settings={"host": MAIN, "port": "2775", **settings},
        sessions=sessions,
    )
    credential_status.observe(gateway, wanted, state(there))


def test_each_bind_is_shown_with_the_host_that_people_wrote(modelled, credential, names):
    names["b.example"] = [BACKUP]
    change(credential, backups=[{"host": "b.example", "port": 2775}])

    look(modelled, credential, UP, replace(UP, host=BACKUP), CUT, replace(COMING, since=0))

    shown = status(credential).sessions
    assert [(each["host"], each["state"]) for each in shown] == [
        (MAIN, "bound"), ("b.example", "bound"), (MAIN, "unbound"), (MAIN, "binding"),
    ]  # fmt: skip
    assert [each["since"] for each in shown] == [SINCE, SINCE, SINCE, None]
    assert [each["error"] for each in shown] == [None, None, "Connection refused by", None]
    assert status(credential).bound == 2


@pytest.mark.parametrize(
    ("sessions", "state", "bound", "error"),
    [
        ([UP] * 4, "bound", 4, ""),
        ([UP, COMING], "bound", 1, ""),
        (
            [UP, UP, NO_SEAT, NO_SEAT],
            "bound",
            2,
            "the carrier takes 2 of the 4 binds: set `binds` to 2 or ask it for more",
        ),
        ([UP, UP, UP, CUT], "bound", 3, "1 of 4 binds is down: Connection refused by"),
        ([COMING], "binding", 0, ""),
        # A new one is made beside the old ones, and refused for want of a place: one has to go.
        ([UP] * 4 + [NO_SEAT], "bound", 4, ""),
    ],
)
def test_what_is_said_of_some(modelled, credential, sessions, state, bound, error):
    look(modelled, credential, *sessions)

    seen = status(credential)
    assert (seen.sync_state, seen.bind_state, seen.bound) == ("synced", state, bound)
    assert seen.bind_error == error


def test_what_is_learnt_is_not_written_over_what_people_set(modelled, credential):
    look(modelled, credential, UP, UP, NO_SEAT)

    credential.refresh_from_db()
    assert (credential.binds, credential.max_binds) == (4, None)


def test_new_settings_that_the_carrier_refuses_leave_the_binds_and_are_said(modelled, credential):
    look(modelled, credential, UP, UP, UP, UP, WRONG)

    seen = status(credential)
    assert (seen.bind_state, seen.bound) == ("bound", 4)
    assert seen.bind_error.startswith("the binds with the settings before stay, since with the new")
    assert "ESME_RINVPASWD" in seen.bind_error


def test_of_a_pair_the_binds_are_counted_and_the_transmitter_is_needed(modelled, credential):
    change(credential, bind_type="transmitter_receiver", binds=1)
    tx = replace(UP, bind_type="transmitter", state="BOUND_TX")
    rx = replace(UP, bind_type="receiver", state="BOUND_RX")

    look(modelled, credential, tx, rx, bind="transmitter")
    both = status(credential)
    look(modelled, credential, replace(CUT, bind_type="transmitter"), rx, bind="transmitter")
    alone = status(credential)

    assert (both.bind_state, both.bound) == ("bound", 2)
    assert (alone.bind_state, alone.bound) == ("unbound", 1)
    assert alone.bind_error == "1 of 2 binds is down: Connection refused by"


def test_one_that_is_switched_off_shows_none(modelled, credential):
    look(modelled, credential, UP)
    change(credential, enabled=False)

    look(modelled, credential, UP)

    assert (status(credential).bound, status(credential).sessions) == (0, [])


def test_a_certificate_counts_as_checked_where_all_binds_have_checked_it(modelled, credential):
    change(credential, tls=True)
    tls = {"ssl": "yes", "tls_verify": "full"}
    checked = replace(UP, tls_verified=True)

    look(modelled, credential, checked, UP, **tls)
    assert not status(credential).tls_verified
    look(modelled, credential, checked, checked, CUT, **tls)
    assert status(credential).tls_verified


def test_a_pass_that_sees_the_same_binds_writes_none(modelled, credential):
    look(modelled, credential, UP, CUT)

    with CaptureQueriesContext(connection) as asked:
        look(modelled, credential, UP, CUT)

    updates = [each["sql"] for each in asked if each["sql"].startswith("UPDATE")]
    assert not [each for each in updates if "sessions" in each or "bind_state" in each]


def test_a_backup_that_refuses_the_password_is_counted_once(modelled, credential):
    """The credential's own host may be anybody's, and take whatever password."""
    refusing = replace(WRONG, host=BACKUP)
    for _ in range(2):
        look(modelled, credential, UP, refusing)

    (attempt,) = BindAttempt.objects.all()
    assert (attempt.host, attempt.address, attempt.awaited_version) == (BACKUP, BACKUP, None)
    look(modelled, credential, UP, WRONG)
    assert BindAttempt.objects.count() == 1


def test_a_refusal_of_a_backup_stays_counted_once_the_own_host_takes_the_bind(modelled, credential):
    """Else passwords could be guessed at the backup without end, with an own host that answers at
    times."""
    look(modelled, credential, replace(WRONG, host=BACKUP))
    look(modelled, credential, UP)

    assert Credential.objects.get().proven_version == credential.bind_version
    assert BindAttempt.objects.get().host == BACKUP


@pytest.mark.parametrize(
    ("sessions", "settles"),
    [
        ([UP] * 4, False),
        ([UP, COMING, COMING, COMING], True),
        ([UP, UP, NO_SEAT, NO_SEAT], False),  # nothing more is to be expected
        ([UP] * 4 + [COMING], True),  # one that replaces another
        ([UP, UP, UP, replace(UP, host="192.0.2.9")], True),  # where it was before
        ([UP, UP, UP, replace(UP, host=BACKUP)], False),
    ],
)
def test_pushes_look_again_while_binds_are_on_their_way(modelled, credential, sessions, settles):
    look(modelled, credential, *sessions)

    assert credential_status.is_settling(credential.organization_id) is settles
