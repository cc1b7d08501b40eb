"""Texts of phones at a pace: the simulated carrier is asked by its control port to send each.

    python text_load.py FILE

FILE holds JSON `{"control": port, "system", "to", "pace", "texts": [[from, text], …]}`; each text
begins when it is due, whatever became of the one before, and every second one has its last part
sent first. Prints `{"sent": [Unix seconds, …], "late": seconds}`: when
each was asked for, so just before the carrier sends its deliver_sm, and how late that was at most.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time


async def send(order: dict, place: int) -> float:
    source, text = order["texts"][place]
    body = {
        "source_addr": source,
        "destination_addr": order["to"],
        "text": text,
        "parts_reversed": place % 2 == 1,
    }
    content = json.dumps(body).encode()
    head = (
        f"POST /systems/{order['system']}/texts HTTP/1.0\r\nHost: 127.0.0.1\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", order["control"])
    began = time.time()
    writer.write(head.encode() + content)
    answer = await reader.read()
    writer.close()
    assert answer.split(maxsplit=2)[1] == b"200", answer
    return began


async def run(order: dict) -> dict:
    began, late, sends = time.monotonic(), 0.0, []
    async with asyncio.TaskGroup() as group:
        for place in range(len(order["texts"])):
            due = began + place / order["pace"]
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            late = max(late, time.monotonic() - due)
            sends.append(group.create_task(send(order, place)))
    return {"sent": [each.result() for each in sends], "late": late}


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(json.dumps(asyncio.run(run(json.load(file)))))
