"""Proxies of Debian between a client and the Engine's socket: nginx, which hangs up both ways at
the end of an input, and HAProxy, which passes that on."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from live.programs import provide, where
from live.sshd import free_port, wait_for

NGINX = """\
user root;
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 0;
        location / {{
            proxy_pass {engine};
            proxy_http_version {version};
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $http_connection;
            proxy_buffering off;
            proxy_read_timeout 600s;
            {further}
        }}
    }}
}}
"""
HAPROXY = """\
global
    log stderr format raw daemon
defaults
    mode {mode}
    timeout connect 60s
    timeout client 600s
    timeout server 600s
listen engine
    bind 127.0.0.1:{port}
    server engine unix@{socket}
"""


@contextlib.contextmanager
def nginx(socket: str, folder: Path, *, hidden: bool = False) -> Iterator[str]:
    """The URL of an nginx in front of a socket; `hidden` leaves the Engine's own `Server`."""
    with _nginx(f"http://unix:{socket}:", folder, hidden=hidden) as url:
        yield url


@contextlib.contextmanager
def older_nginx(address: str, folder: Path) -> Iterator[str]:
    """The URL of an nginx that speaks HTTP/1.0 to an address, as it does if it is not told."""
    with _nginx(f"http://{address}", folder, version="1.0") as url:
        yield url


@contextlib.contextmanager
def _nginx(
    engine: str, folder: Path, *, version: str = "1.1", hidden: bool = False
) -> Iterator[str]:
    values = {
        "engine": engine,
        "version": version,
        "further": "proxy_pass_header Server;" if hidden else "",
    }
    with _serve("nginx", NGINX, ["-c"], folder, **values) as url:
        yield url


@contextlib.contextmanager
def haproxy(socket: str, folder: Path, mode: str) -> Iterator[str]:
    """The URL of an HAProxy in front of a socket, which knows HTTP in the mode `http`."""
    with _serve("haproxy", HAPROXY, ["-db", "-f"], folder, socket=socket, mode=mode) as url:
        yield url


@contextlib.contextmanager
def _serve(
    name: str, settings: str, arguments: list[str], folder: Path, **values: str
) -> Iterator[str]:
    provide(name)
    port, file, log = free_port(), folder / "settings", folder / "log"
    file.write_text(settings.format(folder=folder, port=port, **values))
    program = where(name)
    assert program is not None
    with log.open("wb") as output:
        process = subprocess.Popen([program, *arguments, file], stdout=output, stderr=output)
    try:
        wait_for(port, process, log)
        yield f"tcp://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
