"""The addresses of a credential's backups: chosen, kept and refused as that of its host."""

from __future__ import annotations

import pytest

from messaging.credentials import loops
from messaging.credentials.models import Credential
from orbit.accounts.models import Organization
from reconciler import addresses, desired
from reconciler.desired import Desired
from reconciler.jasmin.capabilities import LACKS
from reconciler.models import Gateway
from reconciler.status import credential_status
from tests.reconciler.conftest import change, make_credential
from tests.reconciler.passes import run, status

HOST, BACKUP, LAST = "a.carrier.example", "b.carrier.example", "c.carrier.example"
ONE, TWO, THREE, FOUR = "8.8.8.8", "8.8.4.4", "1.1.1.1", "9.9.9.9"


@pytest.fixture
def credential(tenant: Organization, names, settings) -> Credential:
    settings.SMPP_ALLOWED_NETWORKS = []
    names |= {HOST: [ONE], BACKUP: [TWO], LAST: [THREE]}
    backups = [{"host": BACKUP, "port": 2775}, {"host": LAST, "port": 3550}]
    return make_credential(tenant, host=HOST, port=2775, system_id="acme", backups=backups)


def build(gateway: Gateway, bound: dict[str, list[str]] | None = None) -> Desired:
    snapshot = desired.take_snapshot(gateway)
    return desired.build(snapshot, bound=bound, capabilities=LACKS)


def backups(wanted: Desired, credential: Credential) -> str:
    return wanted.state.connectors[credential.gateway_key].settings["backups"]


def test_the_gateway_is_told_addresses_and_the_names_of_certificates(modelled, credential):
    wanted = build(modelled)

    assert backups(wanted, credential) == f"{TWO}/2775/{BACKUP},{THREE}/3550/{LAST}"
    assert wanted.left_out == {}


def test_an_address_in_use_stays_while_it_is_among_the_answers(modelled, credential, names):
    credential_status.remember_addresses(build(modelled))
    assert status(credential).backup_addresses == {BACKUP: TWO, LAST: THREE}
    names[BACKUP] = [FOUR, TWO]

    assert backups(build(modelled), credential).startswith(f"{TWO}/")
    names[BACKUP] = [FOUR]
    assert backups(build(modelled), credential).startswith(f"{FOUR}/")
    in_use = {credential.gateway_key: [TWO]}
    assert backups(build(modelled, in_use), credential).startswith(f"{TWO}/")
    del names[BACKUP]
    assert backups(build(modelled), credential).startswith(f"{TWO}/")


def test_a_bind_at_a_backup_keeps_no_address_of_the_host(modelled, credential, names):
    run(modelled)
    names[HOST] = [FOUR]

    def host(*in_use: str) -> str:
        wanted = build(modelled, {credential.gateway_key: in_use})
        return wanted.state.connectors[credential.gateway_key].settings["host"]

    assert (host(ONE), host(TWO)) == (ONE, FOUR)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (["10.0.0.7"], f"{BACKUP} (10.0.0.7) is not allowed"),
        (None, f"{BACKUP} does not exist in the DNS"),
    ],
)
def test_a_backup_that_can_not_be_is_left_out_and_the_bind_lives(
    modelled, credential, names, answer, said
):
    names.pop(BACKUP)
    if answer:
        names[BACKUP] = answer

    wanted = build(modelled)

    assert backups(wanted, credential) == f"{THREE}/3550/{LAST}"
    assert wanted.state.connectors[credential.gateway_key].running
    assert wanted.left_out[credential.gateway_key].startswith(f"of `backups` is left out: {said}")


def test_a_backup_that_turns_to_us_leaves_the_gateway(modelled, credential, names):
    credential_status.remember_addresses(build(modelled))
    names[LAST] = [THREE, "127.0.0.1"]

    assert backups(build(modelled), credential) == f"{TWO}/2775/{BACKUP}"


def test_a_backup_that_leads_to_a_gateway_of_ours_is_left_out(modelled, credential, monkeypatch):
    monkeypatch.setattr(loops, "_servers", lambda: [(TWO, 2775)])

    wanted = build(modelled)

    assert backups(wanted, credential) == f"{THREE}/3550/{LAST}"
    assert "would go round in a loop" in wanted.left_out[credential.gateway_key]


def test_all_hosts_of_a_pass_are_looked_up_before_its_lock(modelled, credential):
    assert {HOST, BACKUP, LAST} <= addresses.look_up(modelled).keys()


def test_a_gateway_that_keeps_one_bind_says_what_it_leaves_out(modelled, credential):
    change(credential, binds=3, bind_type="transmitter_receiver")

    run(modelled)

    seen = status(credential)
    assert (seen.sync_state, seen.bind_state) == ("error", "bound")
    for said in ("binds no pairs", "keeps 1 of 3 (`binds`)", "`backups` are left out"):
        assert said in seen.sync_error
    assert seen.backup_addresses == {}
