from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from dockerapi.testing.builder.downloads import NotFetched, fetched
from dockerapi.testing.versions.dialect import Dialect
from dockerapi.versions.releases import Release

NEW = Dialect.of(Release.parse("28.5.2"), None)[0]
OLD = Dialect.of(Release.parse("1.7.1"), None)[0]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of `/there` on this machine; the proxy of the environment is none."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/there" else 404)
            self.send_header("Content-Length", "300000")
            self.end_headers()
            self.wfile.write(b"x" * 300000)

        def log_message(self, format: str, *args: object) -> None:
            pass

    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    found = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{found.server_port}"
    found.shutdown()
    thread.join()
    found.server_close()


def test_what_is_there_comes_in_blocks(server: str) -> None:
    blocks = list(fetched(NEW, f"{server}/there"))
    assert (b"".join(blocks), len(blocks)) == (b"x" * 300000, 3)


def test_an_error_of_the_server_is_told(server: str) -> None:
    with pytest.raises(NotFetched) as caught:
        list(fetched(NEW, f"{server}/nosuch"))
    assert str(caught.value) == "Got HTTP status code >= 400: 404 Not Found"


@pytest.mark.parametrize(
    ("dialect", "url", "message"),
    [
        (NEW, "http://127.0.0.1:9/x", 'Get "http://127.0.0.1:9/x": connection refused'),
        (OLD, "http://127.0.0.1:9/x", "Get http://127.0.0.1:9/x: connection refused"),
        (
            NEW,
            "file:///etc/passwd",
            'Get "file:///etc/passwd": unsupported protocol scheme; only http and https are',
        ),
    ],
)
def test_what_cannot_be_fetched(dialect: Dialect, url: str, message: str) -> None:
    with pytest.raises(NotFetched) as caught:
        list(fetched(dialect, url))
    assert str(caught.value) == message
