"""WSGI door for gunicorn."""

from __future__ import annotations

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orbit.settings")
application = get_wsgi_application()
# Here, and with gunicorn's --preload once for all workers; else each one's first request waits.
import_module("orbit.urls")
