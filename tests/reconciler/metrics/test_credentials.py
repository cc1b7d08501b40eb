"""What /metrics says of each credential."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from messaging.credentials.models import CredentialStatus
from messaging.quality.outcomes import EDGES, bucket_of
from messaging.usage import folding, totals
from messaging.usage.models import CredentialTotal
from orbit.dev.simulator.certificate import self_signed
from reconciler.metrics import credentials
from reconciler.metrics.credentials import CredentialCollector
from reconciler.models import Gateway
from tests.messaging.usage.conftest import record
from tests.reconciler.conftest import make_credential
from tests.reconciler.metrics.explained import explained


def samples(name: str) -> list[tuple[dict[str, str], float]]:
    return [
        (each.labels, each.value)
        for family in CredentialCollector().collect()
        for each in family.samples
        if each.name == name
    ]


def values(name: str) -> list[float]:
    return [value for _, value in samples(name)]


def count(credential, outcome: str, times: int = 1, **fields) -> None:
    minute = timezone.now().replace(second=0, microsecond=0)
    record(
        organization_id=credential.organization_id,
        credential_id=credential.pk,
        minute=minute,
        outcome=outcome,
        messages=times,
        **fields,
    )


@pytest.fixture
def credential(tenant):
    return make_credential(tenant, port=1, system_id="a", binds=2, name="Acme\n} 1")


def test_a_credential_is_named_by_its_id_and_its_gateways_name_alone(credential):
    gateway = Gateway.objects.create(name="g1", jcli_host="h", jcli_username="u", jcli_password="p")
    since = timezone.now() - timedelta(hours=1)
    CredentialStatus.objects.update(bound=1, gateway_id=gateway.pk, bind_since=since)
    labels = {"credential": credential.pk, "gateway": "g1"}

    assert samples("orbit_credential_binds") == [(labels, 1)]
    assert samples("orbit_credential_binds_wanted") == [(labels, 2)]
    assert values("orbit_credential_bind_changed_timestamp_seconds") == [since.timestamp()]
    assert samples("orbit_credential_info") == [(labels | {"connector": credential.gateway_key}, 1)]
    told = [each for family in CredentialCollector().collect() for each in family.samples]
    assert not any("Acme" in value for each in told for value in each.labels.values())


def test_what_became_of_messages_is_counted_once_it_is_added_up(credential):
    count(credential, "waiting", 5)
    count(credential, "delivered", 3, bucket=bucket_of(1.2))
    count(credential, "undelivered", 1, bucket=bucket_of(100), code="UNDELIV 069")
    count(credential, "refused", 2, code="ESME_RTHROTTLED")
    count(credential, "waiting", -4)
    folding.fold()
    count(credential, "delivered", 1, bucket=bucket_of(40))
    folding.fold()

    states = {labels["state"]: n for labels, n in samples("orbit_credential_outcomes_total")}
    faults = {labels["fault"]: n for labels, n in samples("orbit_credential_refusals_total")}
    assert states == {"delivered": 4, "undelivered": 1, "no_receipt": 0}
    assert faults == {"busy": 2, "number": 0, "carrier": 0}
    buckets = {labels["le"]: n for labels, n in samples("orbit_credential_receipt_seconds_bucket")}
    assert [buckets[each] for each in ("1.0", "2.0", "60.0", "300.0", "+Inf")] == [0, 3, 4, 5, 5]


def test_its_own_certificate_has_an_end(tenant):
    _, certificate = self_signed("127.0.0.1")
    make_credential(tenant, port=1, system_id="a", tls_certificate=certificate)
    make_credential(tenant, port=2, system_id="b", tls_certificate="not one")

    (end,) = values("orbit_credential_certificate_expiry_timestamp_seconds")

    assert 0 < end - timezone.now().timestamp() <= 86_400


def test_the_edges_of_the_histogram_are_among_those_that_are_counted():
    assert set(credentials.RECEIPT_EDGES) <= set(EDGES)


def test_sums_of_a_credential_that_is_gone_are_deleted(credential):
    count(credential, "delivered")
    folding.fold()
    assert totals.prune_totals() == 0

    credential.delete()

    assert totals.prune_totals() == 1
    assert not CredentialTotal.objects.exists()


def test_above_the_limit_those_that_lack_binds_are_told_first(tenant, settings):
    settings.METRICS_CREDENTIALS = 2
    made = [make_credential(tenant, port=n, system_id=f"s{n}") for n in range(1, 5)]
    CredentialStatus.objects.exclude(pk=made[3].pk).update(bound=1)

    told = [labels["credential"] for labels, _ in samples("orbit_credential_binds")]

    assert told[0] == made[3].pk and len(told) == 2
    assert values("orbit_credentials_left_out") == [2]


def test_more_credentials_take_no_more_statements(tenant, django_assert_num_queries):
    for number in range(1, 4):
        make_credential(tenant, port=number, system_id=f"s{number}")
        with django_assert_num_queries(4):
            list(CredentialCollector().collect())


@pytest.mark.django_db
def test_the_documents_explain_each_metric_of_the_site(client, settings):
    settings.METRICS_TOKEN = "token"
    answer = client.get("/metrics", headers={"Authorization": "Bearer token"})

    families = text_string_to_metric_families(answer.content.decode())

    site, _ = explained()
    told = {each.name + "_total" * (each.type == "counter") for each in families}
    # Of counters in memory there is also when they began.
    assert {name for name in told if not name.endswith("_created")} == site
