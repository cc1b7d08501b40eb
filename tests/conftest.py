"""Fixtures of every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as property_tests

from orbit.operations import garbage_collection

# A busy machine is no failure; each run draws other examples.
property_tests.register_profile(
    "untimed", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
property_tests.load_profile("untimed")

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.dns",
    "tests.fixtures.site",
    "tests.fixtures.smsc",
]


def pytest_collection_finish() -> None:
    garbage_collection.freeze()


@pytest.fixture(scope="session", autouse=True)
def _quick_settings() -> Iterator[None]:
    """Pages that are drawn need no `collectstatic` before, and passwords cost no time."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    with override_settings(
        STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": backend}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield
