"""A receiver of a gateway's reports that answers ACK/Jasmin and counts.

    python report_sink.py

Prints the port of 127.0.0.1 that it has; `GET /` answers how many reports have come, `GET /last`
when the last one did (Unix seconds).
"""

from __future__ import annotations

import asyncio
import time

ACK = b"ACK/Jasmin"


class Sink:
    def __init__(self) -> None:
        self.count = 0
        self.last = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
                said = self.said(head)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def said(self, head: bytes) -> bytes:
        if head.startswith(b"get / "):
            return str(self.count).encode()
        if head.startswith(b"get /last "):
            return str(self.last).encode()
        self.count += 1  # Jasmin posts its reports, Kannel gets their addresses
        self.last = time.time()
        return ACK


async def main() -> None:
    server = await asyncio.start_server(Sink().serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
