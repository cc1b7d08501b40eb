"""A stock Jasmin that lost its consumers with RabbitMQ says "Success" and sends nothing."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from messaging.messages.models import Message
from orbit.dev.stack import Jasmin
from reconciler.models import Gateway, GatewayState
from tests.e2e.messages.conftest import World
from tests.e2e.waiting import becomes, eventually
from tests.factories import make_user
from tests.fixtures.site import METRICS_TOKEN, Site

pytestmark = pytest.mark.stack

WHY = "no longer consumes its queues"


@pytest.fixture
def jasmin(stock_jasmin: Jasmin) -> Jasmin:
    """Our launcher's has no RabbitMQ."""
    return stock_jasmin


def state(gateway: Gateway) -> str:
    gateway.refresh_from_db()
    return gateway.state


def routed(site: Site) -> int:
    """How often the router has looked for a way."""
    lines = site.output("worker").splitlines()
    return sum("Task messaging.messages.tasks.route[" in each and "succ" in each for each in lines)


@pytest.mark.slow("a restart of RabbitMQ and of Jasmin, found by passes")
def test_it_is_named_and_not_used_and_messages_wait(
    world: World, site: Site, gateway: Gateway, jasmin: Jasmin, client: Client
):
    world.carrier("north", "FR")
    world.wait_until_bound()
    before = world.send(sender="ACME", body="before")
    becomes(lambda: world.read(before)["status"], "delivered")

    jasmin.rabbitmq.kill()
    jasmin.rabbitmq.start()
    site.start_beat(interval=2)
    eventually(lambda: state(gateway) == GatewayState.DOWN and WHY in gateway.state_reason)
    ready = world.api.get("/readyz", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    client.force_login(make_user(is_staff=True, is_superuser=True))
    home = client.get(reverse("admin:index")).content.decode()
    waiting = [world.send(sender="ACME", body=f"number {n}") for n in range(20)]
    looked = routed(site)
    eventually(lambda: routed(site) > looked + 1)

    assert ready.status == 503
    assert WHY in ready.json["checks"]["gateway.main"]["detail"]
    assert WHY in home
    assert {world.read(each)["status"] for each in waiting} == {"queued"}

    jasmin.kill()
    jasmin.start()
    for message in waiting:
        becomes(lambda of=message: world.read(of)["status"], "delivered", timeout=90)
    assert set(Message.objects.values_list("attempt", flat=True)) == {1}
    assert set(world.texts().values()) == {1}
