"""Webhooks of the running site: told by a worker of a real bind, and by one that is killed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
import redis
from django.utils import timezone

from messaging.webhooks.models import Delivery, DeliveryStatus
from tests.e2e.api import CREDENTIALS, Api
from tests.e2e.waiting import eventually
from tests.fixtures.site import Site
from tests.messaging.webhooks.server import Server, say, serving

pytestmark = pytest.mark.stack

WEBHOOKS = "/v1/webhooks"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def add(api: Api, server: Server, *events: str) -> dict:
    answer = api.post(WEBHOOKS, {"url": server.url, "events": list(events)})
    assert answer.status == 201, answer.body
    return answer.data


def delivered() -> set[str]:
    done = Delivery.objects.filter(status=DeliveryStatus.DELIVERED)
    return set(done.values_list("event_id", flat=True))


def test_a_bind_is_told_when_it_comes_up_and_when_its_host_is_forbidden(
    site, gateway, api, smsc, server
):
    smsc.add_system("acme", "secret")
    secret = add(api, server, "*")["signing_secret"]
    made = api.add(port=smsc.port)

    eventually(lambda: server.posts)
    event = server.posts[0].verified(secret)
    assert event["type"] == "smpp.credential.bound"
    assert (event["data"]["credential_id"], event["data"]["state"]) == (made["id"], "bound")

    api.delete(f"{CREDENTIALS}/{made['id']}")
    site.wait_for_tasks()
    assert [post.verified(secret)["type"] for post in server.posts] == ["smpp.credential.bound"]


def expire_leases() -> None:
    """A claim that died with its process is a minute old at once."""
    Delivery.objects.filter(status=DeliveryStatus.PENDING).update(due_at=timezone.now())


def forget_marks(site: Site) -> None:
    """A mark that a task waits, which died with its worker, keeps new ones back for 30 s."""
    with redis.Redis.from_url(site.environ["REDIS_URL"]) as client:
        for key in client.scan_iter("*woken*"):
            client.delete(key)


def sweep(site: Site) -> None:
    """As beat does it."""
    site.celery.send_task("messaging.webhooks.tasks.sweep")


@pytest.mark.slow("a start of a worker")
def test_a_worker_that_is_killed_in_the_middle_of_a_post_loses_none(site, api, server):
    go_on, stuck = threading.Event(), threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if len(server.posts) > 3:
            stuck.set()
            go_on.wait(60)
        say(handler)

    server.answer = answer
    hook = add(api, server, "*")
    tests = f"{WEBHOOKS}/{hook['id']}/test"
    wanted = {api.post(tests).data["event_id"] for _ in range(12)}
    assert stuck.wait(40)
    site.kill_worker()
    before = delivered()
    go_on.set()

    forget_marks(site)
    site.start_worker()
    expire_leases()

    def all_are_delivered() -> bool:
        sweep(site)
        return delivered() == wanted

    eventually(all_are_delivered)
    times = Counter(post.verified(hook["signing_secret"])["id"] for post in server.posts)
    assert times.keys() == wanted
    assert {times[event_id] for event_id in before} <= {1}
    assert sum(times.values()) > len(wanted)  # one was being posted when the worker died
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}
