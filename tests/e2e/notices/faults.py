"""Twelve faults: how each is made, how it ends, and how it has to be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from messaging.notices.decisions import CALM
from tests.e2e.api import CREDENTIALS
from tests.e2e.notices.sites import QUEUE_AGE, WEBHOOK_AGE, Night
from tests.messaging.net.authority import Authority

MINUTE = 60.0  # in which messages are counted: the first whole one is the evidence
PASSWORD = "another1"
# 5 and 60 of 100 fail (every other one, and every fifth of the rest), by an error of the carrier's
# own: for dead numbers, which the simulator names else, it is not to blame.
_OWN = "receipt-error:069"
USUAL = ("receipt:UNDELIV:every=20", _OWN)
FALLEN = ("receipt:UNDELIV:every=2", "receipt:UNDELIV:every=5", _OWN)


@dataclass(frozen=True)
class Fault:
    """- `title`, `cause`: what the notice's title and text have to say, as patterns.
    - `age`: seconds that the fault has to last until it is a condition.
    - `for_operators`: no organisation is told of it."""

    name: str
    title: str
    cause: str
    begin: Callable[[], None] = field(repr=False)
    end: Callable[[], None] = field(repr=False)
    age: float = 0.0
    for_operators: bool = False

    def is_told_by(self, title: str) -> bool:
        return bool(re.search(self.title, title))


def side_by_side(night: Night) -> list[Fault]:
    """Those of carriers, webhooks and the disk: each has its own."""
    return [*_of_binds(night), *_of_traffic(night), *_of_the_rest(night)]


def _of_binds(night: Night) -> list[Fault]:
    return [
        Fault(
            "carrier gone",
            "gone@127.0.0.1 is not bound to ",
            "(?i)refused|closed|reset|no answer",
            night.smscs["gone"].stop,
            night.smscs["gone"].start,
        ),
        Fault(
            "password changed",
            "locked@127.0.0.1 is not bound to ",
            "ESME_RINVPASWD",
            lambda: _lock(night),
            lambda: _unlock(night),
        ),
        Fault(
            "certificate ends",
            "The certificate of certified ends on",
            "it is valid until",
            lambda: _certify(night, days=5),
            lambda: _certify(night, days=300),
        ),
    ]


def _of_traffic(night: Night) -> list[Fault]:
    faults = night.faults
    return [
        Fault(
            "throttled",
            "throttles",
            "ESME_RTHROTTLED",
            lambda: faults("throttling", "throttled:every=2"),
            lambda: faults("throttling"),
        ),
        Fault(
            "slow answers",
            "answers slowly",
            "had no answer within",
            lambda: faults("slow", "slow:4:on=submit"),
            lambda: faults("slow"),
        ),
        Fault(
            "receipts stop",
            "^(Over: )?mute (sends no receipts any more|delivers too little)",
            "FR",
            lambda: faults("mute", "no-receipt"),
            lambda: faults("mute"),
            age=MINUTE,
        ),
        Fault(
            "delivery from 95 to 40 %",
            "^(Over: )?falling delivers too little",
            r"FR \d\d\.\d %, usually 9\d\.\d %",
            lambda: faults("falling", *FALLEN),
            lambda: faults("falling", *USUAL),
            age=MINUTE,
        ),
    ]


def _of_the_rest(night: Night) -> list[Fault]:
    full = night.disk / "full"
    webhook = night.site.api.get("/v1/webhooks").data[0]["id"]

    def fill() -> None:
        full.write_bytes(bytes(22 * 1024 * 1024))

    return [
        Fault(
            "disk nearly full",
            "The disk of the site is nearly full",
            r"[0-9] % of it are free",
            fill,
            full.unlink,
            for_operators=True,
        ),
        Fault(
            "webhooks refused",
            "The webhook to 127.0.0.1 fails",
            "500",
            lambda: _hook(night, webhook, takes=False),
            lambda: _hook(night, webhook, takes=True),
            age=WEBHOOK_AGE,
        ),
    ]


def one_by_one(night: Night) -> list[Fault]:
    """Those of parts that all others need."""
    site = night.site
    return [
        Fault(
            "queue grows",
            "Messages wait too long",
            r"\d+ wait for more than",
            lambda: site.kill("sender"),
            lambda: site.run("sender"),
            age=QUEUE_AGE,
        ),
        Fault(
            "gateway killed",
            "Gateway main is away",
            "connection refused",
            site.jasmin.kill,
            site.jasmin.start,
        ),
        Fault(
            "PostgreSQL away",
            "The database is away",
            "PostgreSQL .*: connection refused",
            site.postgres.kill,
            site.postgres.start,
            for_operators=True,
        ),
    ]


CALM_SECONDS = CALM.total_seconds()


def pair(*, days: int) -> dict[str, str]:
    """A certificate that ends in so many days, and its key."""
    made = Authority().issue(end=days)
    return {"tls_certificate": made.certificate, "tls_key": made.key}


def _certify(night: Night, *, days: int) -> None:
    path = f"{CREDENTIALS}/{night.world.credentials['certified']}"
    answer = night.site.api.call("PATCH", path, pair(days=days))
    assert answer.status == 200, answer.body


def _lock(night: Night) -> None:
    night.smscs["locked"].system("locked").password = PASSWORD
    night.smscs["locked"].drop_binds("locked")


def _unlock(night: Night) -> None:
    answer = night.site.api.rotate(night.world.credentials["locked"], {"password": PASSWORD})
    assert answer.status == 200, answer.body


def _hook(night: Night, webhook: str, *, takes: bool) -> None:
    night.listener.takes_webhooks = takes
    assert night.site.api.post(f"/v1/webhooks/{webhook}/test").status == 202
