"""What people changed in the settings of our objects by hand is put back by the next pass."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from reconciler.loop import reconcile
from reconciler.result import Ending
from tests.reconciler.drift.test_objects import lets_in
from tests.reconciler.passes import run

pytestmark = pytest.mark.stack


def entries(gateway) -> list[tuple[str, str, list[str]]]:
    """Return what the next pass would do: (kind, action, fields)."""
    result = reconcile(gateway, trigger="command", plan_only=True)
    return [
        (entry["kind"], entry["action"], [field["name"] for field in entry["fields"]])
        for entry in result.changes
    ]


def at_rest(cid: str, *lines: str) -> Sequence[str]:
    """An update of a stopped connector: it binds with that, or tries to."""
    return [f"smppccm -0 {cid}", f"smppccm -u {cid}", *lines, "ok", f"smppccm -1 {cid}"]


def test_a_port_changed_under_a_live_bind_is_put_back_and_the_bind_stays(
    gateway, credential, hand, repair, smsc, console
):
    """The bind with the settings before stays until one with the new ones is up. A later update
    restarts nothing either."""
    cid = credential.gateway_key
    hand(f"smppccm -u {cid}", "port 1", "ok")

    assert entries(gateway) == [("connector", "update", ["port"])]
    assert repair(credential) == [("connector", "update")]
    hand(f"smppccm -u {cid}", "submit_throughput 7", "ok")
    assert repair(credential) == [("connector", "update")]
    assert (smsc.system("acme").live_binds, smsc.system("acme").bind_attempts) == (1, 1)


BIND_SETTINGS = [
    (["password wrong"], ["password"]),
    (["host 127.0.0.9"], ["host"]),
    (["username other"], ["username"]),
    (["systype other"], ["systype"]),
    (["bind transmitter"], ["bind"]),
    (["ssl yes"], ["ssl"]),
    (["addr_range ^1"], ["addr_range"]),
    (["bind_ton 5", "bind_npi 18"], ["bind_ton", "bind_npi"]),
    (["con_fail_retry no", "port 1"], ["port", "con_fail_retry"]),
    (["src_addr THEM", "proto_id 1"], ["src_addr", "proto_id"]),
    (["priority 2", "validity 600"], ["priority", "validity"]),
    (["ripf 1", "def_msg_id 7"], ["ripf", "def_msg_id"]),
]


def test_what_the_bind_depends_on_is_put_back_and_one_bind_is_up(
    gateway, credential, hand, repair, smsc, subtests
):
    for lines, fields in BIND_SETTINGS:
        with subtests.test(lines[0]):
            hand(*at_rest(credential.gateway_key, *lines))
            assert entries(gateway) == [("connector", "update", fields)]

            assert repair(credential) == [("connector", "update")]

            smsc.wait_for(lambda: smsc.system("acme").live_binds == 1)
            assert entries(gateway) == []


def test_what_only_the_traffic_depends_on_is_put_back_under_the_live_bind(
    gateway, credential, hand, repair, smsc
):
    lines = ["submit_throughput 7", "elink_interval 7", "dlr_msgid 2", "src_ton 5", "coding 8"]
    hand(f"smppccm -u {credential.gateway_key}", *lines, "requeue_delay 999", "ok")
    changed = {"submit_throughput", "elink_interval", "dlr_msgid", "src_ton", "coding"}

    ((_, action, fields),) = entries(gateway)

    assert (action, set(fields)) == ("update", changed | {"requeue_delay"})
    assert repair(credential) == [("connector", "update")]
    assert smsc.system("acme").bind_attempts == 1


USER_SETTINGS = {
    "mt_messaging_cred authorization http_send": "no",
    "mt_messaging_cred authorization http_balance": "no",
    "mt_messaging_cred authorization priority": "yes",
    "mt_messaging_cred valuefilter dst_addr": "^336",
    "mt_messaging_cred valuefilter priority": "^9$",
    "mt_messaging_cred defaultvalue src_addr": "THEM",
    "mt_messaging_cred quota balance": "0",
    "mt_messaging_cred quota sms_count": "1",
    "mt_messaging_cred quota http_throughput": "1",
    "smpps_cred authorization bind": "yes",
    "smpps_cred quota max_bindings": "3",
    "gid": "theirs",
    "password": "by-hand",
}


# What `user -u` can't put back: the user is added anew.
REPLACED = {"gid", "password", "mt_messaging_cred defaultvalue src_addr"}


def test_what_was_changed_of_a_user_is_put_back_and_the_bind_stays(
    gateway, credential, hand, repair, smsc, subtests
):
    hand("group -a", "gid theirs", "ok")
    for field, value in USER_SETTINGS.items():
        with subtests.test(field):
            hand(f"user -u {credential.gateway_key}", f"{field} {value}", "ok")

            action = "replace" if field in REPLACED else "update"
            assert entries(gateway) == [("user", action, [field])]
            assert repair(credential) == [("user", action)]

            assert lets_in(gateway, credential)
    assert smsc.system("acme").bind_attempts == 1


def test_looking_for_a_changed_password_sends_nothing(gateway, credential, hand, smsc):
    """Although a route made by hand takes every message."""
    cid = credential.gateway_key
    lines = ["type DefaultRoute", f"connector smppc({cid})", "rate 0"]
    hand("mtrouter -a", *lines, "ok")

    for _ in range(3):
        assert run(gateway).ending is Ending.IN_SYNC

    sent = [row.split() for row in hand("stats --httpapi") if row.startswith("#success_count")]
    assert sent == [["#success_count", "0"]]
    assert smsc.system("acme").submits == []


def test_a_user_that_another_took_over_comes_back_once_its_name_is_free(
    gateway, credential, hand, repair
):
    """`user -a` with our username removes ours in silence."""
    key = credential.gateway_key
    hand("group -a", "gid theirs", "ok")
    hand("user -a", "uid them", "gid theirs", f"username {key}", "password theirs", "ok")

    run(gateway)
    assert [row.split()[0] for row in hand("user -l")[1:-1]] == ["#them"]
    hand("user -r them")

    assert repair(credential) == [("user", "create")]
