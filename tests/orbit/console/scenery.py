"""A site with something in every list, as many rows as wanted: what the console has to show."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.db import transaction
from django.utils import timezone

from messaging.access.models import Access
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential, CredentialStatus
from messaging.notices.models import Notice
from messaging.pools.engine.values import Strategy
from messaging.pools.models import PoolCarrier, PoolMember, SenderPool
from orbit.accounts.actors import SYSTEM
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from reconciler.models import BindChange, ConnectorRecord, Gateway, Placement, Run
from reconciler.status import pass_durations
from tests.factories import made_at, make_api_key
from tests.orbit.console.traffic import build_traffic

_WRONG = (
    "Invalid password (ESME_RINVPASWD): the carrier refused the bind. Ask it for the password of "
    "this account, and rotate."
)
_NO = "Failed adding MTRoute, check log for details"
_ROUTE = (
    "FR, MC through Orange FR 1, Telia Nordic 1, T-Mobile US 1, Vodafone UK 1, Airtel IN 1 and 7 "
    "more"
)
REFUSED = f"{_ROUTE}: {_NO}"  # of the access and its carriers
FAULT = f"organisation Delta Clinics, access: {_ROUTE} (route 2000002): {_NO}"  # of the pass
_DOWN = "the gateway is down: no answer within 10 s"
# bind, bind_error, sync, sync_error, enabled
_STATES = [
    ("bound", "", "synced", "", True),
    ("bound", "", "synced", "", True),
    ("bound", "", "synced", "", True),
    ("unbound", _WRONG, "synced", "", True),
    ("unbound", "connection refused: nothing listens at this port", "synced", "", True),
    ("binding", "", "pending", "", True),
    ("disabled", "", "synced", "", False),
    ("unknown", "", "error", "smsc.example.net does not resolve: no such name", True),
]
_CARRIERS = ["Orange FR", "Telia Nordic", "T-Mobile US", "Vodafone UK", "Airtel IN", "TIM Italia"]
_COUNTRIES = [["FR", "MC"], ["SE", "NO", "DK", "FI"], ["US", "CA"], ["GB"], ["IN"], ["*"]]


def build(rows: int) -> None:
    """`rows` credentials (with a carrier each) of a few organisations on two gateways."""
    now = timezone.now()
    gateways = _gateways(now)
    if not rows:
        return
    names = ["Acme Travel", "Blue Bank", "Corner Shops", "Delta Clinics"]
    organizations = [Organization.objects.create(name=name) for name in names]
    for place, organization in enumerate(organizations):
        Placement.objects.create(organization=organization, gateway=gateways[place % 2])
        make_api_key(organization)
        _access(organization, place, now)
    credentials = Credential.objects.bulk_create(
        _credential(number, organizations[number % 4], now) for number in range(rows)
    )
    CredentialStatus.objects.bulk_create(
        _status(number, row, gateways[0], now) for number, row in enumerate(credentials)
    )
    carriers = Carrier.objects.bulk_create(
        _carrier(number, row) for number, row in enumerate(credentials)
    )
    pools = _pools(carriers[: max(3, rows // 50)])
    build_traffic(carriers, pools, now)
    ConnectorRecord.objects.bulk_create(
        ConnectorRecord(credential=row, host=row.host) for row in credentials
    )
    CarrierTest.objects.bulk_create(
        _test(number, row, now) for number, row in enumerate(carriers[: max(3, rows // 2)])
    )
    told = [each for number, row in enumerate(credentials) for each in _history(number, row, now)]
    BindChange.objects.bulk_create(sorted(told, key=lambda change: change.at))
    Run.objects.bulk_create(_run(number, gateways[0], credentials, now) for number in range(rows))
    _audit(credentials[:200])
    Notice.objects.bulk_create(_notice(*each, now) for each in enumerate(credentials))


def _notice(number: int, row: Credential, now) -> Notice:
    """Two are open."""
    since, is_open = now - timedelta(minutes=12 + number), number < 2
    return Notice(
        key=row.pk, kind="bind", what=f"{row.name} is not bound to {row.host}", since=since,
        why=f"{row.host}:{row.port}: connection refused: nothing listens at this port",
        touches=[["", row.name]], state="open" if is_open else "closed",
        until=None if is_open else since + timedelta(minutes=3),
    )  # fmt: skip


def _gateways(now) -> list[Gateway]:
    common = {"jcli_host": "127.0.0.1", "jcli_username": "jcliadmin", "jcli_password": "hidden!!"}
    common |= {"jasmin_version": "0.11.0", "last_pass_at": now, "enabled": True}
    up = Gateway.objects.create(
        name="main", http_url="http://127.0.0.1:1401", state="up",
        state_since=now - timedelta(hours=19),
        faults=[{"organization_id": "org_d", "error": FAULT}], **common,
    )  # fmt: skip
    down = Gateway.objects.create(
        name="backup", http_url="http://127.0.0.1:1402", state="down",
        state_since=now - timedelta(minutes=4),
        state_reason="Jasmin no longer consumes its queues (RabbitMQ was restarted?): restart "
        "jasmind",
        **common | {"last_pass_at": now - timedelta(minutes=5)},
    )  # fmt: skip
    for gateway, usual in ((up, 0.11), (down, 0.19)):
        _pass_times(gateway, usual, now)
    return [up, down]


def _access(organization: Organization, place: int, now) -> None:
    Access.objects.create(
        organization=organization, enabled=place > 0, password="acc3ss!!", password_set_at=now,
        sync_state=["pending", "synced", "synced", "error"][place], bound_sessions=place % 3,
        sync_error=REFUSED if place == 3 else "",
    )  # fmt: skip


def _pass_times(gateway: Gateway, usual: float, now) -> None:
    """A day of passes, slower by noon, with an outage."""
    for quarter in range(pass_durations.SLOTS):
        with time_machine.travel(now - timedelta(minutes=15 * quarter), tick=False):
            for number in range(3):
                seconds = usual * (1 + 0.4 * number) * (2 - abs(48 - quarter) / 48)
                pass_durations.record(gateway.pk, seconds=seconds, failed=quarter in (36, 37))


def _credential(number: int, organization: Organization, now) -> Credential:
    return Credential(
        organization=organization,
        name=f"{_CARRIERS[number % 6]} {number // 6 + 1}",
        host=f"smpp{number}.example.net",
        port=2775 + number % 3,
        system_id=f"acct{number}",
        password="s3cr3t!!",
        password_set_at=now - timedelta(days=number % 90),
        enabled=_STATES[number % 8][4],
        tls=number % 3 == 0,
    )


def _status(number: int, credential: Credential, gateway: Gateway, now) -> CredentialStatus:
    bind, bind_error, sync, sync_error, _ = _STATES[number % 8]
    return CredentialStatus(
        credential=credential,
        gateway_id=gateway.pk,
        bind_state=bind,
        bind_error=bind_error,
        sync_state=sync,
        sync_error=sync_error,
        bind_since=now - timedelta(minutes=7 * (number % 50) + 1),
        synced_at=now - timedelta(minutes=number % 90),
        observed_at=now,
    )


def _history(number: int, credential: Credential, now) -> list[BindChange]:
    """Bound the day before; most fell in an outage of the gateway in the morning."""
    state, error = _STATES[number % 8][:2]
    since = now - timedelta(minutes=7 * (number % 50) + 1)
    told = [(now - timedelta(hours=30), "bound", "")]
    if number % 4:
        told.append((now - timedelta(hours=9, minutes=20), "unknown", _DOWN))
        told.append((now - timedelta(hours=8, minutes=50), "bound", ""))
    if state != "bound":
        told.append((since, state, error))
    return [
        BindChange(credential=credential, before=before[1], state=state, reason=reason, at=at)
        for before, (at, state, reason) in zip([("", ""), *told], told, strict=False)
    ]


def _carrier(number: int, credential: Credential) -> Carrier:
    return Carrier(
        organization=credential.organization,
        credential=credential,
        name=credential.name,
        countries=_COUNTRIES[number % 6],
        quality=90 - number % 40,
        fallback_order=number % 3 + 1,
        billing_rate="0.0325",
    )


def _pools(carriers: list[Carrier]) -> list[SenderPool]:
    """One a carrier, as long as the list is."""
    pools = SenderPool.objects.bulk_create(
        SenderPool(
            organization=carrier.organization,
            name=f"{carrier.name} senders",
            strategy=list(Strategy)[number % 4],
            sticky=number % 2 == 0,
            geo_match=True,
        )
        for number, carrier in enumerate(carriers)
    )
    PoolCarrier.objects.bulk_create(
        PoolCarrier(pool=pool, carrier=carrier)
        for pool, carrier in zip(pools, carriers, strict=True)
    )
    senders = [("+33700000001", "long_code", []), ("+33700000002", "long_code", ["FR", "MC"]),
               ("38000", "short_code", ["FR"]), ("ACME", "alphanumeric", [])]  # fmt: skip
    PoolMember.objects.bulk_create(
        PoolMember(
            pool=pool, sender=sender, type=kind, countries=countries, position=place,
            enabled=place != 3,
        )
        for pool in pools
        for place, (sender, kind, countries) in enumerate(senders)
    )  # fmt: skip
    return pools


def _test(number: int, carrier: Carrier, now) -> CarrierTest:
    delivered = number % 3 > 0
    steps = [
        {"step": "resolve", "ok": True, "ms": 3, "detail": "203.0.113.7"},
        {"step": "connect", "ok": True, "ms": 41, "detail": "203.0.113.7:2775"},
        {"step": "bind", "ok": delivered, "ms": 87, "detail": "bind_transceiver_resp"},
    ]
    if delivered:
        steps += [
            {"step": "submit", "ok": True, "ms": 64, "detail": "message id 7f3a"},
            {"step": "receipt", "ok": True, "ms": 2240, "detail": "DELIVRD"},
        ]
    commands = ["bind_transceiver", "bind_transceiver_resp", "submit_sm", "submit_sm_resp"]
    pdus = [
        {
            "direction": "in" if command.endswith("_resp") else "out",
            "command": command,
            "sequence": place // 2 + 1,
            "status": "ESME_ROK",
            "fields": {"system_id": "acct"},
            "hex": "0000002f00000009",
        }
        for place, command in enumerate(commands if delivered else commands[:2])
    ]
    failed = {} if delivered else {"cause": "refused", "error": "wrong password", "hint": "Rotate."}
    return CarrierTest(
        carrier=carrier,
        credential=carrier.credential,
        via="direct",
        to="+33612345678",
        sender="Acme",
        body="Test message from Orbit",
        status="delivered" if delivered else "failed",
        steps=steps,
        pdus=pdus,
        encoding="gsm7",
        segments=1,
        started_at=now,
        finished_at=now,
        **failed,
    )


def _run(number: int, gateway: Gateway, credentials: list[Credential], now) -> Run:
    fields = [
        {"name": "port", "actual": "2775", "desired": "2776"},
        {"name": "password", "actual": None, "desired": None},
    ]
    done = [("replace", fields), ("create", []), ("delete", [])][: 1 + number % 3]
    changes = [
        {
            "kind": "connector", "action": action, "fields": fields, "outcome": "done",
            "key": credentials[(number + place) % len(credentials)].gateway_key,
            "reason": {"replace": "differs", "create": "missing", "delete": "not wanted"}[action],
            "drops_bind": action == "replace" and number % 4 == 0,
        }
        for place, (action, fields) in enumerate(done)
    ]  # fmt: skip
    moment = now - timedelta(minutes=3 * (len(credentials) - number))
    state = ["applied", "failed", "applied"][number % 3]
    return Run(
        pk=made_at("run", moment), gateway=gateway, trigger="push", state=state,
        error=FAULT if state == "failed" else "",
        started_at=moment, finished_at=moment, changes=changes, persisted=True,
    )  # fmt: skip


def _audit(credentials: list[Credential]) -> None:
    with transaction.atomic():
        for credential in credentials:
            audit.record(
                by=SYSTEM,
                organization=credential.organization,
                action="credential.created",
                target=credential.pk,
                changes=("host", "port"),
            )
