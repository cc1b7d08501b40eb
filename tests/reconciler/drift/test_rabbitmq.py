"""RabbitMQ is restarted: a stock Jasmin is a zombie that says "bound" and sends nothing."""

from __future__ import annotations

import pytest

from orbit.dev.stack import Jasmin
from orbit.dev.stack.processes import poll
from reconciler.gateway_client.rabbitmq import consumers
from reconciler.jcli import connectors
from reconciler.jcli.errors import Unavailable
from reconciler.models import GatewayState
from reconciler.result import Ending
from tests.reconciler.passes import run, status

pytestmark = pytest.mark.stack


@pytest.fixture
def jasmin(stock_jasmin: Jasmin) -> Jasmin:
    """A Jasmin behind our launcher has no RabbitMQ."""
    return stock_jasmin


def test_a_restarted_broker_is_noticed_named_and_mended_by_a_restart(
    gateway, credential, console, jasmin: Jasmin, smsc, monkeypatch
):
    jasmin.rabbitmq.kill()

    away = run(gateway)

    rabbitmq = f"{jasmin.rabbitmq.host}:{jasmin.rabbitmq.port}"
    assert (away.ending, away.error) == (Ending.DOWN, f"RabbitMQ {rabbitmq}: connection refused")
    seen = status(credential)
    assert (seen.sync_state, seen.bind_state) == ("synced", "unknown")
    assert seen.bind_error == "the gateway is down: RabbitMQ: connection refused"

    jasmin.rabbitmq.start()
    zombie = run(gateway)

    assert zombie.ending is Ending.DOWN
    assert "no longer consumes its queues" in zombie.error
    gateway.refresh_from_db()
    assert (gateway.state, gateway.state_reason) == (GatewayState.DOWN, zombie.error)
    assert "restart jasmind" in status(credential).bind_error
    assert connectors.read(console.ask(connectors.LIST)[0])[credential.gateway_key].running

    # Although its lists look well, what asks the broker never returns: we do not wait for ever.
    monkeypatch.setattr(console, "_timeout", 0.5)
    with pytest.raises(Unavailable, match="no answer within 0.5 s"):
        console.run(connectors.stop(credential.gateway_key))

    before = smsc.system("acme").binds_accepted
    jasmin.kill()
    jasmin.start()
    assert poll(lambda: consumers(jasmin.amqp_url), timeout=60)
    smsc.wait_for(lambda: smsc.system("acme").binds_accepted > before)
    assert run(gateway).ending is Ending.IN_SYNC
    assert status(credential).bind_state == "bound"
    gateway.refresh_from_db()
    assert (gateway.state, gateway.state_reason) == (GatewayState.UP, "")
