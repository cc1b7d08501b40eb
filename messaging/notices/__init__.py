"""Incidents, and their notices: by mail, Slack, PagerDuty, or as JSON to a web server."""
