"""What is logged, and how: one line an event on standard error."""

from __future__ import annotations

from typing import Any


def logging_of(level: str) -> dict[str, Any]:
    """Django's LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "filters": {"outages": {"()": "orbit.operations.log_filters.OutageFilter"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["outages"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
    }
