"""TLS: its settings, and a socket that can read and write at once, and close one direction.

The standard library's socket can do neither. OpenSSL forbids two threads in one connection at a
time. `SSLSocket.unwrap()` sends close_notify and then reads; if the other side is still sending,
that fails (SSL_R_APPLICATION_DATA_AFTER_CLOSE_NOTIFY) and the rest is lost. So this TLS works in
memory, under a lock, and bytes are moved outside of the lock. The rules:

- everything that has arrived is decrypted at once, so that `unwrap()` finds no record;
- a reader never sends: an answer of TLS itself is sent with the next data;
- EOF without close_notify is treated as truncation: anybody on the way may have cut the connection.
  All releases of the Engine send close_notify;
- a signal handler may read while its thread writes, and write while it reads. Between two calls of
  OpenSSL all state is consistent, so a thread may take the lock twice. What a handler writes during
  a write is sent after it (`Outbox`), as is a close_notify during decryption;
- only the methods below use TLS: the other methods of a socket must not move bytes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

import attrs

from ..protocol.deadline import Deadline
from .outbox import Outbox
from .sockets import EngineSocket

_BLOCK = 64 * 1024


class SecureSocket(EngineSocket):
    """A socket that uses TLS from `start()` on; one thread may read while another writes.

    It is created as this class and does not take over another socket: if a signal handler raised in
    between, the descriptor would stay open.
    """

    def __init__(
        self, family: int = -1, kind: int = -1, protocol: int = -1, fileno: int | None = None
    ) -> None:
        super().__init__(family, kind, protocol, fileno)
        self._tls: ssl.SSLObject | None = None
        self._state = threading.RLock()  # guards the TLS state
        self._outbox: Outbox[bytes | None] = Outbox()  # keeps the records in order
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._plain = memoryview(b"")  # decrypted but not yet read
        self._decrypting = False
        self._goodbye_due = False
        self._error: OSError | None = None
        self._at_end = False

    def start(self, context: ssl.SSLContext, name: str, deadline: Deadline) -> None:
        """Does the TLS handshake with a server of this name."""
        try:
            # Some Pythons (3.10, 3.11) would take a cut for a regular end.
            context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
            tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
            self._shake_hands(tls, deadline)
            self._tls = tls
            self._decrypt(tls)  # data that arrived with the end of the handshake
        except BaseException:
            self.close()
            raise

    def _shake_hands(self, tls: ssl.SSLObject, deadline: Deadline) -> None:
        limit = deadline.whole()
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._send_records()
            except ssl.SSLError:
                with contextlib.suppress(OSError):
                    self._send_records()  # the alert with the reason
                raise
            self.settimeout(limit.left())
            self._fill(super().recv(_BLOCK))
        self.settimeout(deadline.left())
        self._send_records()

    def _send_records(self) -> None:
        if self._outgoing.pending:
            super().sendall(self._outgoing.read())

    def _fill(self, data: bytes) -> None:
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _decrypt(self, tls: ssl.SSLObject) -> None:
        """Decrypts everything that has arrived, up to a close_notify or an error."""
        pieces = []
        try:
            while piece := tls.read(_BLOCK):
                pieces.append(piece)
            self._at_end = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._at_end = True  # after ours, the peer's close_notify comes as an error
        except ssl.SSLError as error:
            cut = ConnectionResetError(errno.ECONNRESET, "TLS ended without a goodbye")
            self._error = cut if is_cut(error) else error
        self._plain = memoryview(b"".join(pieces))

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        tls = self._tls
        if tls is None:
            return super().recv(bufsize, flags)
        began, timeout = time.monotonic(), self.gettimeout()
        while not self._plain:
            if self._error is not None:
                raise self._error
            if self._at_end:
                return b""
            data = super().recv(_BLOCK)
            # The socket's timeout is not changed: another thread may be writing under it.
            if timeout and time.monotonic() - began > timeout:
                raise TimeoutError("a record of TLS came too slowly")
            with self._state:
                try:
                    self._decrypting = True
                    self._fill(data)
                    self._decrypt(tls)
                finally:
                    self._decrypting = False
            if self._goodbye_due:
                self._goodbye_due = False
                self._outbox.put(None, self._send_whole)
        piece, self._plain = self._plain[:bufsize], self._plain[bufsize:]
        return bytes(piece)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        target = memoryview(buffer).cast("B")
        data = self.recv(nbytes or len(target))
        target[: len(data)] = data
        return len(data)

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        if self._tls is None:
            super().sendall(data, flags)
            return
        copy = memoryview(data).tobytes()  # a copy: it may be sent later
        self._outbox.put(copy, self._send_whole)

    def send(self, data: Any, flags: int = 0, /) -> int:
        self.sendall(data)
        return memoryview(data).nbytes

    def shutdown(self, how: int, /) -> None:
        """SHUT_WR sends close_notify, and reading goes on; any other value shuts down TCP."""
        if how != socket.SHUT_WR or self._tls is None:
            super().shutdown(how)
            return
        self._outbox.put(None, self._send_whole)

    def _send_whole(self, data: bytes | None) -> None:
        """Sends all of the data; None sends close_notify."""
        tls = self._tls
        assert tls is not None  # otherwise the outbox is empty
        if data is None:
            with self._state:
                if self._decrypting:  # a signal handler: its thread already has the lock
                    self._goodbye_due = True
                    return
                with contextlib.suppress(ssl.SSLWantReadError):  # waits for the peer's close_notify
                    tls.unwrap()
                records = self._outgoing.read()
            super().sendall(records)
            return
        view = memoryview(data)
        while view:
            with self._state:
                view = view[tls.write(view[:_BLOCK]) :]
                records = self._outgoing.read()
            super().sendall(records)


# Certificate errors by OpenSSL's numbers (x509_vfy.h). Two numbers may have one meaning.
_NAMES = (62, 64)
_AUTHORITIES = (2, 19, 20, 21)
_CURES = {
    9: "is not valid yet ({}). Is the clock right, here and where it was made?",
    10: "has expired ({}). Have a new one made, or set the clock of this machine if it is wrong",
    18: "is signed by itself ({}). If you trust it, give TLSConfig(ca=) that very certificate",
    **dict.fromkeys(
        _AUTHORITIES,
        "is signed by an authority that is not trusted here ({}). Give TLSConfig(ca=) the "
        "certificate of the one that signed it",
    ),
    **dict.fromkeys(
        _NAMES,
        "is for another host ({}). Use the name in it, in the URL or as TLSConfig(server_name=)",
    ),
}
_OTHER = "is not trusted ({}). Was TLSConfig(ca=) given the right CA?"


def is_cut(error: ssl.SSLError) -> bool:
    """Whether the other side closed the connection without close_notify.

    With OpenSSL 3, early releases of Python 3.10 and 3.11 have no class for it, only the reason.
    """
    return isinstance(error, ssl.SSLEOFError) or error.reason == "UNEXPECTED_EOF_WHILE_READING"


def _trouble(error: ssl.SSLError, *, certified: bool) -> str:
    """The meaning of a TLS error, with the cure; `certified`: a client certificate was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        words = _CURES.get(error.verify_code, _OTHER).format(error.verify_message.rstrip("."))
        return f"the Engine's certificate {words}"
    if is_cut(error):
        return (
            "the Engine hung up on TLS. Does it want a client certificate, or another one? "
            "Its log tells"
        )
    reason = error.reason or str(error)
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return f"no TLS is spoken there ({reason}): the Engine expects plain HTTP; leave out tls="
    # For a missing certificate TLS 1.3 says "required"; before, Go says "bad", OpenSSL "handshake".
    missing = ("CERTIFICATE_REQUIRED", "BAD_CERTIFICATE", "HANDSHAKE_FAILURE")
    if not certified and any(word in reason for word in missing):
        return (
            f"the Engine wants a client certificate ({reason}): give TLSConfig() a cert and its "
            "key, signed by the CA that the Engine was given"
        )
    if "UNKNOWN_CA" in reason or "BAD_CERTIFICATE" in reason:
        return (
            f"the Engine does not trust the client's certificate ({reason}): have it signed by the "
            "CA that the Engine was given as --tlscacert"
        )
    return f"TLS failed: {reason}"


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        pass  # it may exist without being readable; loading it reports why
    return True


def _path(value: str | os.PathLike[str] | None) -> Path | None:
    return None if value is None else Path(value)


def _no_passphrase() -> str:
    # Without this, OpenSSL asks for it on the terminal, and waits.
    raise OSError("the key has a passphrase, for which nobody is asked; give a copy without one")


@attrs.frozen
class TLSConfig:
    """TLS settings for an Engine.

    Args:
        ca: PEM file of the CAs that may have signed the Engine's certificate; None uses the
            system's.
        cert, key: PEM files of the client's certificate and its private key.
        verify: False accepts any certificate of any host: the connection is encrypted, but the
            other side may be anybody.
        server_name: the name that the Engine's certificate must have, if it is not the host of the
            URL.
    """

    ca: Path | None = attrs.field(default=None, converter=_path)
    cert: Path | None = attrs.field(default=None, converter=_path)
    key: Path | None = attrs.field(default=None, converter=_path)
    verify: bool = attrs.field(default=True, kw_only=True)
    server_name: str | None = attrs.field(default=None, kw_only=True)

    socket: ClassVar = SecureSocket  # the class of its sockets

    def __attrs_post_init__(self) -> None:
        if (self.cert is None) != (self.key is None):
            raise ValueError("TLSConfig: cert and key go together; only one of them was given")

    @classmethod
    def from_directory(cls, directory: str | os.PathLike[str], *, verify: bool = True) -> TLSConfig:
        """The files `ca.pem`, `cert.pem` and `key.pem` of `directory`.

        Missing files are left out. `verify` is that of `TLSConfig`.
        """
        found = [Path(directory) / name for name in ("ca.pem", "cert.pem", "key.pem")]
        ca, cert, key = (path if _is_there(path) else None for path in found)
        return cls(ca, cert, key, verify=verify)

    def trouble(self, error: BaseException) -> tuple[str, bool] | None:
        """The meaning of `error`, with the cure, and whether it is permanent.

        None if the error is not about TLS.
        """
        if not isinstance(error, ssl.SSLError):
            return None
        # A stopping Engine cuts its connections.
        return _trouble(error, certified=self.cert is not None), not is_cut(error)

    def context(self) -> ssl.SSLContext:
        """A new SSLContext with the files loaded; OSError or ssl.SSLError on failure."""
        made = ssl.create_default_context(cafile=self.ca)
        if not self.verify:
            made.check_hostname = False
            made.verify_mode = ssl.CERT_NONE
        if self.cert is not None:
            made.load_cert_chain(self.cert, self.key, _no_passphrase)
        return made
