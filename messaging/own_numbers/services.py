"""Writes of numbers: create, update, delete.

Every function runs in the caller's transaction and writes the change and its audit row together.
The gateway knows no numbers, so nothing is pushed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from messaging import optimistic_locking
from messaging.credentials import references
from messaging.numbers import SenderType, sender_type
from messaging.own_numbers.models import OwnNumber
from messaging.own_numbers.serializers import EXPECTED
from messaging.webhooks import endpoints
from orbit.accounts.actors import Actor
from orbit.accounts.audit import services as audit
from orbit.accounts.models import Organization
from orbit.accounts.quotas import services as quotas
from orbit.api.field_errors import refused_value

CREATED, UPDATED, DELETED = "number.created", "number.updated", "number.deleted"


def create(*, by: Actor, organization: Organization, fields: dict) -> OwnNumber:
    """Add a number. `fields`: as validated by NumberSerializer.

    Raises QUOTA_EXCEEDED, INVALID_WEBHOOK_URL; VALIDATION_ERROR on `credential_id`, on `countries`,
    and on `number` if the credential has it already.
    """
    quotas.require(organization, "numbers", OwnNumber.objects.filter(organization=organization))
    number = OwnNumber(organization=organization, **fields)
    _check(number, fields)
    with _duplicates_refused(number):
        number.save(force_insert=True)
    _record(by, number, CREATED, changes=tuple(fields))
    return number


def update(*, by: Actor, number: OwnNumber, fields: dict) -> None:
    """Write the fields that differ from the stored values, and an audit row in any case.

    `number` comes from `selectors.lock`. Raises what `create` raises, and INVALID_STATE.
    """
    changed = optimistic_locking.changes_of(number, fields)
    stored = OwnNumber(**{name: getattr(number, name) for name in _IDENTITY})
    for name, value in changed.items():
        if name in _IDENTITY:
            setattr(stored, name, value)
    stored.organization = number.organization
    _check(stored, changed)
    if changed:
        with _duplicates_refused(stored):
            optimistic_locking.compare_and_set(number, changed, among=OwnNumber.objects.all())
    _record(by, number, UPDATED, changes=tuple(changed))


def delete(*, by: Actor, number: OwnNumber) -> None:
    """Delete a number (from `selectors.lock`). Texts that came to it stay. Raises INVALID_STATE."""
    gone, _ = OwnNumber.objects.filter(pk=number.pk, version=number.version).delete()
    if not gone:
        raise optimistic_locking.changed_meanwhile(number)
    _record(by, number, DELETED)


_IDENTITY = ("number", "countries", "credential_id")


def _check(number: OwnNumber, written: Mapping[str, Any]) -> None:
    """Check the fields that can only be judged with the whole row or the database."""
    is_short = sender_type(number.number) is SenderType.SHORT_CODE
    if is_short and not number.countries:
        raise refused_value(
            "countries", [], "A short code needs the countries in which it is one.",
            expected=EXPECTED,
        )  # fmt: skip
    if not is_short and number.countries:
        raise refused_value(
            "countries", number.countries, "A number in E.164 says its country itself.",
            expected=EXPECTED,
        )  # fmt: skip
    if "credential_id" in written:
        references.lock_receiving_credential(
            organization=number.organization, credential_id=number.credential_id
        )
    urls = {"webhook_url": written.get("webhook_url")} | {
        f"keywords[{place}].webhook_url": each["webhook_url"]
        for place, each in enumerate(written.get("keywords", ()))
    }
    for field, url in urls.items():
        if url:
            # Each attempt looks the name up: a request does not wait for that.
            endpoints.check(url, field=field, look_up=False)


@contextmanager
def _duplicates_refused(number: OwnNumber) -> Iterator[None]:
    """Turn the database's IntegrityError into a fault of `number` with the other's id."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        same = OwnNumber.objects.filter(
            credential=number.credential_id, number=number.number
        ).first()
        if same is None:
            raise
        said = f"This number is on this credential already: {same.pk}. Change that one."
        raise refused_value("number", number.number, said, expected=EXPECTED) from None


def _record(by: Actor, number: OwnNumber, action: str, changes: tuple[str, ...] = ()) -> None:
    audit.record(
        by=by,
        organization=number.organization,
        action=action,
        target=number.id,
        changes=changes,
    )
