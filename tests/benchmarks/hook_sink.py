"""A receiver of webhooks that notes when each request came, and what it said.

    python hook_sink.py

Prints the port of 127.0.0.1 that it has; `GET /count` answers how many posts have come, `GET
/posts` all of them: `[[Unix seconds, id of the event, what the message says], …]`.
"""

from __future__ import annotations

import asyncio
import json
import time


class Sink:
    def __init__(self) -> None:
        self.posts: list[tuple[float, bytes]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                came = time.time()
                length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
                body = await reader.readexactly(int(length or 0))
                said = self.said(head, came, body)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def said(self, head: bytes, came: float, body: bytes) -> bytes:
        if head.startswith(b"GET /count "):
            return str(len(self.posts)).encode()
        if head.startswith(b"GET /posts "):
            return json.dumps([_told(*each) for each in self.posts]).encode()
        self.posts.append((came, body))
        return b""


def _told(came: float, body: bytes) -> tuple[float, str, str]:
    event = json.loads(body)
    return came, event["id"], event["data"]["body"]


async def main() -> None:
    server = await asyncio.start_server(Sink().serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
