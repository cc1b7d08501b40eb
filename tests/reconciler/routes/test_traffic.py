"""Messages of an organisation's platform reach the right carriers through the real Jasmin."""

from __future__ import annotations

import contextlib

import pytest
import smpplib.exceptions

from reconciler.loop import reconcile
from reconciler.result import Ending
from tests.reconciler.conftest import change, make_credential, make_tenant
from tests.reconciler.log_reading import read_log
from tests.reconciler.routes.platform import Platform, Receipt
from tests.reconciler.routes.rows import ACCESS_PASSWORD, give_access, make_carrier

pytestmark = pytest.mark.stack

NO_CARRIER_BOUND, NO_ROUTE, NOT_BOUND = 0x45, 0x0B, 0x04
NUMBERS = {
    "FR": "33612345678",
    "US": "14155552671",
    "CA": "16135550123",
    "KZ": "77710009998",
    "RU": "79161234567",
    "GB": "447911123456",
    "JE": "447797712345",
    "none": "5511961234567",
}


def run(gateway, **options):
    return reconcile(gateway, trigger="command", **options)


def heard(smsc, system_id):
    return [submit.destination_addr for submit in smsc.system(system_id).submits]


@pytest.fixture
def platform(gateway, organization, jasmin):
    """Opens binds of the organisation's access, which is given here."""
    give_access(organization)
    opened = []

    def open_bind(password=ACCESS_PASSWORD):
        bind = Platform(jasmin, organization.gateway_key, password)
        opened.append(bind)
        return bind

    yield open_bind
    for bind in opened:
        bind.close()


def test_each_country_reaches_its_carrier_and_receipts_come_back(
    gateway, add_credential, smsc, platform
):
    listed = {"france": ["FR"], "america": ["US", "KZ"], "island": ["JE"], "russia": ["RU"]}
    for system_id, countries in listed.items():
        make_carrier(add_credential(system_id), countries)
    make_carrier(add_credential("anywhere"), ["*"])
    assert run(gateway).ending is Ending.APPLIED
    bind = platform()

    statuses = {country: bind.submit(number) for country, number in NUMBERS.items()}

    assert set(statuses.values()) == {0}
    everything = (*listed, "anywhere")
    smsc.wait_for(lambda: sum(len(heard(smsc, name)) for name in everything) == len(NUMBERS))
    assert {name: sorted(heard(smsc, name)) for name in everything} == {
        "france": [NUMBERS["FR"]],
        "america": sorted([NUMBERS["US"], NUMBERS["KZ"]]),
        "island": [NUMBERS["JE"]],
        "russia": [NUMBERS["RU"]],
        "anywhere": sorted([NUMBERS["CA"], NUMBERS["GB"], NUMBERS["none"]]),
    }
    assert set(bind.wait_for_receipts(len(NUMBERS))) == {
        Receipt(number, bind.message_ids[number], "DELIVRD") for number in NUMBERS.values()
    }


def test_traffic_moves_to_the_next_carrier_and_comes_back(
    gateway, add_credential, smsc, make_smsc, platform, organization, console
):
    dying = make_smsc()
    dying.add_system("first", "s3cr;t#")
    first = make_credential(organization, port=dying.port, system_id="first")
    make_carrier(first, ["FR"], fallback_order=1)
    make_carrier(add_credential("second"), ["*"])
    run(gateway)
    bind = platform()
    assert bind.submit(NUMBERS["FR"]) == 0
    dying.wait_for(lambda: heard(dying, "first") == [NUMBERS["FR"]])

    dying.stop()
    smsc.wait_for(lambda: "BOUND" not in _session(console, first))
    assert bind.submit(NUMBERS["FR"]) == 0
    smsc.wait_for(lambda: heard(smsc, "second") == [NUMBERS["FR"]])

    dying.start()
    smsc.wait_for(lambda: "BOUND" in _session(console, first), timeout=60)
    assert bind.submit(NUMBERS["FR"]) == 0
    dying.wait_for(lambda: len(heard(dying, "first")) == 2)
    assert len(heard(smsc, "second")) == 1


def _session(console, credential):
    (rows,) = console.ask("smppccm -l")
    return next(row for row in rows if credential.gateway_key in row)


def test_without_a_carrier_the_platform_is_told_at_once(gateway, add_credential, platform):
    carrier = make_carrier(add_credential("france"), ["FR"])
    run(gateway)
    bind = platform()
    assert bind.submit(NUMBERS["GB"]) == NO_ROUTE

    carrier.enabled = False
    carrier.save()
    assert run(gateway).ending is Ending.APPLIED
    assert bind.submit(NUMBERS["FR"]) == NO_ROUTE


def test_a_carrier_that_jasmin_refuses_leaves_traffic_to_the_others_and_to_other_organisations(
    gateway, add_credential, smsc, platform, jasmin, organization
):
    make_carrier(add_credential("second"), ["FR"], fallback_order=2)
    old = make_carrier(add_credential("old"), ["FR"])
    others = make_tenant(gateway)
    give_access(others)
    run(gateway)
    ours = platform()

    old.enabled = False
    old.save()
    refused = add_credential(
        "refused", password="p" * 17
    )  # the simulated carrier takes any; Jasmin 16
    make_carrier(refused, ["FR"])
    smsc.add_system("theirs", "s3cr;t#")
    make_carrier(make_credential(others, port=smsc.port, system_id="theirs"), ["FR"])
    result = run(gateway)

    assert result.ending is Ending.FAILED
    assert result.error.startswith(
        f"organisation {organization.name}, credential refused@carrier (connector "
    )
    with Platform(jasmin, others.gateway_key, ACCESS_PASSWORD) as theirs:
        smsc.wait_for(lambda: smsc.system("theirs").live_binds)
        assert ours.submit(NUMBERS["FR"]) == theirs.submit(NUMBERS["FR"]) == 0
    smsc.wait_for(lambda: heard(smsc, "second") and heard(smsc, "theirs"))
    assert (heard(smsc, "old"), heard(smsc, "refused")) == ([], [])

    change(refused, password="s3cr;t#")
    assert run(gateway).ending is Ending.APPLIED
    smsc.wait_for(lambda: smsc.system("refused").live_binds)
    assert ours.submit(NUMBERS["FR"]) == 0
    smsc.wait_for(lambda: heard(smsc, "refused"))
    assert run(gateway).ending is Ending.IN_SYNC


def test_a_disabled_credential_takes_no_traffic_after_one_pass(gateway, add_credential, platform):
    credential = add_credential("france")
    make_carrier(credential, ["FR"])
    run(gateway)
    bind = platform()

    change(credential, enabled=False)
    assert run(gateway).ending is Ending.APPLIED

    assert bind.submit(NUMBERS["FR"]) == NO_ROUTE


def test_no_platform_reaches_another_organisations_carriers(
    gateway, add_credential, smsc, platform, jasmin, console
):
    make_carrier(add_credential("ours"), ["*"])
    others = make_tenant(gateway)
    give_access(others)
    run(gateway)
    ours = platform()

    with Platform(jasmin, others.gateway_key, ACCESS_PASSWORD) as theirs:
        assert theirs.submit(NUMBERS["FR"]) == NO_ROUTE
        smsc.add_system("theirs", "s3cr;t#")
        credential = make_credential(others, port=smsc.port, system_id="theirs")
        make_carrier(credential, ["*"])
        run(gateway)
        assert theirs.submit(NUMBERS["FR"]) == ours.submit(NUMBERS["GB"]) == 0
        smsc.wait_for(lambda: heard(smsc, "theirs") and heard(smsc, "ours"))
        smsc.system("theirs").faults = ["wrong-password"]
        smsc.drop_binds("theirs")
        smsc.wait_for(lambda: "BOUND" not in _session(console, credential))
        assert theirs.submit(NUMBERS["US"]) == NO_CARRIER_BOUND

    assert (heard(smsc, "theirs"), heard(smsc, "ours")) == ([NUMBERS["FR"]], [NUMBERS["GB"]])


def test_access_that_is_turned_off_or_rotated_drops_its_sessions(
    gateway, add_credential, platform, organization
):
    make_carrier(add_credential("france"), ["FR"])
    run(gateway)
    bind = platform()
    access = organization.access

    access.password, access.version = "n3wpassw", access.version + 1
    access.save()
    assert run(gateway).ending is Ending.APPLIED
    with contextlib.suppress(smpplib.exceptions.ConnectionError, OSError):
        assert bind.submit(NUMBERS["FR"]) == NOT_BOUND  # it is being unbound
        bind.submit(NUMBERS["FR"])
        pytest.fail("the session goes on")
    with pytest.raises(smpplib.exceptions.PDUError):
        platform()
    assert platform("n3wpassw").submit(NUMBERS["FR"]) == 0

    access.enabled, access.version = False, access.version + 1
    access.save()
    assert run(gateway).ending is Ending.APPLIED
    with pytest.raises((smpplib.exceptions.PDUError, smpplib.exceptions.ConnectionError)):
        platform("n3wpassw")


def test_new_limits_of_an_access_drop_nothing(gateway, add_credential, platform, organization):
    make_carrier(add_credential("france"), ["FR"])
    run(gateway)
    bind = platform()

    organization.access.throughput = 30
    organization.access.max_bindings = 5
    organization.access.save()
    result = run(gateway)

    assert [(entry["kind"], entry["action"]) for entry in result.changes] == [("user", "update")]
    assert bind.submit(NUMBERS["FR"]) == 0
    organization.access.refresh_from_db()
    assert organization.access.sync_state == "synced"
    assert organization.access.bound_sessions == 1


def test_what_the_access_submits_is_counted_once(
    gateway, add_credential, smsc, platform, organization
):
    make_carrier(add_credential("france"), ["FR"])
    run(gateway)

    def counted() -> int:
        run(gateway)
        read_log(gateway)
        organization.access.refresh_from_db()
        return organization.access.submits_total

    bind = platform()
    assert [bind.submit(NUMBERS["FR"]) for _ in range(3)] == [0, 0, 0]
    assert bind.submit(NUMBERS["US"]) == NO_ROUTE
    smsc.wait_for(lambda: counted() == 3)  # what was refused is no traffic
    assert counted() == 3
