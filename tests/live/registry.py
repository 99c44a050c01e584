"""A registry on this machine's loopback, for whatever needs one, without the internet.

The Engine takes a registry on 127.0.0.0/8 without TLS. What it stores and serves is done by
Debian's docker-registry; searching, which no registry of today knows, is answered here.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from live.engine import PATIENCE, EngineFailed
from live.programs import provide, where
from live.sshd import free_port

USERNAME = "ada"
PASSWORD = "secret"
# bcrypt of the password, which is the one form that it takes.
PASSWORDS = f"{USERNAME}:$2b$04$dockerapidockerapidoceLkcUC5SSIakheLpTec9t/NyxTPk.KrS\n"
OTHER_PASSWORD = "other"
OTHER_PASSWORDS = f"{USERNAME}:$2b$04$dockerapidockerapidoceuIy2sxTY4.2rCEBvhASydqUwt4Mqp9O\n"


@contextlib.contextmanager
def serve_registry(folder: Path) -> Iterator[str]:
    """The address of a new, empty registry, which knows one user."""
    (folder / "passwords").write_text(PASSWORDS)
    auth = {"htpasswd": {"realm": "registry", "path": str(folder / "passwords")}}
    with run_registry(folder, auth) as address:
        yield address


@contextlib.contextmanager
def run_registry(folder: Path, auth: Mapping[str, object]) -> Iterator[str]:
    """The address of a new, empty registry with this in its settings."""
    provide("docker-registry")
    program = str(where("docker-registry"))
    address = f"127.0.0.1:{free_port()}"
    settings = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}},
        "http": {"addr": address},
        "auth": auth,
    }
    (folder / "config.yml").write_text(json.dumps(settings))  # JSON is YAML
    with open(folder / "log", "wb") as log:
        command = [program, "serve", str(folder / "config.yml")]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(address, process, folder / "log")
        yield address
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def serve_search(found: list[dict[str, object]]) -> Iterator[tuple[str, list[str]]]:
    """The address of a registry that finds this, and what it was asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/v1/search"):
                asked.append(self.path)
            body = json.dumps({"num_results": len(found), "results": found}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The Engine tries TLS first, which is no error here."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


REFUSED = "not here, not now"


@contextlib.contextmanager
def serve_refusals(status: int, code: str, *, to_reads: int) -> Iterator[str]:
    """The address of a registry that refuses whoever pushes, and answers `to_reads` to the rest."""

    class Handler(http.server.BaseHTTPRequestHandler):
        default_request_version = "HTTP/1.1"  # of what is no HTTP: the beginning of TLS

        def do_GET(self) -> None:
            self._refuse(200 if self.path == "/v2/" else to_reads)

        do_HEAD = do_GET

        def do_POST(self) -> None:
            self._refuse(status)

        def _refuse(self, status: int) -> None:
            self._answer(status, {"errors": [{"code": code, "message": REFUSED}]})

        def _answer(self, status: int, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The Engine tries TLS first, which is no error here."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.closing(http.client.HTTPConnection(address, timeout=5)) as connection:
            try:
                connection.request("GET", "/v2/")
                if connection.getresponse().status == 401:
                    return
            except OSError:
                time.sleep(0.05)
    raise EngineFailed(f"the registry does not come up:\n{log.read_text(errors='replace')}")
