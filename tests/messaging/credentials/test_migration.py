"""Migrations keep older credentials as they were."""

from __future__ import annotations

from importlib import import_module

from django.apps import apps

from messaging.credentials.models import Credential

migration = import_module("messaging.migrations.0012_tls_and_tlvs")
bind_versions = import_module("messaging.migrations.0018_bind_version")


def test_carriers_whose_certificates_were_not_checked_keep_their_binds(api):
    old, plain = api.add(tls=True), api.add(port=2776)

    migration.keep_unchecked(apps, None)

    found = dict(Credential.objects.values_list("pk", "tls_verify"))
    assert found == {old: "none", plain: "full"}


def test_binds_that_are_held_back_stay_so(api):
    made = api.add()
    Credential.objects.filter(pk=made).update(gateway_version=7)

    bind_versions.begin_where_gateway_versions_are(apps, None)

    assert Credential.objects.get(pk=made).bind_version == 7
