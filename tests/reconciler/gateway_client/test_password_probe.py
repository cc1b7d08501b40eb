"""Users whose password in Jasmin is not ours any more."""

from __future__ import annotations

import pytest

from reconciler.gateway_client import jasmin_http, password_probe
from reconciler.jasmin import user_settings
from reconciler.models import Gateway
from reconciler.state import State
from tests.reconciler.gateway_client.jasmin_api import jasmin_api
from tests.reconciler.jcli.fake import Peer
from tests.reconciler.states import Group, state, user

GROUP = Group("obg")


def probe(url: str, wanted: State, found: State, turn: int = 0) -> set[str]:
    """uids whose password is said to differ."""
    seen = password_probe.probe_passwords(Gateway(http_url=url), wanted.users, found, turn)
    return {uid for uid, one in seen.users.items() if one.password_differs}


def test_a_password_that_is_not_ours_any_more_is_found():
    wanted = state(GROUP, user("ob1", password="one"), user("ob2", password="two"))
    with jasmin_api(passwords={"ob1": "one", "ob2": "by hand"}) as (url, handler):
        assert probe(url, wanted, wanted) == {"ob2"}

    assert handler.requests == ["/send ob1", "/send ob2"]


def test_a_user_that_has_the_right_that_is_asked_for_is_not_probed():
    wanted = state(GROUP, user("ob1"))
    found = state(GROUP, user("ob1", settings={user_settings.UNASKED: "True"}))
    with jasmin_api() as (url, handler):
        assert probe(url, wanted, found) == set()

    assert handler.requests == []


def test_only_a_refused_login_is_a_wrong_password():
    wanted = state(GROUP, user("ob1"))

    for status in (400, 404, 500, 503):
        with jasmin_api(status=status) as (url, _):
            assert probe(url, wanted, wanted) == set()


def test_a_user_that_is_disabled_missing_or_in_a_disabled_group_is_not_probed():
    wanted = state(GROUP, user("ob1"), user("ob2"), user("ob3", "obh"), user("ob4"))
    found = state(
        GROUP, Group("obh", False), user("ob1", enabled=False), user("ob3", "obh"), user("ob4", "x")
    )
    with jasmin_api() as (url, handler):
        assert probe(url, wanted, found) == set()

    assert handler.requests == []


@pytest.mark.parametrize("talk", [lambda c: None, lambda c: c.sendall(b"220 smtp\r\n\r\n")])
def test_an_http_api_that_is_none_proves_nothing(talk):
    wanted = state(GROUP, user("ob1"), user("ob2"))
    there = Peer(talk)

    assert probe(f"http://127.0.0.1:{there.port}", wanted, wanted) == set()
    there.close()


def test_an_http_api_that_is_silent_is_asked_once(monkeypatch):
    monkeypatch.setattr(jasmin_http, "TIMEOUT", 0.1)
    wanted = state(GROUP, user("ob1"), user("ob2"), user("ob3"))
    connections = []
    there = Peer(
        lambda connection: (connections.append(1), connection.recv(9999), connection.recv(1))
    )

    assert probe(f"http://127.0.0.1:{there.port}", wanted, wanted) == set()
    there.close()

    assert len(connections) == 1


def test_each_user_is_asked_about_in_its_turn(monkeypatch):
    monkeypatch.setattr(password_probe, "USERS_A_PASS", 2)
    users = [user(f"ob{n}") for n in range(5)]
    wanted = state(GROUP, *users)
    with jasmin_api(passwords={one.uid: one.password for one in users}) as (url, handler):
        for turn in range(100, 103):
            probe(url, wanted, wanted, turn)

    asked = [request.split()[1] for request in handler.requests]
    assert sorted(asked) == [one.uid for one in users]


def test_passwords_are_asked_for_in_the_body_and_past_any_proxy(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    wanted = state(GROUP, user("ob1", password="s3cret"))
    with jasmin_api(passwords={"ob1": "s3cret"}) as (url, handler):
        assert probe(url, wanted, wanted) == set()

    assert handler.requests == ["/send ob1"]
