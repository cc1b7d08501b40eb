"""Nobody learns whether another organisation has something: every route of the URL resolver."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Container, Iterator

import pytest

from messaging.campaigns.models import Recipient
from messaging.credentials.models import Credential
from messaging.messages.models import Message
from orbit.accounts.models import AuditEvent, Member, Organization
from orbit.accounts.scopes import PEOPLE_SCOPES
from tests.e2e.api import CREDENTIALS, Answer, Api
from tests.e2e.belongings import CAMPAIGNS, CARRIERS, POOLS, WEBHOOKS, everything_of, like
from tests.e2e.routes import Route, api_routes
from tests.factories import (
    make_api_key,
    make_member,
    make_operator_key,
    make_organization,
    make_session,
)

pytestmark = pytest.mark.stack

METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
WRITES = ("POST", "PUT", "PATCH", "DELETE")
OPERATORS = "/v1/messaging/smpp"
MESSAGES = "/v1/messages"
MEMBERS = "/v1/settings/members"
# Bodies of every sort: right for some route, empty, none, wrong, not even JSON.
BODIES = (
    {"name": "Stolen"},
    {"host": "127.0.0.1", "current_password": "secret"},
    {"password": "newone", "verify": False},
    {"activate": True},
    {"role": "viewer"},
    {"url": "https://127.0.0.1:1/", "events": ["*"]},
    {"grace_hours": 0},
    {"recipients": []},
    {},
    None,
    {"no": "such field"},
    b"{",
)
# What differs between two answers to the same caller, whatever they say.
_CHANCE = (
    re.compile(rb"req_[0-9a-f]{32}"),
    re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
)


@pytest.fixture
def ours(site, organization, smsc) -> dict[str, str]:
    return everything_of(site, organization, smsc)


@pytest.fixture
def person(site, organization) -> Api:
    """An owner who is signed in: some routes are for no key."""
    return Api(site.base_url, token=make_session(make_member(organization)).access)


@pytest.fixture
def caller_of(api, person) -> Callable[[Route], Api]:
    """Who may use the route."""

    def choose(route: Route) -> Api:
        return person if set(PEOPLE_SCOPES) & set(route.view.scopes.values()) else api

    return choose


def likeness(answer: Answer, *identities: str) -> tuple[int, dict[str, str], bytes]:
    """What a stranger can see in an answer, but for chance and the ids that were asked for."""
    body = answer.body
    for identity in identities:
        body = body.replace(identity.encode(), b"ID")
    for pattern in _CHANCE:
        body = pattern.sub(b"", body)
    changing = {"Date", "X-Request-Id", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
    return answer.status, {n: v for n, v in answer.headers.items() if n not in changing}, body


def calls(method: str, methods: Container[str]) -> Iterator[tuple[dict[str, str], object]]:
    """Headers and a body for each way of calling a method; one that is not among the route's
    `methods` is refused before either is read, and called once."""
    yield {}, None
    if method not in methods:
        return
    if method in WRITES:
        yield {}, {}
        for body in BODIES:
            yield {"Idempotency-Key": str(uuid.uuid4())}, body
    yield {"If-Match": '"x"'}, None


# What tells nothing of an id, where it is not only 404 and 422.
_UNTOLD = {
    "to": (404, 412, 422),  # the campaign, which is ours, is asked for its ETag first
    "number": (200,),  # any number may be erased; here nobody of ours has it
}


def differences(
    api: Api, route: Route, ours: dict[str, str], theirs: dict[str, str]
) -> Iterator[tuple]:
    """Ways to call the route with one of their ids that are answered in another way than with an
    id that never was, or that worked, or that tell that the rest was looked at."""
    for parameter in route.parameters:
        identities = theirs[parameter], like(theirs[parameter])
        paths = [route.filled(**ours | {parameter: identity}) for identity in identities]
        for method in METHODS:
            for headers, body in calls(method, route.methods):
                known, never = (
                    likeness(api.call(method, path, body, headers=headers), identity)
                    for path, identity in zip(paths, identities, strict=True)
                )
                worked = known[0] < 300 and method != "OPTIONS"
                untold = _UNTOLD.get(parameter, (404, 422))
                worked &= known[0] not in untold
                is_found = method in route.methods and not body and known[0] not in untold
                if known != never or worked or is_found:
                    yield method, route.path, headers, body, known, never


def with_ids(*, operators_only: bool) -> list[Route]:
    return [
        route
        for route in api_routes()
        if route.parameters and route.operators_only == operators_only
    ]


def traces_of_others(organization: Organization) -> list:
    """What would change if something of theirs were touched."""
    events = AuditEvent.objects.exclude(organization_id=organization.pk)
    rows = Credential.objects.exclude(organization=organization)
    members = Member.objects.exclude(organization=organization).order_by("pk")
    messages = Message.objects.exclude(organization=organization)
    recipients = Recipient.objects.exclude(campaign__organization=organization)
    return [
        events.count(),
        messages.count(),
        recipients.count(),
        *members.values_list("pk", "role"),
        *rows.values_list("version", "deleted_at"),
    ]


@pytest.mark.slow("every route with every body, twice")
def test_another_organisations_ids_answer_as_ids_that_never_were(
    site, caller_of, ours, theirs, organization
):
    routes = with_ids(operators_only=False)
    # A new kind of id: `everything_of` has to make one.
    assert {name for route in routes for name in route.parameters} == theirs.keys()
    site.wait_for_tasks()
    before = traces_of_others(organization)

    found = [
        each for route in routes for each in differences(caller_of(route), route, ours, theirs)
    ]

    assert found == []
    assert traces_of_others(organization) == before


def test_lists_hold_only_what_is_ones_own(caller_of, ours, theirs, organization):
    params = {
        "/v1/messaging/smpp/routes": {"destination": "+33612345678"},
        "/v1/opt-outs/check": {"to": "+33612345678"},
    }

    listed = {
        route.path: caller_of(route).get(route.path, params=params.get(route.path))
        for route in api_routes()
        if not route.parameters and "GET" in route.methods and not route.operators_only
    }

    refused = {path: answer.body for path, answer in listed.items() if answer.status != 200}
    assert refused == {}
    for answer in listed.values():
        for stranger in theirs.values():
            assert stranger.encode() not in answer.body
    assert [row["id"] for row in listed[CREDENTIALS].data] == [ours["credential_id"]]
    assert [row["id"] for row in listed[CARRIERS].data] == [ours["carrier_id"]]
    assert [row["id"] for row in listed[POOLS].data] == [ours["pool_id"]]
    assert [row["id"] for row in listed[CAMPAIGNS].data] == [ours["campaign_id"]]
    assert [row["id"] for row in listed[MESSAGES].data] == [ours["message_id"]]
    assert [row["id"] for row in listed[WEBHOOKS].data] == [ours["webhook_id"]]
    own = Member.objects.filter(organization=organization).values_list("user_id", flat=True)
    assert int(ours["user_id"]) in own
    assert {row["id"] for row in listed[MEMBERS].data} == set(own)
    assert listed["/v1/me"].data["organization"]["id"] == organization.pk


def test_a_cursor_of_another_organisation_opens_nothing_of_theirs(site, api, theirs):
    other = Api(site.base_url, make_api_key(make_organization()).secret)
    for number in range(3):
        other.add(system_id=f"acme{number}")
    cursor = other.get(CREDENTIALS, params={"limit": 1}).json["meta"]["pagination"]["cursor"]

    answer = api.get(CREDENTIALS, params={"limit": 1, "cursor": cursor})

    assert answer.status == 400 or answer.data == []


def test_an_idempotency_key_is_ones_own(site, api):
    other = Api(site.base_url, make_api_key(make_organization()).secret)
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"host": "127.0.0.1", "system_id": "acme", "password": "secret"}

    mine = api.post(CREDENTIALS, body, headers=headers)
    theirs = other.post(CREDENTIALS, body, headers=headers)

    assert (mine.status, theirs.status) == (201, 201)
    assert mine.data["id"] != theirs.data["id"]
    assert "Idempotency-Replayed" not in theirs.headers


def test_the_same_account_may_be_had_by_two_organisations(site, api):
    other = Api(site.base_url, make_api_key(make_organization()).secret)

    assert api.add()["id"] != other.add()["id"]


def test_operators_routes_are_unknown_paths_to_organisations(api, a_run):
    ids = {"run_id": a_run.pk, "key_id": make_operator_key().key.pk}
    nowhere = "/v1/messaging/smpp/nowhere"
    routes = [route for route in api_routes() if route.operators_only]
    assert len(routes) >= 4

    for route in routes:
        path = route.filled(**ids)
        for method in METHODS:
            for headers, body in calls(method, METHODS):
                hidden = api.call(method, path, body, headers=headers)
                unknown = api.call(method, nowhere, body, headers=headers)
                assert likeness(hidden, path) == likeness(unknown, nowhere), (method, path, body)
