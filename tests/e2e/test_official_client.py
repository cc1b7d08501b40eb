"""Orbit's own Python client, as it is on PyPI, against the running site."""

from __future__ import annotations

import http.client
import uuid
from collections.abc import Callable

import pytest
from orbit_sdk import OrbitClient
from orbit_sdk.errors import OrbitAuthenticationError, OrbitClientError, OrbitRateLimitError

from messaging.credentials.models import Credential
from orbit.accounts.models import AuditEvent
from tests.e2e.api import Api
from tests.e2e.audit import audited
from tests.e2e.proxy import Proxy, proxy
from tests.factories import make_api_key, make_organization
from tests.fixtures.site import Site

pytestmark = pytest.mark.stack

PATH = "/messaging/smpp/credentials"
BODY = {"host": "127.0.0.1", "system_id": "acme", "password": "s3cr;t#"}


@pytest.fixture
def key(organization) -> str:
    return make_api_key(organization).secret


def make_client(base_url: str, key: str, **options) -> OrbitClient:
    options = {"initial_backoff_s": 0.05} | options
    return OrbitClient(api_key=key, base_url=f"{base_url}/v1", **options)


@pytest.fixture
def client(site: Site, key: str) -> OrbitClient:
    return make_client(site.base_url, key)


def create(client: OrbitClient, **fields) -> dict:
    return client.request("POST", PATH, json_body=BODY | fields)["data"]


def refused(call: Callable[[], object]) -> OrbitClientError:
    with pytest.raises(OrbitClientError) as caught:
        call()
    return caught.value


def test_it_lists_page_after_page(client):
    made = [create(client, system_id=f"acme{n}")["id"] for n in range(5)]

    seen, params = [], {"limit": 2}
    while True:
        page = client.request("GET", PATH, params=params)
        seen.append([row["id"] for row in page["data"]])
        pagination = page["meta"]["pagination"]
        assert pagination["total"] == 5
        if not pagination["has_more"]:
            break
        params = {"limit": 2, "cursor": pagination["cursor"]}

    made.reverse()
    assert seen == [made[:2], made[2:4], made[4:]]
    assert pagination["cursor"] is None


def test_it_creates_reads_patches_and_deletes(client):
    made = create(client, name="Acme", throughput=20)
    path = f"{PATH}/{made['id']}"

    assert client.request("GET", path)["data"]["throughput"] == 20
    assert client.request("PATCH", path, json_body={"throughput": 30})["data"]["throughput"] == 30
    assert client.request("DELETE", path) == {}

    gone = refused(lambda: client.request("GET", path))
    assert (gone.status, gone.code) == (404, "NOT_FOUND")


def test_it_stages_and_reveals_each_password_once(client):
    path = f"{PATH}/{create(client)['id']}"

    rotated = client.request("POST", f"{path}/rotate")["data"]
    staged = client.request("GET", f"{path}/reveal")["data"]
    current = client.request("GET", f"{path}/reveal")["data"]
    spent = refused(lambda: client.request("GET", f"{path}/reveal"))

    assert rotated["password"]["staged_at"] is not None
    assert len(staged["password"]) == 8
    assert current["password"] == BODY["password"]
    assert (spent.status, spent.code) == (410, "SECRET_ALREADY_REVEALED")


def test_it_rotates_to_a_password_that_the_carrier_takes_and_to_no_other(client, smsc):
    smsc.add_system("acme", "newone#1")
    path = f"{PATH}/{create(client, port=smsc.port)['id']}/rotate"

    rotated = client.request("POST", path, json_body={"password": "newone#1"})["data"]
    wrong = refused(lambda: client.request("POST", path, json_body={"password": "wrong"}))

    assert rotated["verification"]["result"] == "bound"
    assert (wrong.status, wrong.code) == (422, "BIND_VERIFICATION_FAILED")


def test_it_sees_our_codes_and_request_ids(client, site):
    create(client)

    twin = refused(lambda: create(client))
    short = refused(lambda: client.request("POST", PATH, json_body={"host": "127.0.0.1"}))
    long = refused(lambda: create(client, system_id="other", password="seventeen letters"))
    stale = refused(lambda: client.request("GET", PATH, params={"cursor": "cur_invented"}))

    assert (twin.status, twin.code) == (409, "DUPLICATE_CREDENTIAL")
    assert (short.status, short.code) == (422, "MISSING_REQUIRED_FIELD")
    assert (long.status, long.code) == (422, "VALIDATION_ERROR")
    assert (stale.status, stale.code) == (400, "INVALID_CURSOR")
    for error in (twin, short, long, stale):
        assert error.request_id in site.output("web")
        assert "seventeen" not in error.message


def test_a_key_without_the_right_is_an_authentication_error(client, site, organization):
    made = create(client)
    narrow = make_client(
        site.base_url, make_api_key(organization, scopes=["credentials:read"]).secret
    )
    nobody = make_client(site.base_url, "dv_live_sk_" + "0" * 48)

    with pytest.raises(OrbitAuthenticationError) as refused:
        narrow.request("GET", f"{PATH}/{made['id']}/reveal")
    with pytest.raises(OrbitAuthenticationError) as unknown:
        nobody.request("GET", PATH)

    assert (refused.value.status, refused.value.code) == (403, "INSUFFICIENT_PERMISSIONS")
    assert (unknown.value.status, unknown.value.code) == (401, "INVALID_API_KEY")
    assert refused.value.request_id.startswith("req_")


def test_another_organisation_finds_nothing(client, site):
    made = create(client)
    stranger = make_client(site.base_url, make_api_key(make_organization()).secret)

    error = refused(lambda: stranger.request("GET", f"{PATH}/{made['id']}"))

    assert (error.status, error.code) == (404, "NOT_FOUND")
    assert stranger.request("GET", PATH)["data"] == []


@pytest.fixture
def lossy(site: Site):
    with proxy(site.base_url) as running:
        yield running


def test_its_retry_after_a_lost_answer_makes_one_credential(lossy: Proxy, key, site):
    lossy.lose("502")
    client = make_client(lossy.base_url, key)

    answer = client.request("POST", PATH, json_body=BODY)

    assert lossy.forwarded["POST"] == 2
    assert [row.id for row in Credential.objects.all()] == [answer["data"]["id"]]
    assert audited("credential.created") == 1


def test_its_retries_of_every_write_have_one_effect(lossy: Proxy, key, smsc):
    smsc.add_system("acme", "newone#1")
    client = make_client(lossy.base_url, key)
    path = f"{PATH}/{create(client, port=smsc.port)['id']}"

    lossy.lose("502", "502", "502")
    patched = client.request("PATCH", path, json_body={"throughput": 7})["data"]
    lossy.lose("502")
    rotated = client.request("POST", f"{path}/rotate", json_body={"password": "newone#1"})["data"]
    lossy.lose("502")
    client.request("DELETE", path)

    assert patched["throughput"] == 7
    assert rotated["verification"]["result"] == "bound"
    assert smsc.system("acme").bind_attempts == 1
    assert [audited(f"credential.{verb}") for verb in ("updated", "rotated", "deleted")] == [1] * 3


def test_the_replay_says_so_and_is_the_first_answer(lossy: Proxy, make_api):
    api = make_api(base_url=lossy.base_url)
    headers = {"Idempotency-Key": str(uuid.uuid4())}

    lossy.lose("502")
    lost = api.post("/v1" + PATH, BODY, headers=headers)
    replayed = api.post("/v1" + PATH, BODY, headers=headers)
    again = api.post("/v1" + PATH, BODY, headers=headers)

    assert lost.status == 502
    assert replayed.status == 201
    assert replayed.headers["Idempotency-Replayed"] == "true"
    assert replayed.body == again.body
    # The first answer, whole: under the id of the request that did the work.
    assert replayed.headers["X-Request-Id"] == replayed.json["meta"]["request_id"]
    assert replayed.headers["Location"].endswith(replayed.data["id"])
    (event,) = AuditEvent.objects.filter(action="credential.created")
    assert event.request_id == replayed.json["meta"]["request_id"]


def test_a_cut_connection_is_repeated_with_the_same_key(lossy: Proxy, key):
    # The client does not catch this one (urllib raises it outside of URLError): its user does.
    client = make_client(lossy.base_url, key)
    once = str(uuid.uuid4())

    lossy.lose("cut")
    with pytest.raises(http.client.RemoteDisconnected):
        client.request("POST", PATH, json_body=BODY, idempotency_key=once)
    answer = client.request("POST", PATH, json_body=BODY, idempotency_key=once)

    assert [row.id for row in Credential.objects.all()] == [answer["data"]["id"]]
    assert audited("credential.created") == 1


def test_it_waits_out_a_429_and_succeeds_with_the_same_key(make_site, key):
    limited = make_site(API_RATE_LIMIT="1/2")
    with proxy(limited.base_url) as counting:
        client = make_client(counting.base_url, key)
        made = [create(client)]
        while counting.forwarded["POST"] == len(made):  # until one was told to wait
            made.append(create(client, system_id=f"acme{len(made)}"))

    assert len(made) == Credential.objects.count() == audited("credential.created")


def test_a_429_says_how_long_in_the_header_and_the_error(make_site, key):
    limited = make_site(API_RATE_LIMIT="2/3600")
    client = make_client(limited.base_url, key, max_retries=0)

    with pytest.raises(OrbitRateLimitError) as caught:
        for _ in range(6):  # an hour may end in between
            client.request("GET", PATH)
    answer = Api(limited.base_url, key).get("/v1" + PATH)

    assert (caught.value.status, caught.value.code) == (429, "RATE_LIMIT_EXCEEDED")
    assert 0 < caught.value.retry_after <= 3600
    assert answer.error["details"]["retry_after"] == int(answer.headers["Retry-After"])
    assert (answer.error["details"]["limit"], answer.headers["X-RateLimit-Limit"]) == (2, "2")
