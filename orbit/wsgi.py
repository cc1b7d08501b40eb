"""The WSGI application that gunicorn serves."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import django

from orbit.api.utf8_requests import Utf8Application
from orbit.operations import garbage_collection
from orbit.operations.start_checks import refuse_senseless_settings

# Beside a long request (a list of 100,000 recipients) the others of the process wait so long for
# their turn after each of their round trips to the database. Python's own is 5 ms.
sys.setswitchinterval(0.001)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbit.settings")
django.setup(set_prefix=False)
application = Utf8Application()
refuse_senseless_settings()
# Load all views before the first request, which would wait for them.
import_module("orbit.urls")
garbage_collection.freeze()
