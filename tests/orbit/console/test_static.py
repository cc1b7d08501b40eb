"""The console's files as production serves them: with names that change with their content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import override_settings

MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"


@pytest.fixture
def collected(tmp_path: Path, settings) -> Iterator[Path]:
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": MANIFEST}}
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield tmp_path


def test_every_file_that_a_page_names_is_there(collected, admin_client):
    assert type(staticfiles_storage._wrapped).__name__ == "ManifestStaticFilesStorage"
    found = set()
    for path in ("/admin/login/", "/admin/", "/admin/messaging/credential/", "/docs"):
        answer = admin_client.get(path, follow=True)
        assert answer.status_code == 200, path
        found |= set(re.findall(r"(?:src|href)=[\"']?/static/([^\"' >]+)", answer.text))
    assert any(re.fullmatch(r"console/console\.[0-9a-f]{12}\.css", name) for name in found)
    assert any(name.endswith(".svg") for name in found)
    assert [name for name in sorted(found) if not (collected / name).is_file()] == []
