from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from orbit.operations import retention


class Command(BaseCommand):
    help = "Delete what is older than the RETENTION_* settings say (the beat does so once a day)."

    def handle(self, *args, **options) -> None:
        try:
            counts = retention.prune()
        except retention.PruneFailed as failed:
            raise CommandError(str(failed)) from failed
        for name, deleted in counts.items():
            self.stdout.write(f"{name}: {deleted} deleted")
