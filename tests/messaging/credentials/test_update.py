from __future__ import annotations

import pytest
from django.db import connection

from messaging.credentials import services, views
from messaging.credentials.models import CredentialStatus
from orbit.api.errors import ApiError
from tests.messaging.credentials.conftest import audit_rows, set_status, stored

FOR_THE_GATEWAY = {
    "host": "127.0.0.9",
    "port": 2776,
    "system_type": "VMA",
    "bind_type": "transmitter",
    "binds": 3,
    "max_binds": 2,
    "backups": [{"host": "127.0.0.8", "port": 2777}],
    "tls": True,
    "throughput": 10,
    "window": 5,
    "enquire_link_interval": 60,
    "message_id_format": "receipt_hex",
    "gsm_data_coding": 1,
    "tlvs": [{"tag": "0x1400", "type": "int16", "value": 65535}],
    "bind_ton": 1,
    "bind_npi": 1,
    "address_range": "^33",
    "addressing": {"plus": True},
    "enabled": False,
}
OURS_ALONE = {
    "name": "Another",
    "inbound_charset": "ucs2",
    "inbound_parts_timeout": 60,
}


@pytest.fixture
def synced(api) -> str:
    credential_id = api.add()
    set_status(credential_id, sync_state="synced", bind_state="bound")
    return credential_id


def sync_state(credential_id: str) -> str:
    return CredentialStatus.objects.get(credential=credential_id).sync_state


@pytest.mark.parametrize(("field", "value"), (FOR_THE_GATEWAY | OURS_ALONE).items())
def test_every_field_can_be_changed(api, synced, field, value):
    answer = api.patch(f"/{synced}", {field: value})

    assert answer.status_code == 200
    data = answer.json()["data"]
    wanted = data[field] | value if field == "addressing" else value
    assert data[field] == wanted
    assert api.get(f"/{synced}").json()["data"] == data
    row = audit_rows()[-1]
    assert (row.action, row.changes, row.outcome) == ("credential.updated", [field], "ok")
    assert stored(synced).version == 2


@pytest.mark.parametrize(("field", "value"), FOR_THE_GATEWAY.items())
def test_the_gateway_is_told_what_it_must_know(api, synced, pushes, field, value):
    with pushes() as pushed:
        api.patch(f"/{synced}", {field: value})
    assert pushed == [api.organization.id]
    assert sync_state(synced) == "pending"


@pytest.mark.parametrize(("field", "value"), OURS_ALONE.items())
def test_what_concerns_us_alone_does_not_touch_the_gateway(api, synced, pushes, field, value):
    with pushes() as pushed:
        api.patch(f"/{synced}", {field: value})
    assert pushed == []
    assert sync_state(synced) == "synced"


def test_a_patch_that_changes_nothing_is_an_audit_row_and_no_more(api, synced, pushes):
    before = api.get(f"/{synced}")
    same = {name: before.json()["data"][name] for name in FOR_THE_GATEWAY | OURS_ALONE}
    with pushes() as pushed:
        answer = api.patch(f"/{synced}", same)

    assert answer.status_code == 200
    assert answer.json()["data"] == before.json()["data"]
    assert answer["ETag"] == before["ETag"]
    assert pushed == []
    assert stored(synced).version == 1
    assert audit_rows("credential.updated")[0].changes == []


def test_an_empty_patch_is_fine(api, synced):
    assert api.patch(f"/{synced}", {}).status_code == 200


def test_the_audit_lists_changed_fields_in_the_documents_order(api, synced):
    api.patch(f"/{synced}", {"enabled": False, "port": 2776, "window": 10, "name": "N"})
    assert audit_rows()[-1].changes == ["name", "port", "enabled"]


def test_the_error_of_the_last_sync_goes_with_the_change(api, synced):
    set_status(synced, sync_state="error", sync_error="the host is private now")
    sync = api.patch(f"/{synced}", {"port": 2776}).json()["data"]["sync"]
    assert (sync["state"], sync["error"]) == ("pending", None)


def test_a_partial_addressing_is_laid_over_the_stored_one(api, synced):
    api.patch(f"/{synced}", {"addressing": {"long_code": [2, 8]}})
    api.patch(f"/{synced}", {"addressing": {"plus": True}})
    addressing = api.get(f"/{synced}").json()["data"]["addressing"]
    assert addressing["long_code"] == [2, 8]
    assert addressing["plus"] is True
    assert addressing["short_code"] == [3, 0]


def test_null_lifts_the_ceiling(api, synced):
    assert api.patch(f"/{synced}", {"throughput": None}).json()["data"]["throughput"] is None


def test_switching_off_and_on_shows_in_the_bind_state(api, synced):
    set_status(synced, bind_error="refused")
    off = api.patch(f"/{synced}", {"enabled": False}).json()["data"]["bind"]
    on = api.patch(f"/{synced}", {"enabled": True}).json()["data"]["bind"]
    assert (off["state"], off["since"], off["error"]) == ("disabled", None, None)
    assert on["state"] == "unknown"


def test_any_other_change_leaves_the_bind_state_as_observed(api, synced):
    assert api.patch(f"/{synced}", {"port": 2776}).json()["data"]["bind"]["state"] == "bound"


@pytest.mark.parametrize("field", ["password", "system_id"])
@pytest.mark.parametrize("value", ["hunter22", None, 1, {}])
def test_what_cannot_be_patched_says_where_to_go(api, synced, field, value):
    answer = api.patch(f"/{synced}", {field: value})
    assert answer.status_code == 422
    details = answer.json()["error"]["details"]
    assert details["field"] == field
    [error] = details["errors"]
    assert ("rotate" in error["message"]) == (field == "password")
    assert ("new credential" in error["message"]) == (field == "system_id")
    assert ("value" in details) == (field == "system_id")


def test_unknown_fields_are_refused(api, synced):
    assert api.patch(f"/{synced}", {"prot": 1}).status_code == 422


def test_becoming_a_duplicate_is_refused(api, synced, pushes):
    other = api.add(port=2776)
    with pushes() as pushed:
        answer = api.patch(f"/{other}", {"port": 2775, "window": 3})

    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "DUPLICATE_CREDENTIAL"
    assert error["details"] == {"credential_id": synced}
    assert (stored(other).port, stored(other).window, stored(other).version) == (2776, 10, 1)
    assert pushed == []
    assert audit_rows("credential.updated") == []


def test_a_carriers_credential_stays_able_to_send(api, synced, used_by_carrier):
    carrier_id = used_by_carrier(synced)
    answer = api.patch(f"/{synced}", {"bind_type": "receiver"})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "CREDENTIAL_IN_USE"
    assert answer.json()["error"]["details"] == {"carrier_ids": [carrier_id]}
    assert stored(synced).bind_type == "transceiver"
    assert api.patch(f"/{synced}", {"bind_type": "transmitter"}).status_code == 200


def test_without_a_carrier_it_may_become_a_receiver(api, synced):
    assert api.patch(f"/{synced}", {"bind_type": "receiver"}).status_code == 200


def test_a_credential_that_was_a_receiver_already_is_not_refused_the_same_again(
    api, used_by_carrier
):
    credential_id = api.add(bind_type="receiver")
    used_by_carrier(credential_id)
    assert api.patch(f"/{credential_id}", {"bind_type": "receiver"}).status_code == 200


class TestHostPolicy:
    def test_a_host_that_is_not_public_is_refused(self, api, synced):
        answer = api.patch(f"/{synced}", {"host": "10.1.2.3"})
        assert answer.status_code == 422
        assert answer.json()["error"]["details"]["field"] == "host"
        assert "is private" in answer.json()["error"]["message"]
        assert stored(synced).host == "127.0.0.1"

    def test_a_name_that_does_not_resolve_is_taken(self, api, synced, resolver):
        assert api.patch(f"/{synced}", {"host": "later.example"}).status_code == 200

    def test_the_same_host_again_is_not_looked_up(self, api, resolver):
        resolver["smpp.carrier.example"] = ["8.8.8.8"]
        credential_id = api.add(host="smpp.carrier.example")
        resolver["smpp.carrier.example"] = ["10.0.0.1"]
        answer = api.patch(f"/{credential_id}", {"host": "SMPP.carrier.example", "window": 2})
        assert answer.status_code == 200

    def test_a_host_that_nobody_checked_is_not_written(self, api, synced, monkeypatch):
        """Another request changed the host between the look-up and the write."""

        def meanwhile(places: dict, *, owner: str) -> None:
            raise AssertionError("the same host is not looked up")

        monkeypatch.setattr(views, "check_hosts", meanwhile)
        lock = views.lock

        def changed(**where):
            credential = lock(**where)
            credential.host = "127.0.0.77"
            return credential

        monkeypatch.setattr(views, "lock", changed)
        answer = api.patch(f"/{synced}", {"host": "127.0.0.1"})
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "INVALID_STATE"


class TestPreconditions:
    def test_an_old_etag_changes_nothing(self, api, synced):
        old = api.get(f"/{synced}")["ETag"]
        new = api.patch(f"/{synced}", {"port": 2776}, If_Match=old)
        assert new.status_code == 200
        answer = api.patch(f"/{synced}", {"port": 2777}, If_Match=old)
        assert answer.status_code == 412
        assert answer.json()["error"]["code"] == "PRECONDITION_FAILED"
        assert stored(synced).port == 2776
        assert api.patch(f"/{synced}", {"port": 2777}, If_Match=new["ETag"]).status_code == 200

    def test_what_the_gateway_observes_leaves_the_etag_alone(self, api, synced):
        before = api.get(f"/{synced}")["ETag"]
        set_status(synced, sync_state="error", bind_state="unbound", bind_error="refused")
        api.reveal(synced)
        assert api.get(f"/{synced}")["ETag"] == before

    def test_the_etag_is_checked_again_under_the_lock(self, api, synced, monkeypatch):
        etag = api.get(f"/{synced}")["ETag"]

        def meanwhile(places: dict, *, owner: str) -> None:
            services.compare_and_set(stored(synced), window=7)

        monkeypatch.setattr(views, "check_hosts", meanwhile)
        answer = api.patch(f"/{synced}", {"host": "127.0.0.5"}, If_Match=etag)
        assert answer.status_code == 412
        assert stored(synced).host == "127.0.0.1"


def test_a_write_over_a_newer_row_is_refused(api, synced):
    mine, theirs = stored(synced), stored(synced)
    services.compare_and_set(theirs, window=7)
    with pytest.raises(ApiError) as refusal:
        services.compare_and_set(mine, window=8)
    assert refusal.value.code == "INVALID_STATE"
    assert stored(synced).window == 7


def test_the_push_waits_for_the_commit(api, synced, monkeypatch):
    """Nothing is pushed from inside a transaction that may still roll back."""
    pushed = []
    monkeypatch.setattr("messaging.gateway._implementation", type("P", (), {"push": pushed.append}))
    before = len(connection.run_on_commit)
    api.patch(f"/{synced}", {"port": 2776})
    assert pushed == []
    assert len(connection.run_on_commit) == before + 1


def test_only_what_the_gateway_has_to_follow_counts_for_it(api, synced):
    before = stored(synced).gateway_version

    api.patch(f"/{synced}", OURS_ALONE)
    assert stored(synced).gateway_version == before

    api.patch(f"/{synced}", {"throughput": 10})
    assert stored(synced).gateway_version == before + 1


def test_a_bind_is_another_for_the_carrier_only_where_it_sees_a_difference(api, synced):
    before = stored(synced).bind_version

    api.patch(f"/{synced}", {"throughput": 10, "window": 5, "enabled": False})
    assert stored(synced).bind_version == before

    api.patch(f"/{synced}", {"port": 2776})
    assert stored(synced).bind_version == before + 1
