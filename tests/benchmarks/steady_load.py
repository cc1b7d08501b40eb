"""A steady load on the lane until SIGTERM, and how late each message's answer was.

    python steady_load.py FILE

FILE holds JSON `{"url", "user", "password", "operator", "operator_password", "to", "rate"}`.
Prints `{"given", "refused", "failed": requests without an answer, "answered", "median", "p99",
"latest": seconds from the request to the carrier's answer, "longest_request": seconds}`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import signal
import sys
import time

from lane_load import Http  # beside this file, which runs by its path

TICK = 0.1  # seconds
PATIENCE = 10.0  # seconds for the last answers


class SteadyLoad:
    def __init__(self, order: dict) -> None:
        self._order = order
        self._over = asyncio.Event()
        self._given_at: dict[str, float] = {}
        self._late: list[float] = []
        self._longest = 0.0
        self._refused = self._failed = 0

    async def run(self) -> dict:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._over.set)
        reading = asyncio.create_task(self._read())
        await self._give()
        deadline = time.monotonic() + PATIENCE
        while len(self._late) < len(self._given_at):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(TICK)
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
        late = sorted(self._late) or [0.0]
        return {
            "given": len(self._given_at) + self._refused,
            "refused": self._refused,
            "failed": self._failed,
            "answered": len(self._late),
            "median": late[len(late) // 2],
            "p99": late[int(len(late) * 0.99)],
            "latest": late[-1],
            "longest_request": self._longest,
        }

    async def _give(self) -> None:
        order, run, number = self._order, secrets.token_hex(4), 0
        door = Http(order["url"], order["user"], order["password"])
        await door.open()
        due = time.monotonic()
        while not self._over.is_set():
            # What a slow request has kept back is given with the next.
            count = max(1, round((time.monotonic() - due + TICK) * order["rate"]))
            due += count / order["rate"]
            tokens = [f"{run}.{number + n}" for n in range(min(count, 1000))]
            number += len(tokens)
            await self._submit(door, tokens)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), max(0.0, due - time.monotonic()))

    async def _submit(self, door: Http, tokens: list[str]) -> None:
        started = time.time()
        submits = [
            {
                "token": token,
                "from": "ACME",
                "to": self._order["to"],
                "parts": [b"hello".hex()],
                "expires_in": 300.0,
            }
            for token in tokens
        ]
        # An answer may be read before the one to this request.
        self._given_at |= dict.fromkeys(tokens, started)
        try:
            said = await door.ask("POST", "/lane/submits", {"submits": submits})
        except (OSError, asyncio.IncompleteReadError, AssertionError):
            self._failed += 1
            await door.open()
            return
        self._longest = max(self._longest, time.time() - started)
        for each in said["results"]:
            if not each["accepted"]:
                del self._given_at[each["token"]]
                self._refused += 1

    async def _read(self) -> None:
        order = self._order
        log = Http(order["url"], order["operator"], order["operator_password"])
        await log.open()
        after = (await log.ask("GET", "/lane/log?after=0&wait=0&limit=1"))["last"]
        while True:
            said = await log.ask("GET", f"/lane/log?after={after}&wait=5&limit=1000")
            for each in said["records"]:
                after = each["n"]
                if each["kind"] == "answer" and each["token"] in self._given_at:
                    self._late.append(each["at"] - self._given_at[each["token"]])


def main() -> None:
    with open(sys.argv[1]) as file:
        load = SteadyLoad(json.load(file))
    print(json.dumps(asyncio.run(load.run())))


if __name__ == "__main__":
    main()
