"""The WSGI application that gunicorn serves."""

from __future__ import annotations

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from orbit.operations.start_checks import refuse_senseless_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbit.settings")
application = get_wsgi_application()
refuse_senseless_settings()
# Load all views before the first request, which would wait for them.
import_module("orbit.urls")
