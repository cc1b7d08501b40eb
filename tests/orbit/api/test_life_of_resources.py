"""What was deleted is found by no route, and no path has other methods than OpenAPI says."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.openapi import document, operations
from tests.orbit.api.tenants import callers, make_run, make_tenant

pytestmark = pytest.mark.django_db

# Each is free once those before it are gone.
DELETED = (
    "campaign_id", "pool_id", "carrier_id", "number_id", "credential_id", "webhook_id",
    "opt_out_id",
)  # fmt: skip
NEEDED = {"preview": "?destination=%2B33639980001"}  # query strings
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def tenant():
    tenant = make_tenant("alpha")
    tenant.ids["run_id"] = make_run(tenant)
    return tenant


def test_what_was_deleted_is_found_by_no_route(tenant):
    client = Client(headers=callers(tenant)["owner"])
    for parameter in DELETED:
        names = [name for name, _ in operations() if f"{{{parameter}}}" in name]
        (own,) = [name for name in names if name.startswith("DELETE") and name.endswith("}")
                  and name.count("{") == 1]  # fmt: skip
        there = own.split(" ")[1].format(**tenant.ids)
        assert client.get(there).status_code == 200, there
        assert client.delete(there).status_code == 204, there

        for name in names:
            method, path = name.split(" ")
            path = path.format(**tenant.ids) + NEEDED.get(path.rpartition("/")[2], "")
            answer = client.generic(method, path, b"{}", content_type="application/json")
            # A body may be read first.
            assert answer.status_code in ((404,) if method in ("GET", "DELETE") else (404, 422)), (
                name
            )


def test_a_path_has_no_other_methods(tenant):
    headers = callers(tenant)
    for path, documented in document()["paths"].items():
        if not path.startswith("/v1/"):
            continue
        has = {method.upper() for method in documented}
        operation = next(iter(documented.values()))
        who = "operator" if operation["tags"] == ["operators"] else "owner"
        client = Client(headers=headers[who])
        for method in sorted(METHODS - has):
            answer = client.generic(method, path.format(**tenant.ids))
            assert answer.status_code == 405, (method, path)
            assert METHODS & set(answer["Allow"].split(", ")) == has, (method, path)
