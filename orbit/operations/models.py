from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """A Celery process by its node name (`sender@HOST`), and when it last said that it is alive.

    `queues`: the names of the queues that it takes tasks from; beat has none.
    """

    name = models.CharField(max_length=255, primary_key=True)
    queues = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        app_label = "api"  # its table is api_heartbeat, its migration one of orbit.api

    def __str__(self) -> str:
        return self.name
