"""The gate: no message goes to a number that has opted out of it. The one module that decides.

Who is about to take a message, or to hand one to a gateway or a carrier, asks here for all of them
at once. Where the organisation has never had an opt-out (`Organization.opt_outs` is 0, which comes
with a row that is read anyway) nothing has to be asked.
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
    """A message that is to go out: to whom, and from what it is known to come, `sender` and sender
    pool. Before the choice of a sender it is only known what the message names."""

    to: str
    sender: str = ""
    pool_id: str | None = None


class Message(Protocol):
    """What `let_through` needs of one."""

    pk: str
    organization_id: str
    to: str
    wanted_sender: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The opt-out that stands in the way."""

    opt_out_id: str
    scope: str
    source: str

    @property
    def message(self) -> str:
        """Why, for people."""
        whom = "you" if self.scope == scopes.ORGANIZATION else self.scope
        return f"This number has opted out of messages from {whom} ({self.opt_out_id})."

    def as_error(self) -> ApiError:
        return ApiError(OPTED_OUT, self.message, field="to", details={"opt_out": self.opt_out_id})


class Gate:
    """What stands in the way of messages to some numbers of an organisation, read once for all."""

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
        """Why the message may not go out; None if it may. What confirms a STOP may."""
        if message_id and message_id in self._passing:
            return None
        sender = send.sender.casefold()  # a name is one name, however it is written
        for scope, refusal in self._found.get(send.to, {}).items():
            if scope in (scopes.ORGANIZATION, send.pool_id) or scope.casefold() == sender:
                return refusal
            if send.sender in self._members.get(scope, ()):
                return refusal
        return None


def refused(organization_id: str, sends: Iterable[Send]) -> dict[Send, Refusal]:
    """Those of `sends` that may not go out."""
    wanted = set(sends)
    gate = Gate(organization_id, {each.to for each in wanted})
    if gate.is_open:
        return {}
    found = ((each, gate.refusal(each)) for each in wanted)
    return {each: refusal for each, refusal in found if refusal}


def refusal(organization: Organization, send: Send) -> Refusal | None:
    """Why this one may not go out. `organization`: as read for this request."""
    if not organization.opt_outs:
        return None
    return refused(organization.pk, [send]).get(send)


def let_through(kind: Kind, messages: Iterable[Message]) -> None:
    """Let these pass, which answer a person's STOP, START or HELP; in the transaction that stores
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
    """By number and scope; the organisation's first, which says most."""
    number_of = {form: each for each in numbers for form in sealing.spellings(each)}
    found: dict[str, dict[str, Refusal]] = defaultdict(dict)
    for pk, key, scope, source in _rows(organization_id, list(number_of)):
        found[number_of[key]][scope] = Refusal(pk, scope, source)
    return {
        number: dict(sorted(rows.items(), key=lambda row: row[0] != scopes.ORGANIZATION))
        for number, rows in found.items()
    }


def _confirmations(organization_id: str, numbers: Collection[str]) -> set[str]:
    """Ids of the messages to these numbers that pass. What confirms START does not: a STOP since
    then makes it untrue."""
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
    """Made by hand: each message may need it, and Django takes longer to write the statement than
    the database to answer."""
    is_list = connection.vendor == "postgresql"
    wanted = "= ANY(%s)" if is_list else "IN (SELECT value FROM json_each(%s))"
    return (
        f"SELECT id, {_KEY}, scope, source FROM {_TABLE}"  # nosec B608  # our names
        f" WHERE organization_id = %s AND {_KEY} {wanted}"
    )


_TABLE = OptOut._meta.db_table
_KEY = f"SUBSTR(number, 1, {sealing.DIGEST_LENGTH})"  # as the index of `opt_out_once` has it


def _members(pool_ids: set[str]) -> dict[str, set[str]]:
    """The senders of these pools."""
    members: dict[str, set[str]] = defaultdict(set)
    if pool_ids:
        rows = PoolMember.objects.filter(pool__in=pool_ids).order_by()
        for pool_id, sender in rows.values_list("pool_id", "sender"):
            members[pool_id].add(sender)
    return members
