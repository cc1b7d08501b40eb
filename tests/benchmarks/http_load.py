"""Load by HTTP: requests as fast as they are answered, over kept-alive connections.

    python http_load.py FILE

FILE holds JSON `{"url", "connections", "headers", "bodies", "method"?}`. Each connection has one
request under way at a time, and takes the next body when it is answered; with the method GET the
bodies are queries. Prints
`{"started": Unix seconds, "seconds", "cpu", "statuses": {"202": 1000}}`; `cpu`: seconds of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import urlsplit


def posted(path: str, head: str, body: str) -> bytes:
    content = body.encode()
    length = f"Content-Length: {len(content)}\r\n\r\n"
    return f"POST {path} HTTP/1.1\r\n{head}{length}".encode() + content


def got(path: str, head: str, body: str) -> bytes:
    return f"GET {path}?{body} HTTP/1.1\r\n{head}\r\n".encode()


WAYS = {"POST": posted, "GET": got}


async def ask(
    address: tuple[str, int],
    write: Callable[[str], bytes],
    bodies: Iterator[str],
    statuses: Counter[str],
) -> None:
    reader, writer = await asyncio.open_connection(*address)
    for body in bodies:
        writer.write(write(body))
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
    lines = [f"Host: {url.netloc}"]
    lines += [f"{name}: {value}" for name, value in order["headers"].items()]
    head = "".join(f"{line}\r\n" for line in lines)
    write = partial(WAYS[order.get("method", "POST")], url.path, head)
    bodies, statuses = iter(order["bodies"]), Counter()
    started, cpu, clock = time.time(), time.process_time(), time.monotonic()
    address = (url.hostname, url.port)
    async with asyncio.TaskGroup() as group:
        for _ in range(order["connections"]):
            group.create_task(ask(address, write, bodies, statuses))
    return {
        "started": started,
        "seconds": time.monotonic() - clock,
        "cpu": time.process_time() - cpu,
        "statuses": statuses,
    }


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(json.dumps(asyncio.run(run(json.load(file)))))
