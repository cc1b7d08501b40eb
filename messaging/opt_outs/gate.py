"""The gate: the one module that decides whether a message may go to a number, by its opt-outs.

It is asked wherever a message is accepted or handed to a gateway or carrier, once for many
messages. An organisation that never had an opt-out (`Organization.opt_outs` is 0, a column that is
read anyway) costs no query.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from django.db import connection

from messaging.opt_outs import scopes
from messaging.opt_outs.models import Confirmation, Kind, OptOut
from messaging.pools.models import PoolMember
from orbit.accounts.models import Organization
from orbit.api.errors import ApiError
from orbit.db import sealing

OPTED_OUT = "OPTED_OUT"


class Send(NamedTuple):
    """A message to be checked: its recipient, sender and sender pool. Before routing has chosen a
    sender, these are what the message names."""

    to: str
    sender: str = ""
    pool_id: str | None = None


class Message(Protocol):
    """The attributes of a message that `let_through` needs."""

    pk: str
    organization_id: str
    to: str
    wanted_sender: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The opt-out that forbids a message."""

    opt_out_id: str
    scope: str
    source: str

    @property
    def message(self) -> str:
        """The reason, for people."""
        whom = "you" if self.scope == scopes.ORGANIZATION else self.scope
        return f"This number has opted out of messages from {whom} ({self.opt_out_id})."

    def as_error(self) -> ApiError:
        return ApiError(OPTED_OUT, self.message, field="to", details={"opt_out": self.opt_out_id})


class Gate:
    """The opt-outs of some numbers of an organisation, read once for all."""

    def __init__(self, organization_id: str, numbers: Iterable[str]) -> None:
        self._found = _opt_outs(organization_id, set(numbers))
        pools = {scope for rows in self._found.values() for scope in rows if scopes.is_pool(scope)}
        self._members = _members(pools)
        self._passing = _confirmations(organization_id, self._found)

    @property
    def is_open(self) -> bool:
        """Whether none of the numbers is on the list."""
        return not self._found

    def refusal(self, send: Send, *, message_id: str = "") -> Refusal | None:
        """The opt-out that forbids this message; None if it may go out. Confirmations of STOP and
        HELP may."""
        if message_id and message_id in self._passing:
            return None
        sender = send.sender.casefold()  # alphanumeric senders compare without case
        for scope, refusal in self._found.get(send.to, {}).items():
            if scope in (scopes.ORGANIZATION, send.pool_id) or scope.casefold() == sender:
                return refusal
            if send.sender in self._members.get(scope, ()):
                return refusal
        return None


def refused(organization_id: str, sends: Iterable[Send]) -> dict[Send, Refusal]:
    """Those of `sends` that may not go out, with the opt-out."""
    wanted = set(sends)
    gate = Gate(organization_id, {each.to for each in wanted})
    if gate.is_open:
        return {}
    found = ((each, gate.refusal(each)) for each in wanted)
    return {each: refusal for each, refusal in found if refusal}


def refusal(organization: Organization, send: Send) -> Refusal | None:
    """The opt-out that forbids one message, or None. `organization`: as read for this request."""
    if not organization.opt_outs:
        return None
    return refused(organization.pk, [send]).get(send)


def let_through(kind: Kind, messages: Iterable[Message]) -> None:
    """Let these confirmations of STOP, START or HELP pass. Call it in the transaction that stores
    them."""
    rows = [
        Confirmation(
            message_id=each.pk,
            organization_id=each.organization_id,
            number=each.to,
            sender=each.wanted_sender,
            kind=kind,
        )
        for each in messages
    ]
    Confirmation.objects.bulk_create(rows)


def _opt_outs(organization_id: str, numbers: set[str]) -> dict[str, dict[str, Refusal]]:
    """Opt-outs by number and scope; the scope `organization`, the widest, comes first."""
    number_of = {form: each for each in numbers for form in sealing.spellings(each)}
    found: dict[str, dict[str, Refusal]] = defaultdict(dict)
    for pk, key, scope, source in _rows(organization_id, list(number_of)):
        found[number_of[key]][scope] = Refusal(pk, scope, source)
    return {
        number: dict(sorted(rows.items(), key=lambda row: row[0] != scopes.ORGANIZATION))
        for number, rows in found.items()
    }


def _confirmations(organization_id: str, numbers: Collection[str]) -> set[str]:
    """Ids of confirmations to these numbers that may pass. Those of START may not: if there is an
    opt-out, the person has sent STOP since."""
    if not numbers:
        return set()
    rows = Confirmation.objects.filter(
        organization=organization_id, number__in=numbers, kind__in=(Kind.STOP, Kind.HELP)
    )
    return set(rows.order_by().values_list("pk", flat=True))


def _rows(organization_id: str, keys: list[str]) -> list[tuple[str, str, str, str]]:
    """Id, number's key, scope and source."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        parameter = keys if connection.vendor == "postgresql" else json.dumps(keys)
        cursor.execute(statement(), [organization_id, parameter])
        return cursor.fetchall()


def statement() -> str:
    """Written by hand: it runs for each message, and building it in the ORM takes longer than the
    query."""
    is_list = connection.vendor == "postgresql"
    wanted = "= ANY(%s)" if is_list else "IN (SELECT value FROM json_each(%s))"
    return (
        f"SELECT id, {_KEY}, scope, source FROM {_TABLE}"  # nosec B608  # our names
        f" WHERE organization_id = %s AND {_KEY} {wanted}"
    )


_TABLE = OptOut._meta.db_table
_KEY = f"SUBSTR(number, 1, {sealing.DIGEST_LENGTH})"  # as in the index `opt_out_once`


def _members(pool_ids: set[str]) -> dict[str, set[str]]:
    """The senders of these pools."""
    members: dict[str, set[str]] = defaultdict(set)
    if pool_ids:
        rows = PoolMember.objects.filter(pool__in=pool_ids).order_by()
        for pool_id, sender in rows.values_list("pool_id", "sender"):
            members[pool_id].add(sender)
    return members
