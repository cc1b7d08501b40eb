"""What a page of texts needs to know, read once: credentials, their carriers' countries,
numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.own_numbers import selectors
from messaging.own_numbers.selectors import Account, Registered
from messaging.smpp.protocol.data_coding import Charset

_WAIT = timedelta(seconds=Credential._meta.get_field("inbound_parts_timeout").get_default())


@dataclass(frozen=True)
class Bind:
    """A credential as texts need it; the default stands for a deleted one."""

    id: str | None = None
    organization_id: str | None = None
    account: Account | None = None
    charset: Charset = Charset.GSM7
    wait: timedelta = _WAIT


class Facts:
    """Credentials and countries, read once. `credential_ids`: those that the texts came by."""

    def __init__(self, credential_ids: Iterable[str | None]) -> None:
        rows = Credential.objects.filter(pk__in={*credential_ids} - {None}).order_by()
        columns = rows.values_list(
            "pk", "organization_id", "host", "port", "system_id", "inbound_charset",
            "inbound_parts_timeout",
        )  # fmt: skip
        self._binds = {
            pk: Bind(
                pk, owner, (host, port, system_id), Charset(charset), timedelta(seconds=seconds)
            )
            for pk, owner, host, port, system_id, charset, seconds in columns
        }

    def bind(self, credential_id: str | None) -> Bind:
        return self._binds.get(credential_id, _GONE)

    def wait(self, credential_id: str | None) -> timedelta:
        """How long a part waits for the other parts of its text."""
        return self.bind(credential_id).wait

    def countries(self, credential_id: str | None) -> frozenset[str]:
        """The countries of the organisation's carriers at this account. (A receiver has no carrier
        of its own.)"""
        bind = self.bind(credential_id)
        return self._countries.get((bind.organization_id, bind.account), frozenset())

    @cached_property
    def _countries(self) -> Mapping[tuple[str | None, Account | None], frozenset[str]]:
        organizations = {bind.organization_id for bind in self._binds.values()}
        rows = Carrier.objects.filter(organization__in=organizations).order_by()
        columns = rows.values_list(
            "organization_id", "credential__host", "credential__port", "credential__system_id",
            "countries",
        )  # fmt: skip
        found: dict[tuple[str | None, Account | None], set[str]] = defaultdict(set)
        for owner, host, port, system_id, listed in columns:
            found[owner, (host, port, system_id)].update(listed)
        return {place: frozenset(countries) for place, countries in found.items()}


class Numbers:
    """The registered numbers of these organisations that have one of these spellings."""

    def __init__(self, organization_ids: Collection[str], spellings: Collection[str]) -> None:
        self._found = selectors.registered(organization_ids, spellings) if spellings else {}

    def at(self, bind: Bind, spellings: Iterable[str]) -> Registered | None:
        """The number registered for this credential, else for another credential of its account."""
        found = [
            each
            for spelling in spellings
            for each in self._found.get((bind.organization_id or "", spelling), ())
            if each.account == bind.account
        ]
        own = (each for each in found if each.credential_id == bind.id)
        return next(own, found[0] if found else None)

    def is_own(self, organization_id: str, number: str) -> bool:
        """Whether it is one of the organisation's numbers, on any credential."""
        return (organization_id, number) in self._found


_GONE = Bind()
