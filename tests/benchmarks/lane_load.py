"""Load on the lane: POSTs batches of submits and reads the log up to the last receipt.

    python lane_load.py FILE

FILE holds JSON `{"url", "user", "password", "operator", "operator_password", "source", "to",
"text", "count", "batch"}`. What is refused as full is submitted again a moment later. Prints
`{"started", "last_report": Unix seconds, "cpu", "again": how many were given again}`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import sys
import time
from typing import Any
from urllib.parse import urlsplit

PAUSE = 0.02  # seconds before refused submits are sent again


class Http:
    """A kept-alive connection with a user's name and password."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._address = urlsplit(url)
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._head = f"Host: {self._address.netloc}\r\nAuthorization: Basic {token}\r\n"

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(
            self._address.hostname, self._address.port, limit=64 * 1024 * 1024
        )

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(content)}\r\n"
        if body is not None:
            head += "Content-Type: application/json\r\n"
        self._writer.write(head.encode() + b"\r\n" + content)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        assert answer.split()[1] == b"200", answer
        return json.loads(await self._content(answer))

    async def _content(self, head: bytes) -> bytes:
        if b"transfer-encoding: chunked" not in head:
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            return await self._reader.readexactly(int(length))
        content = b""
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            content += (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readexactly(2)
        return content


class Lane:
    def __init__(self, order: dict) -> None:
        self._order = order
        self._door = Http(order["url"], order["user"], order["password"])
        self._log = Http(order["url"], order["operator"], order["operator_password"])
        self.again = 0
        self.last_report = 0.0

    async def run(self) -> None:
        await self._door.open()
        await self._log.open()
        last = (await self._log.ask("GET", "/lane/log?after=0&wait=0&limit=1"))["last"]
        self.started = time.time()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._give())
            group.create_task(self._read(last))

    async def _give(self) -> None:
        order, run = self._order, secrets.token_hex(4)
        waiting = [
            {
                "token": f"{run}.{n}",
                "from": order["source"],
                "to": order["to"],
                "data_coding": 0,
                "parts": [order["text"].encode("latin-1").hex()],
                "udhi": False,
                "tlvs": [],
                "validity": "",
                "expires_in": 300.0,
            }
            for n in range(order["count"])
        ]
        while waiting:
            batch, waiting = waiting[: order["batch"]], waiting[order["batch"] :]
            said = await self._door.ask("POST", "/lane/submits", {"submits": batch})
            refused = [
                submit
                for submit, result in zip(batch, said["results"], strict=True)
                if not result["accepted"]
            ]
            if refused:
                assert {each["reason"] for each in said["results"] if not each["accepted"]} == {
                    "full"
                }, said["results"][-1]
                self.again += len(refused)
                waiting = refused + waiting
                await asyncio.sleep(PAUSE)

    async def _read(self, after: int) -> None:
        receipts = 0
        while receipts < self._order["count"]:
            said = await self._log.ask("GET", f"/lane/log?after={after}&wait=20&limit=1000")
            after = max([after, *(each["n"] for each in said["records"])])
            receipts += sum(each["kind"] == "deliver" for each in said["records"])
            self.last_report = time.time()


def main() -> None:
    with open(sys.argv[1]) as file:
        lane = Lane(json.load(file))
    cpu = time.process_time()
    asyncio.run(lane.run())
    said = {
        "started": lane.started,
        "last_report": lane.last_report,
        "cpu": time.process_time() - cpu,
        "again": lane.again,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
