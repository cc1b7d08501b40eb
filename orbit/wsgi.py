"""The WSGI application that gunicorn serves."""

from __future__ import annotations

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbit.settings")
application = get_wsgi_application()
# Load all views before the first request, which would wait for them.
import_module("orbit.urls")
