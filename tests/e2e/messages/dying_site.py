"""A site whose processes may be killed, and what it is killed by is not another one's."""

from __future__ import annotations

import threading
from typing import Any

from tests.fixtures.site import Site


class DyingSite(Site):
    """Its processes end at the points of code in the folder that DEATHS names (dying.py).

    gunicorn and Celery look after their children; a thread of ours after the receiver.
    """

    wsgi, app = "tests.e2e.messages.dying:application", "tests.e2e.messages.dying"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._stopped = threading.Event()
        self._watch = threading.Thread(target=self._look_after, daemon=True)

    def start(self) -> None:
        super().start()
        self._watch.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._watch.ident:
            self._watch.join()
        super().stop()

    def _look_after(self) -> None:
        while not self._stopped.wait(0.1):
            self.start_receiver()
