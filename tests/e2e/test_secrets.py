"""No secret is found where it must not be: after a life in which every sort of them occurred."""

from __future__ import annotations

import dataclasses
import importlib
import os
import pkgutil
import re
import stat
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client, override_settings

import messaging
import orbit
import reconciler
from messaging.credentials.models import Credential
from messaging.smpp.trial_bind import trial_bind
from orbit.accounts.models import Organization, User
from orbit.api import docs
from reconciler import actual, desired
from reconciler.diff import diff
from reconciler.gateway_client import gateway_console
from reconciler.jcli import connectors, users
from reconciler.models import Gateway, Run, RunState
from reconciler.plan import make_plan
from tests.e2e import leaks
from tests.e2e.api import Api
from tests.e2e.lifecycle import PERSON, Lifecycle
from tests.e2e.waiting import eventually
from tests.fixtures.site import METRICS_TOKEN
from tests.reconciler.conftest import make_gateway

pytestmark = pytest.mark.stack


@pytest.fixture
def infrastructure(stack) -> dict[str, str]:
    """Secrets that the site is told by its environment."""
    return {
        "metrics token": METRICS_TOKEN,
        "SECRET_KEY": settings.SECRET_KEY,
        "FERNET_KEYS": settings.FERNET_KEYS[0],
        "AUDIT_KEY": settings.AUDIT_KEY,
        "database password": os.environ["DATABASE_URL"].split(":")[2].split("@")[0],
        "Redis password": stack.redis_url.split(":")[2].split("@")[0],
    }


@pytest.fixture
def life(site, jasmin, smsc, infrastructure) -> Lifecycle:
    life = Lifecycle(site, make_gateway(jasmin), smsc)
    life.secrets |= infrastructure
    site.start_beat(interval=2)
    life.live()
    return life


def database(life: Lifecycle) -> dict[str, bytes]:
    dump = leaks.database_dump(life.site.environ["DATABASE_URL"])
    assert len(dump) > 20_000
    return {"database dump": dump} | leaks.database_values()


def logs(life: Lifecycle, stack) -> dict[str, bytes]:
    """Of everything but the gateways, whose store and logs hold passwords by nature."""
    written = {kind: life.site.output(kind) for kind in ("web", "worker", "beat")}
    assert all("DEBUG" in text for text in written.values())
    return leaks.files(stack.root / "logs", stack.root / "guard.log")


def in_redis(life: Lifecycle) -> dict[str, bytes]:
    """With a push waiting in the queue, since nobody takes it."""
    life.site.stop_worker()
    life.call(life.owner, "PATCH", life.path, {"throughput": 9})
    found = leaks.redis_values(life.site.environ["REDIS_URL"])
    assert b"reconciler.tasks.push" in found["redis pushes"]
    return found


def console_pages() -> dict[str, bytes]:
    hasher = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    with override_settings(PASSWORD_HASHERS=[hasher]):
        User.objects.create_superuser("root@example.com", PERSON)
        client = Client()
        assert client.login(username="root@example.com", password=PERSON)
        pages = leaks.admin_pages(client)
    assert len(pages) > 30
    return pages


def values(life: Lifecycle) -> Iterator[object]:
    """Rows, and the values of a pass over them, as a log or a traceback would show them."""
    for credential in Credential.objects.all():
        yield from (credential, credential.status)
        yield trial_bind(
            address="127.0.0.1", host="127.0.0.1", port=credential.port, timeout=3,
            system_id=credential.system_id, password=credential.password,
        )  # fmt: skip
    yield from (*Gateway.objects.all(), *Run.objects.all(), *User.objects.all())
    snapshot = desired.take_snapshot(life.gateway)
    wanted = desired.build(snapshot)
    with gateway_console.connect(life.gateway) as console:
        found = actual.read(console)
        yield console
    nothing = dataclasses.replace(found, groups={}, users={}, connectors={})
    for changes in (diff(wanted.state, found), diff(wanted.state, nothing)):
        yield from (changes, make_plan(changes, found))
    yield from (snapshot, wanted, found)
    for connector in wanted.state.connectors.values():
        yield connectors.add(connector)
    for user in wanted.state.users.values():
        yield users.put(user)


def refused_plan(life: Lifecycle) -> dict[str, str]:
    """The rows are lost: the plan to delete everything is refused, and kept."""
    Credential.objects.all().delete()
    Organization.objects.all().delete()
    assert life.manage("reconcile") == 2
    assert life.manage("reconcile", "--json") == 2
    (run,) = Run.objects.filter(state=RunState.UNSAFE)
    life.call(life.operator, "GET", f"/v1/messaging/smpp/reconcile-runs/{run.pk}")
    return {"the unsafe run": str(run.changes) + run.error}


@pytest.mark.slow("a whole life of credentials, passes and kills first")
def test_no_secret_is_found_in_what_the_product_leaves_behind(life, stack):
    places: dict[str, bytes | str] = {}
    places |= {f"repr {n}": f"{value!r} {value!s}" for n, value in enumerate(values(life))}
    places |= leaks.command_lines()
    places |= database(life)
    places |= console_pages()
    places |= in_redis(life)
    places |= refused_plan(life)
    places |= life.answers
    places |= logs(life, stack)
    places |= leaks.files(stack.root / "site")

    assert len(life.secrets) > 25
    assert leaks.find(life.secrets, places) == set()


@pytest.fixture
def bound(site, api, gateway, smsc) -> dict[str, str]:
    """The secrets of a credential that is bound, and of its gateway."""
    smsc.add_system("acme", "Fi&r5t_x")
    made = api.add(port=smsc.port, password="Fi&r5t_x")
    eventually(lambda: api.read(made["id"])["bind"]["state"] == "bound")
    site.wait_for_tasks()
    return {
        "password": "Fi&r5t_x",
        "gateway password": Credential.objects.get().gateway_password,
        "console password": gateway.jcli_password,
    }


def test_processes_are_told_only_what_is_theirs(site, bound, infrastructure):
    site.start_beat(interval=30)

    found = leaks.find(bound | infrastructure, leaks.environments())

    told = {whose: set() for whose in ("ours", "other")}
    for place, name in found:
        told[place.partition(" ")[0]].add(name)
    assert told["ours"] == infrastructure.keys()
    # Jasmin's own, for its own console and broker.
    assert told["other"] <= {"console password", "broker password"}


def test_what_the_gateway_keeps_is_closed_to_others(bound, jasmin):
    folders = [jasmin.store, jasmin.logs]
    kept = [path for folder in folders for path in (folder, *folder.rglob("*"))]

    # It holds passwords by nature; and a search that did not find one there would prove nothing.
    assert {name for _, name in leaks.find(bound, leaks.files(jasmin.store))} >= {"password"}
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in kept if path.exists()}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_the_search_finds_secrets_in_every_spelling():
    secret = {"it": "a&b'c\"d<"}
    for spelling in leaks.spellings(secret["it"]):
        assert leaks.find(secret, {"place": b"x" + spelling + b"y"}) == {("place", "it")}
    assert leaks.find(secret, {"place": b"a&b"}) == set()


# -- without a life --------------------------------------------------------------------------

_SECRET = re.compile(r"password$|secrets?$|^access$|^refresh$")


def dataclasses_of(package) -> Iterator[type]:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" in module.name or module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and dataclasses.is_dataclass(value):
                yield value


def test_no_dataclass_shows_a_secret_field():
    found = [
        (each.__name__, field.name, field.repr)
        for package in (messaging, reconciler, orbit)
        for each in dataclasses_of(package)
        for field in dataclasses.fields(each)
        if _SECRET.search(field.name)
    ]

    assert len({name for name, _, _ in found}) > 8
    assert [(name, field) for name, field, is_shown in found if is_shown] == []


def test_a_page_that_fails_shows_no_debugging(monkeypatch, caplog):
    monkeypatch.setattr(docs, "ERROR_CODES", None)

    answer = Client(raise_request_exception=False).get("/docs/errors")

    assert answer.status_code == 500
    assert b"Something went wrong" in answer.content
    for word in (b"Traceback", b"NoneType", b"ERROR_CODES", b"site-packages", b"AttributeError"):
        assert word not in answer.content
    assert "AttributeError" in caplog.text


def test_an_unknown_page_shows_no_debugging(site):
    answer = Api(site.base_url).get("/nowhere")

    assert answer.status == 404
    for word in (b"URLconf", b"orbit.urls", b"DEBUG"):
        assert word not in answer.body
