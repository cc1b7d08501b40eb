"""The WSGI application that gunicorn serves."""

from __future__ import annotations

import os
from importlib import import_module

import django

from orbit.api.utf8_requests import Utf8Application
from orbit.operations.start_checks import refuse_senseless_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbit.settings")
django.setup(set_prefix=False)
application = Utf8Application()
refuse_senseless_settings()
# Load all views before the first request, which would wait for them.
import_module("orbit.urls")
