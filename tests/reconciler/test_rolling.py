"""A gateway that knows several binds makes them anew by itself: every key is live there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from messaging.credentials.models import Credential
from reconciler.diff import Action, diff
from reconciler.jasmin.capabilities import LACKS
from reconciler.jasmin.connector_settings import connector_settings
from reconciler.jcli import connectors
from reconciler.jcli.connectors import ADDING_KEYS, BIND_KEYS, LIVE_KEYS
from reconciler.plan import as_data, make_plan, render
from reconciler.safety import unsafe_reason
from reconciler.state import Connector, Session
from tests.reconciler.states import bound, connector, state

SETTINGS = connector_settings(
    Credential(host="192.0.2.1", system_id="acme", tls_ca="PEM", tls=True),
    address="192.0.2.1",
    backups=[("192.0.2.2", 2775, "b.example.com")],
    capabilities=LACKS,
)
NOT_SEEN = LIVE_KEYS | ADDING_KEYS | {"con_loss_retry", "logprivacy", "window"}


def found(**settings: str) -> Connector:
    return bound("ob1", settings={**SETTINGS, **settings})


def wanted(**settings: str) -> Connector:
    return connector("ob1", settings={**SETTINGS, **settings})


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_setting_is_updated_and_no_bind_drops(name):
    (change,) = diff(state(wanted()), state(found(**{name: "by hand"})))

    assert (change.action, change.drops_bind) == (Action.UPDATE, False)
    assert [each.name for each in change.fields] == [name]
    is_seen = name not in NOT_SEEN and name not in connectors.DEFAULTS
    assert (change.rolls_binds, name in BIND_KEYS) == (is_seen, is_seen)
    assert change.causes_bind == (is_seen or name in ADDING_KEYS)


@pytest.mark.parametrize("name", ["password", "tls_key"])
def test_a_secret_is_updated_and_not_shown(name):
    before = replace(found(), **{name: "b3fore"})

    (change,) = diff(state(replace(wanted(), **{name: "s3cr3t"})), state(before))
    command = connectors.roll(change.resource, [name])

    assert (change.action, change.rolls_binds) == (Action.UPDATE, True)
    assert command.lines == ("smppccm -u ob1", f"{name} s3cr3t", "ok")
    assert "s3cr3t" not in f"{change!r} {command!r} {command.redact('no s3cr3t here')}"


def test_what_is_taken_away_is_typed_as_null():
    without = replace(wanted(tls_ca="None", backups="None", addr_range="None"), tls_key="")

    command = connectors.roll(without, ["tls_ca", "backups", "addr_range", "tls_key", "proto_id"])

    assert command.lines[1:-1] == (
        "tls_ca none", "backups none", "addr_range none", "tls_key none", "proto_id none",
    )  # fmt: skip
    assert command.secrets == ()


def test_a_long_setting_is_typed_whole_and_not_its_digest():
    (change,) = diff(state(wanted()), state(found(tls_ca="b2xk")))

    command = connectors.roll(change.resource, [each.name for each in change.fields])

    assert change.fields[0].desired.startswith("sha256:")
    assert command.lines[1] == f"tls_ca {SETTINGS['tls_ca']}"


def test_a_gateway_that_does_not_know_the_keys_yet_gets_a_new_connector():
    old = {name: value for name, value in SETTINGS.items() if name not in ("binds", "pairs")}

    (change,) = diff(state(wanted()), state(Connector("ob1", True, old, "carrier", "BOUND_TRX")))

    assert (change.action, change.drops_bind) == (Action.REPLACE, True)


def test_a_plan_says_what_it_does_to_live_binds():
    plan = make_plan(diff(state(wanted()), state(found(port="1"))), state())

    assert "makes live binds anew, one after another" in next(
        iter(render([as_data(each) for each in plan.changes], []))
    )
    assert plan.dropped_binds == ()


def test_an_old_database_makes_no_mass_of_binds_anew():
    cids = [f"ob{number}" for number in range(20)]
    here = state(*(replace(found(), cid=cid) for cid in cids))
    there = state(*(replace(wanted(host="192.0.2.9"), cid=cid) for cid in cids))
    plan = make_plan(diff(there, here), here)

    assert "20 of 20 live binds would be made anew" in unsafe_reason(plan, there, here)
    assert unsafe_reason(plan, there, here, changed=cids[:12]) == ""


# -- what is seen of several binds ----------------------------------------------------------------

UP = Session("transceiver", "192.0.2.1", 2775, "BOUND_TRX", 1000.0)
TX, RX = replace(UP, bind_type="transmitter"), replace(UP, bind_type="receiver", since=1007.0)
DOWN = replace(UP, host="192.0.2.2", state="NONE", since=2000.0)


def seen(*sessions: Session, bind: str = "transceiver") -> Connector:
    return connector("ob1", settings={"bind": bind}, sessions=sessions)


def test_one_that_is_up_is_enough_to_be_bound():
    some = seen(UP, DOWN, replace(UP, since=1005.0))

    assert (some.is_bound, some.bound) == (True, 2)
    assert (some.addresses, some.bound_since) == ({"192.0.2.1"}, 1005.0)


def test_a_receiver_of_a_pair_alone_is_not_bound():
    alone = seen(replace(TX, state="BIND_TX_PENDING"), RX, bind="transmitter")

    assert (alone.is_bound, alone.bound, alone.bound_since) == (False, 1, 1007.0)
    assert seen(TX, replace(RX, state="NONE"), bind="transmitter").is_bound
    assert seen(RX, bind="receiver").is_bound


def test_where_only_the_console_tells_a_row_is_one_bind():
    one = bound("ob1", settings={"host": "192.0.2.7"})

    assert (one.is_bound, one.bound, one.bound_since) == (True, 1, None)
    assert one.addresses == {"192.0.2.7"}
    assert (connector("ob1").bound, connector("ob1").addresses) == (0, frozenset())
