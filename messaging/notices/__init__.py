"""Incidents, and who is told of them: by mail, Slack, PagerDuty or a web server of their own."""
