"""Act on keywords in arriving texts: STOP adds an opt-out, START removes it, HELP is answered.

The list is changed first, then a confirmation is sent from the number that the text came to, at
most once a day for each kind. Both happen in the transaction that stores the texts. Several texts
of one phone in a page take effect in their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from messaging.countries import country_of
from messaging.inbound import addresses
from messaging.inbound.arrival import Arrival
from messaging.opt_out_texts import confirmations
from messaging.opt_out_texts.models import NearMiss
from messaging.opt_outs import changes, preferences, scopes, words
from messaging.opt_outs.models import Kind, OptOut, OptOutSettings, Source
from messaging.opt_outs.words import Match, Word
from messaging.own_numbers import keywords
from messaging.pools.models import PoolMember
from messaging.smpp.protocol.data_coding import Charset

Phone = tuple[str, str]
"""Organisation and number."""


@dataclass(frozen=True)
class Asked:
    """A text that says nothing but a keyword. `pools`: the pools of the number that it came to."""

    arrival: Arrival
    word: Word
    settings: OptOutSettings
    pools: Collection[str] = field(default=())

    @property
    def phone(self) -> Phone:
        return self.arrival.message.organization_id, self.arrival.message.sender

    @property
    def kind(self) -> Kind:
        return Kind(self.word.kind)

    def scopes(self) -> list[str]:
        """The scopes that STOP adds here."""
        if self.settings.scope == scopes.SENDER:
            return [self.arrival.message.receiver[: scopes.MAX_LENGTH]]
        if self.settings.scope == scopes.POOL and self.pools:
            return sorted(self.pools)
        return [scopes.ORGANIZATION]


def read(arrivals: Sequence[Arrival]) -> set[str]:
    """Act on these texts; return the ids of those that get no other answer (`arrival.Reader`)."""
    readable = [each for each in arrivals if _is_readable(each)]
    if not readable:
        return set()
    settings = preferences.of({each.message.organization_id for each in readable})
    pools = _pools(readable)
    asked, near = [], []
    for each in readable:
        own = settings[each.message.organization_id]
        of_number = pools.get((own.organization_id, each.message.receiver), ())
        match = _match(each, own, of_number)
        if match is None or not (_is_sure(each) or match.word.kind == words.STOP):
            continue
        if not (match.whole and _is_sure(each)):
            near.append(_near_miss(each, match.word))
        elif not _gives_way(each, match.word):
            asked.append(Asked(each, match.word, own, of_number))
    NearMiss.objects.bulk_create(near)
    return {pk for some in _in_order(asked) for pk in _do(some)}


def _is_readable(arrival: Arrival) -> bool:
    """Whether the text can be a person's: names and short codes are machines."""
    message = arrival.message
    is_phone = message.from_is_e164 or addresses.is_number(message.sender)
    return is_phone and message.charset != Charset.BINARY


def _is_sure(arrival: Arrival) -> bool:
    """Whether STOP may take effect by itself. If parts are missing, or the number's country is
    unknown, a person decides."""
    return arrival.message.from_is_e164 and arrival.message.complete


def _pools(arrivals: Sequence[Arrival]) -> Mapping[Phone, set[str]]:
    """The pools that a number is a sender of, by organisation and number."""
    found: dict[Phone, set[str]] = defaultdict(set)
    rows = PoolMember.objects.filter(
        pool__organization__in={each.message.organization_id for each in arrivals},
        sender__in={each.message.receiver for each in arrivals},
    ).order_by()
    for organization_id, sender, pool_id in rows.values_list(
        "pool__organization_id", "sender", "pool_id"
    ):
        found[organization_id, sender].add(pool_id)
    return found


def _match(arrival: Arrival, settings: OptOutSettings, pools: Collection[str]) -> Match | None:
    if not settings.enabled:
        return None
    own: dict[str, list[str]] = {kind: [*each] for kind, each in settings.keywords.items()}
    for pool_id in sorted(pools):
        for kind, each in settings.pools.get(pool_id, {}).items():
            own.setdefault(kind, []).extend(each)
    country = country_of(arrival.message.sender)
    return words.vocabulary(country, settings.languages, own).find(arrival.message.body)


def _gives_way(arrival: Arrival, word: Word) -> bool:
    """Whether the number's own keyword wins over this word: it does over HELP and over words with
    an everyday meaning, never over other words for STOP."""
    if not arrival.keyword:
        return False
    same = words.key(arrival.keyword["word"]) == words.key(word.text)
    return same and (word.alone or word.kind == words.HELP)


def _near_miss(arrival: Arrival, word: Word) -> NearMiss:
    message = arrival.message
    return NearMiss(message_id=message.pk, organization_id=message.organization_id, word=word.text)


def _in_order(asked: Sequence[Asked]) -> Iterator[list[Asked]]:
    """Split into runs in which no phone asks for two different things."""
    piece: list[Asked] = []
    kinds: dict[Phone, Kind] = {}
    for each in asked:
        if kinds.setdefault(each.phone, each.kind) != each.kind:
            yield piece
            piece, kinds = [], {each.phone: each.kind}
        piece.append(each)
    if piece:
        yield piece


def _do(asked: Sequence[Asked]) -> set[str]:
    """Carry out a run; return the ids of texts that get no other answer."""
    by_kind: dict[Kind, list[Asked]] = {kind: [] for kind in Kind}
    for each in asked:
        by_kind[each.kind].append(each)
    _stop(by_kind[Kind.STOP])
    by_kind[Kind.START] = _start(by_kind[Kind.START])
    silent = set()
    for kind, some in by_kind.items():
        for each in some:
            message = each.arrival.message
            message.keyword = message.keyword or each.word.text[: keywords.MAX_WORD]
            silent.add(message.pk)
        confirmations.send(kind, [(each.arrival, _reply(each)) for each in some])
    return silent


def _stop(asked: Sequence[Asked]) -> None:
    changes.add(
        OptOut(
            organization_id=each.arrival.message.organization_id,
            number=each.arrival.message.sender,
            scope=scope,
            source=Source.KEYWORD,
            message_id=each.arrival.message.pk,
            reason=each.word.text,
        )
        for each in asked
        for scope in each.scopes()
    )


def _start(asked: Sequence[Asked]) -> list[Asked]:
    """Remove the opt-outs that START ends; return the texts that ended one. Others mean something
    else by START, and get no confirmation."""
    if not asked:
        return []
    rows = OptOut.objects.filter(
        organization__in={each.phone[0] for each in asked},
        number__in={each.phone[1] for each in asked},
    )
    by_phone: dict[Phone, list[OptOut]] = defaultdict(list)
    for row in rows.order_by():
        by_phone[row.organization_id, row.number].append(row)
    found, taken = [], {}
    for each in asked:
        ended = {scopes.ORGANIZATION, each.arrival.message.receiver, *each.pools}
        own = [row for row in by_phone[each.phone] if row.scope in ended]
        if own:
            found.append(each)
            taken |= {row.pk: (row, each.arrival.message.pk) for row in own}
    changes.remove(
        [row for row, _ in taken.values()],
        source=Source.KEYWORD,
        message_ids={pk: message_id for pk, (_, message_id) in taken.items()},
    )
    return found


def _reply(asked: Asked) -> str:
    country = country_of(asked.arrival.message.sender)
    return preferences.reply(asked.settings, asked.kind, asked.word, country)
