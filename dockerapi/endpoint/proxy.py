"""HTTP proxies: which one is used for a TCP endpoint, and how.

Every connection goes through the proxy by CONNECT, so the transport sees the same bytes with and
without a proxy. The variables mean what they mean to the docker command
(golang.org/x/net/http/httpproxy): HTTP_PROXY is for plain TCP, HTTPS_PROXY for TLS, and NO_PROXY
lists hosts without a proxy. Each name may be in lower case. The local machine is always reached
without a proxy. No message and no repr shows a proxy's user or password.
"""

from __future__ import annotations

import base64
import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import attrs

from ..errors import ConnectionFailed, shown
from ..protocol.deadline import Deadline

_PORT = 80  # the default port of http:// URLs
_LARGEST_HEAD = 64 * 1024


@attrs.frozen
class Proxy:
    """An HTTP proxy; `authorization` is the value of the Proxy-Authorization header, if any."""

    host: str
    port: int
    authorization: str | None = attrs.field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str, source: str = "proxy") -> Proxy:
        """The proxy of `http://user:password@host:port`; `http://` is optional.

        Raises:
            ValueError: the URL has another form. The message begins with `source` and does not show
                the URL, which may hold a password.
        """
        if not isinstance(url, str):
            raise TypeError(f"{source}: a string was expected, not {type(url).__name__}")
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme and parts.scheme != "http":
            raise ValueError(
                f"{source}: a proxy that is spoken to by {parts.scheme}:// is not supported; "
                "http:// is"
            )
        beyond = parts.path.strip("/") or parts.query or parts.fragment
        if not parts.hostname or beyond or port == 0 or any(ord(c) < 33 for c in url):
            raise ValueError(
                f"{source}: http://host:port was expected (what is there is not shown)"
            )
        authorization = None
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return cls(parts.hostname, port or _PORT, authorization)

    def __str__(self) -> str:
        return f"http://{_address(self.host, self.port)}"

    def tunnel(self, sock: socket.socket, host: str, port: int, deadline: Deadline) -> None:
        """Asks the proxy at the other end of this socket for a tunnel to a host.

        Raises:
            ConnectionFailed: the proxy refuses, or is not a proxy.
            OSError: the connection broke, or timed out.
        """
        address = _address(host, port)
        lines = [f"CONNECT {address} HTTP/1.1", f"Host: {address}"]
        if self.authorization is not None:
            lines.append(f"Proxy-Authorization: {self.authorization}")
        sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        status = _head(sock, deadline.whole()).partition(b"\r\n")[0].decode("latin-1")
        version, _, reason = status.partition(" ")
        if not version.startswith("HTTP/1.") or not reason[:3].isdigit():
            raise ConnectionFailed(f"no HTTP proxy answers there: {shown(status)}")
        if reason.startswith("407"):
            cure = "wants another" if self.authorization else "wants a"
            raise ConnectionFailed(
                f"it {cure} user and password ({reason.strip()})", permanent=True
            )
        if not reason.startswith("2"):
            raise ConnectionFailed(f"it does not connect to {address} ({shown(reason)[1:-1]})")


def _head(sock: socket.socket, limit: Deadline) -> bytes:
    """Reads the head of the proxy's answer and no byte more: the next bytes are the Engine's."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        sock.settimeout(limit.left())
        waiting = sock.recv(_LARGEST_HEAD, socket.MSG_PEEK)
        # The blank line may be split between the bytes already read and those still waiting.
        end = (head[-3:] + waiting).find(b"\r\n\r\n")
        count = len(waiting) if end < 0 else end + 4 - len(head[-3:])
        head += sock.recv(count)
        if not waiting:
            raise ConnectionFailed("it closed the connection without an answer")
        if len(head) > _LARGEST_HEAD:
            raise ConnectionFailed(f"its answer has a head of more than {_LARGEST_HEAD:,} bytes")
    return head


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def proxy_of(environ: Mapping[str, str], host: str, port: int, *, tls: bool) -> Proxy | None:
    """The environment's proxy for an endpoint; None for a direct connection.

    Raises:
        ValueError: the variable is not the URL of an HTTP proxy.
    """
    name = "HTTPS_PROXY" if tls else "HTTP_PROXY"
    if not tls and environ.get("REQUEST_METHOD") and environ.get(name):
        return None  # in a CGI script HTTP_PROXY is a header of the request (CVE-2016-5386)
    found = next((each for each in (name, name.lower()) if environ.get(each)), None)
    if found is None:
        return None
    exceptions = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    if _is_direct(exceptions, host.lower(), port):
        return None
    return Proxy.parse(environ[found].strip(), found)


def _is_direct(exceptions: str, host: str, port: int) -> bool:
    number = _number(host)
    if host == "localhost" or (number is not None and number.is_loopback):
        return True
    entries = (entry.strip().lower() for entry in exceptions.split(","))
    return any(_matches(entry, host, port, number) for entry in entries if entry)


def _matches(
    entry: str, host: str, port: int, number: ipaddress.IPv4Address | ipaddress.IPv6Address | None
) -> bool:
    """Whether an entry of NO_PROXY matches a host: `*`, a network, an address, or a domain."""
    if entry == "*":
        return True
    if "/" in entry:
        try:
            return number is not None and number in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name = entry
    if _number(entry) is None:  # an IPv6 address has colons, but no port
        name, _, wanted = entry.partition(":") if entry[0] != "[" else entry[1:].partition("]")
        wanted = wanted.removeprefix(":")
        if wanted and wanted != str(port):
            return False
    if (found := _number(name)) is not None:
        return found == number
    name = name.removeprefix("*")
    if name.startswith("."):
        return host.endswith(name)
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
