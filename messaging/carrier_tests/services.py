"""Start a test send."""

from __future__ import annotations

import secrets

from django.db import IntegrityError, transaction

from messaging.carrier_tests import recovery
from messaging.carrier_tests.enqueue import start_on_commit
from messaging.carrier_tests.models import CarrierTest, TestVia
from messaging.carrier_tests.serializers import DEFAULT_BODY
from messaging.carriers.models import Carrier
from messaging.carriers.ranking import serves
from messaging.countries import country_of
from messaging.credentials import bind_limits
from messaging.credentials.bind_state import all_in_use, is_bound, would_disturb
from messaging.credentials.models import Credential
from messaging.opt_outs import gate
from messaging.opt_outs.gate import Send
from messaging.routing.previews import sender_of_a_test
from messaging.smpp.protocol.segmentation import Encoded, TextTooLong, encode
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.quotas import services as quotas
from orbit.api.errors import ApiError

TESTED = "carrier.tested"


def start(*, by: Actor, carrier: Carrier, fields: dict) -> CarrierTest:
    """Create a test of `carrier` (from `selectors.lock`) and queue it on commit.

    `fields`: as CarrierTestSerializer has them. Raises NO_ROUTE, NO_ELIGIBLE_SENDER, OPTED_OUT,
    VALIDATION_ERROR on `force`, RATE_LIMIT_EXCEEDED after too many refused binds, QUOTA_EXCEEDED
    and INVALID_STATE while other tests of the organisation, or one of the credential, run.
    """
    to, force = fields["to"], fields.get("force", False)
    _check_country(carrier, to)
    sender = fields.get("sender") or sender_of_a_test(carrier, to)
    if sender is None:
        raise ApiError(
            "NO_ELIGIBLE_SENDER",
            "No sender pool of this carrier has a sender for this number: name one in `from`.",
            field="from",
        )
    if refusal := gate.refusal(carrier.organization, Send(to, sender)):
        raise refusal.as_error()
    via = _via(carrier.credential, fields.get("via"), force=force)
    caller = bind_limits.caller_of(by)
    if via == TestVia.DIRECT:
        _check_refusals(carrier.credential, caller)
    body = fields.get("body", DEFAULT_BODY)
    text = _encoded(body, carrier.credential)
    test = CarrierTest(
        carrier=carrier,
        credential=carrier.credential,
        via=via,
        caller=caller,
        force=force,
        to=to,
        sender=sender,
        body=body,
        encoding=text.encoding.name,
        segments=text.segments,
        dlr_token=secrets.token_hex(16) if via == TestVia.GATEWAY else "",
    )
    recovery.end_overdue(CarrierTest.objects.filter(carrier__organization=carrier.organization))
    under_way = CarrierTest.objects.filter(
        carrier__organization=carrier.organization, finished_at=None
    )
    quotas.require(carrier.organization, "carrier_tests", under_way)
    _save(test)
    audit.record(
        by=by,
        organization=carrier.organization,
        action=TESTED,
        target=carrier.id,
        detail=f"{test.id}, {via}",
    )
    start_on_commit(test.id)
    return test


def _check_country(carrier: Carrier, to: str) -> None:
    country = country_of(to)
    if serves(carrier.countries, country):
        return
    whose = f"a number of {country}" if country else "a number of no country"
    raise ApiError(
        "NO_ROUTE",
        f"This is {whose}, and the carrier serves {', '.join(carrier.countries)} only.",
        field="to",
        details={"country": country, "countries": carrier.countries},
    )


def _encoded(body: str, credential: Credential) -> Encoded:
    """Encode the text for this carrier: `gsm_data_coding` changes how many segments it needs."""
    try:
        return encode(body, credential.gsm_data_coding)
    except TextTooLong as error:
        raise ApiError("VALIDATION_ERROR", str(error), field="body") from None


def _via(credential: Credential, wanted: str | None, *, force: bool) -> TestVia:
    usual = TestVia.GATEWAY if is_bound(credential) else TestVia.DIRECT
    via = TestVia(wanted) if wanted else usual
    if via == TestVia.DIRECT and not force and _disturbs(credential):
        raise ApiError(
            "VALIDATION_ERROR",
            f"{all_in_use(credential)}: a further one would be refused, drop a live one, or take "
            "its receipts. Test with `via`: gateway, or send `force`: true.",
            field="force",
            details={"expected": "true, to disturb live traffic"},
        )
    return via


def _disturbs(credential: Credential) -> bool:
    return would_disturb(credential, binds=len(credential.bind_types))


def _check_refusals(credential: Credential, caller: str) -> None:
    """Raise RATE_LIMIT_EXCEEDED after too many refused binds. The worker checks again, by
    address."""
    try:
        bind_limits.check(caller=caller, credential=credential)
    except bind_limits.TooManyRefused as refusal:
        raise refusal.as_api_error() from None


def _save(test: CarrierTest) -> None:
    """Raises INVALID_STATE naming the test that is running."""
    others = CarrierTest.objects.filter(credential=test.credential_id, finished_at=None)
    recovery.end_overdue(others)
    try:
        with transaction.atomic():
            test.save(force_insert=True)
    except IntegrityError:
        running = others.values_list("pk", flat=True).first()
        if running is None:
            raise
        raise ApiError(
            "INVALID_STATE",
            f"{running} is under way, and a credential is tested once at a time: wait for its end.",
            details={"test_id": running},
        ) from None
