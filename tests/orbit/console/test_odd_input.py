"""Whatever an operator's browser, or another program in its place, sends: never a fault of ours.

The suite draws some of the pages, and a value for each place, `ODD_SEED` those of another run;
`ODD_VALUES=3` asks all with three values in each place, `ODD_VALUES=0` with every value.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from messaging.access.models import Access
from messaging.campaigns.models import Campaign
from messaging.carrier_tests.models import CarrierTest
from messaging.carriers.models import Carrier
from messaging.credentials.models import Credential
from messaging.messages.models import Message
from messaging.notices.models import Notice, NoticeRecipient
from messaging.pools.models import SenderPool
from messaging.webhooks.models import Delivery, Webhook
from orbit.accounts.models import ApiKey, Member
from reconciler.models import Gateway
from tests.orbit.api.tenants import undone
from tests.orbit.console.scenery import build
from tests.orbit.console.test_lists import LISTS

pytestmark = pytest.mark.django_db

COUNT = int(os.environ.get("ODD_VALUES", 1))  # values in each place
SHARE = 7 if COUNT == 1 else 1  # one page of so many is asked
SEED = int(os.environ.get("ODD_SEED", random.randrange(2**32)))
TEXTS = (
    "\0", "a\0b", "\u202e", "\uff11", "1_0", " 1", "-1", "9" * 30, "9" * 5000, "x" * 100_000, "1e3",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00+23:59/", "%00",
    "0001-01-01", "9999-12-31T23:30:00Z", "0001-01-01T00:00:00Z/9999-12-31T23:59:59Z",
    "'", "a,b", "[]", "\ufeff", "\r\n", "{{a}}", "true", "None", "1.-1.\0", "\u0301\u0327" * 5000,
)  # fmt: skip
# Of any list of Django's, beside its filters.
OF_LISTS = ("q", "p", "o", "e", "all", "_to_field", "_popup", "_changelist_filters", "unknown")
# Names that views read themselves, beside the fields of their forms.
POSTED = ("gateway", "mode", "confirm", "to", "role", "children", "confirmed", "email", "version",
          "own_password", "code", "row", "kind", "password", "sender", "destination", "count",
          "region", "url", "start", "end", "why", "next", "action", "_selected_action", "index",
          "username", "minutes", "texts")  # fmt: skip


class Asker:
    """Collects what went wrong; what a request writes is undone."""

    def __init__(self, client: Client) -> None:
        self.client, self.faults, self._chance = client, [], random.Random(SEED)
        client.raise_request_exception = False

    def some(self, values: tuple[str, ...] = TEXTS, count: int = COUNT) -> list[str]:
        return self._chance.sample(values, count if COUNT else len(values))

    def drawn(self, pages: list[Any]) -> list[Any]:
        return self._chance.sample(pages, len(pages) // SHARE)

    def ask(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
        with undone():
            answer = (
                self.client.get(path, headers=headers)
                if data is None
                else self.client.post(path, data, headers=headers)
            )
        if answer.status_code >= 500:
            self.faults.append(f"{answer.status_code}: {path[:150]} {str(data)[:150]}")
        return answer


@pytest.fixture
def asker(sign_in) -> Iterator[Asker]:
    print(f"ODD_SEED={SEED} ODD_VALUES={COUNT}")
    build(3)
    asker = Asker(sign_in())
    yield asker
    assert not asker.faults, "\n".join(asker.faults)


def test_lists_take_any_query_string(asker):
    for name in asker.drawn(LISTS):
        path = f"/admin/{name}/"
        found = asker.ask(path).context["cl"]
        filters = [each for spec in found.filter_specs for each in spec.expected_parameters()]
        for parameter in (*OF_LISTS, *filters):
            for text in asker.some():
                asker.ask(f"{path}?{parameter}={quote(text[:4000])}")


def test_pages_and_buttons_take_any_address(asker):
    for path, names in asker.drawn([each for each in _paths() if each[1]]):
        for text in asker.some():
            text = quote(text[:3000], safe="") or "x"
            filled = path.format(**dict.fromkeys(names, text))
            asker.ask(filled)
            asker.ask(filled, {})


def test_forms_and_buttons_take_any_fields(asker):
    ids = _ids()
    for path, names in asker.drawn(_paths()):
        filled = path.format(**{name: ids.get(name, 1) for name in names})
        shown = asker.ask(filled)
        fields = _fields(shown.context)
        usual = {name: field for name, field in fields.items() if field is not None}
        for name in {*fields, *asker.some(POSTED, 6)}:
            for text in asker.some():
                asker.ask(filled, {**usual, name: text})


def test_odd_cookies_and_headers(asker):
    key = "a" * 32
    for cookie in (f'sessionid="\\000{key}"', "sessionid=" + "a" * 3000, 'csrftoken="\\000"',
                   'messages="\\000"', "sessionid=\xff\xff", "; ; =;"):  # fmt: skip
        for path in ("/admin/", "/admin/login/", "/password/MQ/set-password", "/v1/me", "/docs"):
            answer = Client(raise_request_exception=False).get(path, headers={"Cookie": cookie})
            assert answer.status_code < 500, (cookie, path)
    for header in ("HX-Request", "HX-Current-URL", "Referer", "Origin", "Accept-Language"):
        for text in ("\0", "\xff", "x" * 5000, "http://["):
            asker.ask("/admin/messaging/credential/", {}, **{header: text})


def test_the_look_up_of_filters_takes_any_term(asker):
    about = "app_label=messaging&model_name=message&field_name=organization"
    for text in TEXTS:
        asker.ask(f"/admin/autocomplete/?{about}&term={quote(text[:3000])}")
        asker.ask(f"/admin/autocomplete/?{about}&page={quote(text[:3000])}")


def _paths() -> list[tuple[str, list[str]]]:
    """Every address of the console, and the names of its parts."""
    found = _walk(get_resolver().url_patterns, "/")
    # Of one's own session the others are asked, too.
    return [each for each in found if each[0].startswith("/admin/") and "logout" not in each[0]]


def _walk(patterns: list, prefix: str) -> Iterator[tuple[str, list[str]]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, prefix + str(each.pattern))
        elif isinstance(each, URLPattern) and "(?P" not in str(each.pattern):
            route, names = str(each.pattern), list(each.pattern.converters)
            for name, converter in each.pattern.converters.items():
                kind = {"StringConverter": "str:", "IntConverter": "int:", "PathConverter": "path:"}
                written = kind.get(type(converter).__name__, "")
                route = route.replace(f"<{written}{name}>", f"{{{name}}}")
            yield prefix + route, names


def _ids() -> dict[str, Any]:
    """Of one of each, by the name of the part of an address."""
    credential = Credential.objects.first()
    return {
        "credential_id": credential.pk,
        "organization_id": Access.objects.first().pk,
        "carrier_id": Carrier.objects.first().pk,
        "campaign_id": Campaign.objects.filter(status="draft").first().pk,
        "message_id": Message.objects.first().pk,
        "pool_id": SenderPool.objects.first().pk,
        "test_id": CarrierTest.objects.first().pk,
        "webhook_id": Webhook.objects.first().pk,
        "delivery_id": Delivery.objects.first().pk,
        "key_id": ApiKey.objects.first().pk,
        "member_id": Member.objects.first().pk,
        "gateway_id": Gateway.objects.first().pk,
        "mode": "drain",
        "notice_id": Notice.objects.first().pk,
        "hours": 8,
        "recipient_id": NoticeRecipient.objects.create(url="json://h", scheme="json").pk,
        "chain": credential.organization_id,
        "decision": "dismiss",
        "name": "site",
        "ticket": "0" * 32,
        "object_id": credential.pk,
    }


def _fields(context: Any) -> dict[str, Any]:
    """Names of the fields of the page's form, with their values."""
    form = context.get("form") if context is not None else None
    if form is None or not hasattr(form, "fields"):
        return {}
    return {form.add_prefix(name): form[name].value() for name in form.fields}
