"""Looks for a term in each noun that the operator may see.

Numbers and carriers' message ids are looked up in tables of millions of rows, each by an index.
Names and hosts are looked for as parts, in tables that have as many rows as people have made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest

from messaging.campaigns.models import Campaign
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.credentials.selectors import SECRETS
from messaging.inbound.models import InboundMessage
from messaging.messages.models import Message
from messaging.notices.models import Notice, NoticeState
from messaging.opt_outs.models import OptOut
from messaging.own_numbers.models import OwnNumber
from messaging.pools.models import SenderPool
from messaging.receipts import strays
from messaging.receipts.models import StrayReceipt
from messaging.receipts.parts import owners_of_keys
from messaging.webhooks.models import Webhook
from orbit.accounts.models import ApiKey, Member, Organization
from orbit.console.credentials.admin import status_of
from orbit.console.links import link
from orbit.console.roles import OPERATE
from orbit.console.search.terms import Term
from orbit.console.search.values import SHOWN, Found, Group, group, with_rows
from orbit.console.templatetags.console import host, number_for
from orbit.console.viewer import may_see
from reconciler.models import Gateway

_MESSAGE = ("to", "status", "created_at", "organization__name", "carrier__name")
_KEY_PREFIX = 16  # characters of an API key that are kept


def look(request: HttpRequest, term: Term) -> list[Group]:
    """Those groups that have rows."""
    groups = [*_by_number(request, term), *_by_message_id(request, term), *_by_name(request, term)]
    return with_rows(groups)


def _by_number(request: HttpRequest, term: Term) -> Iterator[Group]:
    numbers, q = term.numbers, term.text

    def message(row: Message) -> Found:
        return _message(request, row)

    def text(row: InboundMessage) -> Found:
        name = link(row, f"from {number_for(row.sender, request.user) or 'no number'}")
        return Found(name, row.organization, "", f"to {row.receiver or '–'}", row.received_at)

    if numbers and may_see(Message):
        rows = _messages().filter(to__in=numbers).order_by("-pk")
        yield group("Messages to it", rows, message, q=q, created="any")
    if numbers and may_see(InboundMessage):
        rows = InboundMessage.objects.filter(sender__in=numbers).select_related("organization")
        rows = rows.only("sender", "receiver", "received_at", "organization__name")
        yield group("Texts from it", rows.order_by("-pk"), text, q=q, created="any")
    if numbers and may_see(OptOut):
        rows = OptOut.objects.filter(number__in=numbers).select_related("organization")
        yield group(
            "Opt-outs", rows.order_by("-pk"),
            lambda row: Found(link(row, number_for(row.number, request.user)), row.organization,
                              "", row.source, row.created_at), q=q,
        )  # fmt: skip
    if may_see(OwnNumber):
        # Numbers of organisations are no secret of a person: each role finds them.
        rows = OwnNumber.objects.filter(number__in=[*numbers, q, f"+{q.lstrip('+')}"])
        yield group(
            "Numbers of organisations", rows.select_related("organization").order_by("-pk"),
            lambda row: Found(link(row, row.number), row.organization, said=f"to {row.route}"), q=q,
        )  # fmt: skip


def _by_message_id(request: HttpRequest, term: Term) -> Iterator[Group]:
    """Messages and tests that a carrier gave this id, in any of its spellings, and receipts that
    name it and matched neither."""
    owners = owners_of_keys(term.keys) if may_see(Message) or may_see(CarrierTest) else []
    if may_see(Message):
        found = _in_order(_messages(), owners)
        yield group("Messages with this id of a carrier", found, lambda row: _message(request, row))
    if may_see(CarrierTest):
        tests = CarrierTest.objects.select_related("carrier__organization")
        yield group(
            "Test sends with this id of a carrier",
            _in_order(tests.defer("pdus", "steps", "dlr_token"), owners),
            lambda row: Found(link(row, f"test of {row.carrier.name}"), row.carrier.organization,
                              row.status, row.via, row.created_at),
        )  # fmt: skip
    if may_see(StrayReceipt):
        yield group(
            "Receipts with this id that matched no message",
            _in_order(_strays(), strays.of_keys(term.keys)),
            lambda row: Found(link(row, ", ".join(row.ids)), row.organization, "",
                              row.word, row.received_at),
        )  # fmt: skip


def _in_order(rows: QuerySet, keys: Sequence[str | int]) -> list[Model]:
    found = rows.in_bulk(keys[: SHOWN + 1])
    return [found[key] for key in keys if key in found]


def _strays() -> QuerySet[StrayReceipt]:
    rows = StrayReceipt.objects.select_related("organization")
    return rows.only("ids", "word", "received_at", "organization__name")


def _messages():
    return Message.objects.select_related("organization", "carrier").only(*_MESSAGE)


def _message(request: HttpRequest, row: Message) -> Found:
    said = f"by {row.carrier.name}" if row.carrier else ""
    name = link(row, f"to {number_for(row.to, request.user)}")
    return Found(name, row.organization, row.status, said, row.created_at)


def _by_name(request: HttpRequest, term: Term) -> Iterator[Group]:
    name = term.name
    if not name:
        return
    yield from _wire(name)
    if may_see(Organization):
        rows = Organization.objects.filter(name__icontains=name).order_by("name")
        yield group("Organisations", rows, lambda row: Found(link(row), said=row.pk), q=name)
    if may_see(Carrier):
        rows = Carrier.objects.filter(name__icontains=name).select_related("organization")
        yield group("Carriers", rows.order_by("name"), _named, q=name)
    if may_see(SenderPool):
        rows = SenderPool.objects.filter(Q(name__icontains=name) | Q(members__sender=name))
        rows = rows.select_related("organization").distinct().order_by("name")
        yield group("Sender pools", rows, _named, q=name)
    if may_see(Campaign):
        rows = Campaign.objects.filter(name__icontains=name).select_related("organization")
        yield group(
            "Campaigns", rows.defer("body", "common_variables", "forgotten").order_by("-pk"),
            lambda row: Found(link(row), row.organization, row.status, "", row.created_at), q=name,
        )  # fmt: skip
    yield from _people(request, name)


def _named(row: Carrier | SenderPool) -> Found:
    return Found(link(row), row.organization)


def _wire(name: str) -> Iterator[Group]:
    """What has this host, system_id or name: incidents, credentials, gateways."""
    if may_see(Notice):
        rows = Notice.objects.filter(state=NoticeState.OPEN, what__icontains=name).order_by("-pk")
        yield group("Open incidents", rows, lambda row: Found(link(row), at=row.since))
    if may_see(Credential):
        rows = Credential.objects.live().annotate(others=Cast("backups", TextField()))
        rows = rows.filter(
            Q(system_id__icontains=name)
            | Q(host__icontains=name)
            | Q(name__icontains=name)
            | Q(others__icontains=name)
        )
        rows = rows.select_related("organization", "status").defer(*SECRETS).order_by("name")
        yield group(
            "Credentials", rows,
            lambda row: Found(link(row), row.organization, status_of(row, "bind_state"),
                              f"{row.system_id}@{row.host}:{row.port}"), q=name,
        )  # fmt: skip
    if may_see(Gateway):
        wanted = Q(name__icontains=name) | Q(jcli_host=name) | Q(smpp_host=name)
        rows = Gateway.objects.filter(wanted).defer("jcli_password", "amqp_url").order_by("name")
        yield group("Gateways", rows, lambda row: Found(link(row), None, row.state))


def _people(request: HttpRequest, name: str) -> Iterator[Group]:
    if may_see(Member) and "@" in name:
        rows = Member.objects.filter(user__email__icontains=name)
        yield group(
            "Members", rows.select_related("user", "organization").order_by("user__email", "pk"),
            lambda row: Found(link(row, row.user.email), row.organization, said=row.role), q=name,
        )  # fmt: skip
    if may_see(ApiKey):
        wanted = Q(prefix=name[:_KEY_PREFIX]) | Q(name__icontains=name)
        rows = ApiKey.objects.filter(wanted).select_related("organization").order_by("-pk")
        yield group(
            "API keys", rows,
            lambda row: Found(link(row), row.organization, said=f"{row.prefix}…"), q=name,
        )  # fmt: skip
    if may_see(Webhook) and request.user.has_perm(OPERATE):  # a path may be a secret
        rows = Webhook.objects.filter(url__icontains=name).select_related("organization")
        yield group(
            "Webhooks", rows.defer("secret", "previous_secret").order_by("-pk"),
            lambda row: Found(link(row, host(row.url)), row.organization), q=name,
        )  # fmt: skip
