"""An HTTP proxy on a real socket, which connects by CONNECT or refuses."""

from __future__ import annotations

import contextlib
import socket
import threading

from scripted import PATIENCE, ScriptedDaemon


class ScriptedProxy:
    """Reads the head of one CONNECT per connection; connects if that is its answer."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        self.heads: list[str] = []
        self._answer = answer
        self._there: list[socket.socket] = []
        self._daemon = ScriptedDaemon(tcp=True, on_connect=self._play)

    def __enter__(self) -> ScriptedProxy:
        self._daemon.__enter__()
        self.port = self._daemon.port
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *error: object) -> None:
        # An Engine with TLS says goodbye at the end of an exec, and leaves TCP open for a while.
        for there in self._there:
            with contextlib.suppress(OSError):
                there.shutdown(socket.SHUT_RDWR)
        self._daemon.__exit__(None, None, None)

    def _play(self, sock: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (data := sock.recv(1)):
                return
            head += data
        self.heads.append(head.decode())
        for number in range(len(self._answer)):  # in the worst of pieces
            sock.sendall(self._answer[number : number + 1])
        if b" 200" in self._answer and self._answer.endswith(b"\r\n\r\n"):
            host, _, port = head.split()[1].decode().partition(":")
            with socket.create_connection((host, int(port))) as there:
                self._there.append(there)
                back = threading.Thread(target=copy, args=(there, sock), daemon=True)
                back.start()
                copy(sock, there)
                back.join(PATIENCE)


def copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
