"""HTTP requests as fast as they are answered, over connections that are kept: a process of its own.

    python load.py FILE

FILE holds JSON `{"url", "connections", "headers", "bodies"}`. Each connection has one request under
way at a time, and takes the next body when it is answered. Prints
`{"started": Unix seconds, "seconds", "cpu", "statuses": {"202": 1000}}`; `cpu`: seconds of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit


async def post(
    address: tuple[str, int], head: bytes, bodies: Iterator[str], statuses: Counter[str]
) -> None:
    reader, writer = await asyncio.open_connection(*address)
    for body in bodies:
        content = body.encode()
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(content) + content)
        answer = await reader.readuntil(b"\r\n\r\n")
        fields = answer.lower().split(b"\r\n")
        statuses[fields[0].split()[1].decode()] += 1
        if b"transfer-encoding: chunked" in fields:  # Jasmin's: one chunk, and the last
            await reader.readuntil(b"\r\n0\r\n\r\n")
        else:
            length = next(each for each in fields if each.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
    writer.close()


async def run(order: dict) -> dict:
    url = urlsplit(order["url"])
    lines = [f"POST {url.path} HTTP/1.1", f"Host: {url.netloc}"]
    lines += [f"{name}: {value}" for name, value in order["headers"].items()]
    head = "".join(f"{line}\r\n" for line in lines).encode()
    bodies, statuses = iter(order["bodies"]), Counter()
    started, cpu, clock = time.time(), time.process_time(), time.monotonic()
    address = (url.hostname, url.port)
    async with asyncio.TaskGroup() as group:
        for _ in range(order["connections"]):
            group.create_task(post(address, head, bodies, statuses))
    return {
        "started": started,
        "seconds": time.monotonic() - clock,
        "cpu": time.process_time() - cpu,
        "statuses": statuses,
    }


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(json.dumps(asyncio.run(run(json.load(file)))))
