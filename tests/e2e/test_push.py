"""From a write at the API to the gateway: by push, by command, by beat, and with parts away."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from messaging.credentials.models import Credential
from orbit.dev.stack.ports import Ports
from reconciler import actual
from reconciler.gateway_client import gateway_console
from reconciler.jcli import connectors
from tests.e2e.api import CREDENTIALS, Api
from tests.e2e.waiting import becomes, eventually
from tests.factories import make_operator_key

pytestmark = pytest.mark.stack

PASSWORD = "s3cr;t#"


@pytest.fixture
def account(gateway, smsc) -> dict[str, object]:
    """The body of a credential for an account that the carrier has."""
    smsc.add_system("acme", PASSWORD)
    return {"port": smsc.port, "system_id": "acme", "password": PASSWORD}


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port of ours on which nobody listens."""
    ports = Ports()
    yield ports.reserve()
    ports.close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield listener.getsockname()[1]


def state(api: Api, credential: dict) -> tuple[str, str]:
    """`sync.state` and `bind.state` now."""
    row = api.read(credential["id"])
    return row["sync"]["state"], row["bind"]["state"]


def bound(api: Api, credential: dict) -> None:
    eventually(lambda: state(api, credential) == ("synced", "bound"))


def unbound_ones(api: Api) -> dict[str, tuple[dict, dict]]:
    """`sync` and `bind` of those that are not bound, by system_id."""
    rows = api.get(CREDENTIALS, params={"limit": 100}).data
    return {
        row["system_id"]: (row["sync"], row["bind"])
        for row in rows
        if row["bind"]["state"] != "bound"
    }


def in_jasmin(gateway) -> actual.State:
    with gateway_console.connect(gateway) as console:
        return actual.read(console)


def test_a_posted_credential_is_bound_without_beat(api, account, smsc):
    made = api.add(**account)
    bound(api, made)

    row = api.read(made["id"])
    assert (row["sync"]["error"], row["bind"]["error"]) == (None, None)
    assert row["sync"]["gateway_id"].startswith("gw_")
    assert smsc.system("acme").live_binds == smsc.system("acme").bind_attempts == 1


def test_a_new_throughput_reaches_the_live_bind(api, account, gateway, smsc):
    made = api.add(**account)
    bound(api, made)

    api.patch(f"{CREDENTIALS}/{made['id']}", {"throughput": 77})
    bound(api, made)

    (connector,) = in_jasmin(gateway).connectors.values()
    assert connector.settings["submit_throughput"] == "77"
    assert (connector.session, connector.starts, connector.stops) == ("BOUND_TRX", 1, 0)
    assert smsc.system("acme").bind_attempts == 1


def test_a_new_host_costs_exactly_one_bind(api, account, smsc, make_smsc):
    made = api.add(**account)
    bound(api, made)
    elsewhere = make_smsc(host="127.0.0.2")
    elsewhere.add_system("acme", PASSWORD)

    api.patch(f"{CREDENTIALS}/{made['id']}", {"host": "127.0.0.2", "port": elsewhere.port})
    eventually(lambda: elsewhere.system("acme").live_binds)
    bound(api, made)

    assert elsewhere.system("acme").bind_attempts == smsc.system("acme").bind_attempts == 1
    assert smsc.system("acme").live_binds == 0


def test_a_rotated_password_is_the_one_that_binds(api, account, smsc):
    made = api.add(**account)
    bound(api, made)
    smsc.system("acme").password = "newone#2"

    rotated = api.rotate(made["id"], {"password": "newone#2"})
    bound(api, made)

    assert rotated.data["verification"]["result"] == "bound"
    # First bind, trial bind, and the one bind with the new password.
    assert smsc.system("acme").bind_attempts == smsc.system("acme").binds_accepted == 3


def test_a_disabled_credential_is_unbound_and_comes_back(api, account, smsc):
    made = api.add(**account)
    bound(api, made)

    off = api.patch(f"{CREDENTIALS}/{made['id']}", {"enabled": False})
    eventually(lambda: smsc.system("acme").live_binds == 0)
    eventually(lambda: state(api, made) == ("synced", "disabled"))
    api.patch(f"{CREDENTIALS}/{made['id']}", {"enabled": True})
    bound(api, made)

    assert off.data["bind"]["state"] == "disabled"
    assert smsc.system("acme").live_binds == 1


def test_a_deleted_credential_leaves_jasmin_and_then_the_database(api, account, gateway, smsc):
    made = api.add(**account)
    bound(api, made)

    assert api.delete(f"{CREDENTIALS}/{made['id']}").status == 204
    assert api.get(f"{CREDENTIALS}/{made['id']}").status == 404
    eventually(lambda: not Credential.objects.exists())

    left = in_jasmin(gateway)
    assert (left.connectors, left.users) == ({}, {})
    eventually(lambda: smsc.system("acme").live_binds == 0)


def test_one_made_again_after_a_deletion_binds_once_the_old_one_has_gone(api, account, smsc):
    made = api.add(**account)
    bound(api, made)

    api.delete(f"{CREDENTIALS}/{made['id']}")
    again = api.add(**account)
    bound(api, again)

    assert [row.pk for row in Credential.objects.all()] == [again["id"]]
    assert smsc.system("acme").live_binds == 1


def test_twenty_posts_in_a_row_are_all_bound(api, gateway, smsc):
    for number in range(20):
        smsc.add_system(f"acme{number}", PASSWORD)

    for number in range(20):
        api.add(port=smsc.port, system_id=f"acme{number}", password=PASSWORD)

    becomes(lambda: unbound_ones(api), {})

    rows = in_jasmin(gateway).connectors.values()
    assert [(row.session, row.starts, row.stops) for row in rows] == [("BOUND_TRX", 1, 0)] * 20


def test_the_api_does_not_need_the_worker_which_catches_up(site, api, account):
    site.stop_worker()

    made = api.add(**account)
    assert state(api, made) == ("pending", "unknown")

    site.start_worker()
    bound(api, made)


def test_the_command_does_what_the_worker_would(site, api, account):
    site.stop_worker()
    made = api.add(**account)

    done = site.manage("reconcile")
    again = site.manage("reconcile", "--plan")

    assert done.returncode == 0, done.stdout + done.stderr
    assert again.returncode == 0, again.stdout
    assert "in sync" in again.stdout
    assert state(api, made) == ("synced", "bound")


def test_beat_repairs_what_nobody_pushed(site, api, account, gateway, smsc):
    made = api.add(**account)
    bound(api, made)
    site.wait_for_tasks()
    with gateway_console.connect(gateway) as console:
        (cid,) = in_jasmin(gateway).connectors
        console.run(connectors.remove(cid))
    eventually(lambda: smsc.system("acme").live_binds == 0)

    site.start_beat(interval=1)
    eventually(lambda: smsc.system("acme").live_binds == 1)

    bound(api, made)
    assert smsc.system("acme").bind_attempts == 2


@pytest.mark.parametrize("away", ["dead", "silent"])
@pytest.mark.slow("each of ten requests waits for a Redis that does not answer")
def test_writes_go_on_while_redis_is_away(away, site, make_site, make_api, account, request, smsc):
    port = request.getfixturevalue(f"{away}_port")
    alone = make_site(REDIS_URL=f"redis://:x@127.0.0.1:{port}/1")
    api = make_api(base_url=alone.base_url)

    made = api.add(**account)  # the client waits 30 s, no longer
    answers = [
        api.patch(f"{CREDENTIALS}/{made['id']}", {"name": "Acme"}),
        api.patch(f"{CREDENTIALS}/{made['id']}", {"throughput": 3}),
        api.rotate(made["id"]),
        api.get(CREDENTIALS),
        api.reveal(made["id"]),
    ]
    ready = api.get("/readyz")
    asked = Api(alone.base_url, make_operator_key().secret).post("/v1/messaging/smpp/reconcile")
    caught_up = alone.manage("reconcile")

    assert [answer.status for answer in answers] == [200] * 5
    assert ready.status == 503
    down = {name for name, check in ready.json["checks"].items() if not check["ok"]}
    assert {"cache", "broker"} <= down
    assert (asked.status, asked.code) == (503, "GATEWAY_UNAVAILABLE")
    assert caught_up.returncode == 0, caught_up.stdout + caught_up.stderr
    assert smsc.system("acme").live_binds == 1
    assert api.delete(f"{CREDENTIALS}/{made['id']}").status == 204


def unbound(api: Api, credential: dict) -> str:
    """The `bind.error` that the first diagnosis leaves."""

    def error() -> str | None:
        bind = api.read(credential["id"])["bind"]
        return bind["state"] == "unbound" and bind["error"]

    return eventually(error)


def test_a_refused_password_is_named_and_tried_at_most_three_times(
    site, api, account, gateway, smsc
):
    made = api.add(**account | {"password": "wrong"})

    error = unbound(api, made)
    site.wait_for_tasks()

    assert "ESME_RINVPASWD" in error
    assert 1 <= smsc.system("acme").bind_attempts <= 3
    (connector,) = in_jasmin(gateway).connectors.values()
    assert not connector.running
    assert api.read(made["id"])["sync"] | {"synced_at": 0} == {
        "state": "synced", "error": None, "synced_at": 0, "gateway_id": gateway.pk,
    }  # fmt: skip


def test_a_corrected_password_binds_at_once_after_refusals(site, api, account, smsc):
    made = api.add(**account | {"password": "wrong"})
    unbound(api, made)

    rotated = api.rotate(made["id"], {"password": PASSWORD})
    bound(api, made)

    assert rotated.data["verification"]["result"] == "bound"
    assert api.read(made["id"])["bind"]["error"] is None


def test_a_dead_port_is_named_otherwise(api, gateway, dead_port, account):
    made = api.add(**account | {"port": dead_port})

    error = unbound(api, made)

    assert str(dead_port) in error
    assert "ESME_" not in error
