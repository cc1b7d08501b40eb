"""Questions about texts of phones, opt-outs, passes and ten thousand credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.test import Client
from django.utils import timezone

from tests.benchmarks.large_tables import Site
from tests.factories import make_operator_key, make_organization, make_user
from tests.messaging.callers import Caller

Question = tuple[str, Callable[[], Any]]
_EVERY_LIST = (
    "messages?direction=any", "messages?status=failed", "audit-events", "opt-outs",
    "opt-outs?source=import", "opt-outs/near-misses?state=all", "campaigns", "webhooks", "numbers",
    "messaging/smpp/credentials", "messaging/smpp/carriers",
)  # fmt: skip


def api(site: Site, caller: Caller) -> Iterator[Question]:
    def get(path: str) -> Callable[[], Any]:
        def ask() -> None:
            answer = caller.get(path)
            assert answer.status_code == 200, answer.content

        return ask

    long_ago = quote((timezone.now() - timedelta(days=28)).isoformat())
    texts = {
        "texts of phones": "direction=inbound",
        "messages of both directions": "direction=any",
        "texts from one": "direction=inbound&from=%2B33600000007",
        "texts from nobody": "direction=inbound&from=%2B33711111111",
        "texts to one": "direction=inbound&to=%2B33639980000",
        "texts, created_before 28 days ago": f"direction=inbound&created_before={long_ago}",
    }
    for name, query in texts.items():
        yield name, get(f"/messages?{query}")
    for query in ("", "source=import", "source=carrier", "source=console", "scope=ACME",
                  "number=%2B14000000008", f"created_before={long_ago}"):  # fmt: skip
        yield f"opt-outs {query.partition('%')[0]}", get(f"/opt-outs?{query}")
    for state in ("waiting", "decided", "all"):
        yield f"near misses, {state}", get(f"/opt-outs/near-misses?state={state}")
    yield from _of_one_without(site)


def _of_one_without(site: Site) -> Iterator[Question]:
    """Lists of an organisation that has nothing in the large tables: none may walk the others'."""
    caller = type("Nobody", (Caller,), {"url": "/v1"})(make_organization("Without"))
    for path in _EVERY_LIST:

        def ask(path: str = path) -> None:
            answer = caller.get(f"/{path}")
            assert answer.status_code == 200, answer.content

        yield f"{path} of one without", ask


def operator_api(site: Site) -> Iterator[Question]:
    client, headers = Client(), {"X-API-Key": make_operator_key().secret}

    def get(path: str) -> Callable[[], Any]:
        def ask() -> None:
            answer = client.get(f"/v1/{path}", headers=headers)
            assert answer.status_code == 200, answer.content

        return ask

    for query in (
        "",
        "state=failed",
        "state=unsafe",
        "gateway=fleet0",
        "gateway=fleet0&state=died",
    ):
        yield f"passes {query}", get(f"messaging/smpp/reconcile-runs?{query}")


def lists(site: Site) -> dict[str, str]:
    """Pages of the console, by their names."""
    now = timezone.now()

    def span(days: float) -> str:
        start, end = now - timedelta(days=days), now - timedelta(days=days - 1)
        return "created=" + quote(f"{start.isoformat()}/{end.isoformat()}")

    runs, texts = "reconciler/run/", "messaging/inboundmessage/?created=any"
    opt_outs, binds = "messaging/optout/", "reconciler/bindchange/"
    pages = {
        "passes": runs,
        "passes, failed": f"{runs}?state__exact=failed",
        "passes, died": f"{runs}?state__exact=died",
        "passes of a gateway": f"{runs}?gateway__id__exact=none",
        "passes by a person": f"{runs}?trigger__exact=admin",
        "passes of an organisation": f"{runs}?q=org_{7:032x}",
        "passes by error": f"{runs}?q=said",
        "passes of a day a month ago": f"{runs}?{span(28)}",
        "bind changes of a day a month ago": f"{binds}?{span(28)}",
        "texts": texts,
        "texts in part": f"{texts}&complete__exact=0",
        "texts without a number": f"{texts}&number__isempty=1",
        "texts that were answered": f"{texts}&answer=sent",
        "texts whose answer failed": f"{texts}&answer=failed",
        "texts of an organisation": f"{texts}&organization__id__exact={site.organization.pk}",
        "texts from one": f"{texts}&q=%2B33600000007",
        "conversations": "console/conversations/",
        "waits for a person": "console/waiting/",
        "opt-outs": opt_outs,
        "opt-outs by carriers": f"{opt_outs}?source__exact=carrier",
        "opt-outs by the console": f"{opt_outs}?source__exact=console",
        "opt-outs by number": f"{opt_outs}?q=%2B14000000008",
        "number in national form": "messaging/message/?q=0612345678&created=any",
        "home": "",
    }
    return pages | _of_the_fleet()


def _of_the_fleet() -> dict[str, str]:
    credentials = "messaging/credential/"
    return {
        "credentials": credentials,
        "credentials in trouble": f"{credentials}?trouble=yes",
        "credentials, page 100": f"{credentials}?p=100",
        "credentials by a part of the name": f"{credentials}?q=rier+99",
        "carriers": "messaging/carrier/",
        "accesses": "messaging/access/",
        "webhooks": "messaging/webhook/",
        "placements": "reconciler/placement/",
        "gateways": "reconciler/gateway/",
        "organisations": "accounts/organization/",
        "organisation, typed": "autocomplete/?app_label=messaging&model_name=message"
        "&field_name=organization&term=fleet",
        "rates": "console/rates/export/",
    }


def console(site: Site) -> Iterator[Question]:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))

    def get(path: str) -> Callable[[], Any]:
        def ask() -> Any:
            answer = client.get(f"/admin/{path}")
            assert answer.status_code == 200, answer.content
            return answer

        return ask

    for name, path in lists(site).items():
        yield name, get(path)
    for listed in ("messaging/message/?created=any", "accounts/auditevent/", "reconciler/run/"):
        older = get(listed)().context["cl"].older
        yield (
            f"the second page of {listed.split('/')[1]}",
            get(f"{listed.partition('?')[0]}{older}"),
        )
