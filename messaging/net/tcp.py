"""TCP connections to addresses that the host policy allows."""

from __future__ import annotations

import socket
from ipaddress import ip_address

from messaging.net.deadline import Deadline
from messaging.net.errors import ConnectRefused, ConnectTimedOut, Unreachable, describe_os_error


def peer_name(address: str, port: int) -> str:
    """`192.0.2.1:2775`, `[2001:db8::1]:2775`."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def open_tcp(*, address: str, port: int, deadline: Deadline) -> socket.socket:
    """A TCP connection with TCP_NODELAY: SMPP PDUs are small and wait for answers.

    `address` is an IP address that the host policy allows; a name raises ValueError. Raises
    ConnectRefused, ConnectTimedOut, Unreachable.
    """
    ip = ip_address(address)
    peer = peer_name(address, port)
    sock = socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET)
    try:
        arm(sock, deadline)
        sock.connect((address, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except TimeoutError:
        sock.close()
        raise ConnectTimedOut(f"no answer from {peer} to the TCP connection") from None
    except ConnectionRefusedError:
        sock.close()
        raise ConnectRefused(f"connection refused by {peer}") from None
    except OSError as error:
        sock.close()
        raise Unreachable(f"{peer} cannot be reached ({describe_os_error(error)})") from None
    return sock


def arm(sock: socket.socket, deadline: Deadline) -> None:
    """Limit the next call on `sock` to the time left.

    Raises TimeoutError if none is left: a timeout of 0 would mean non-blocking.
    """
    left = deadline.left()
    if left <= 0:
        raise TimeoutError
    sock.settimeout(left)
