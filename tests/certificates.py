"""Certificates of an authority that only one test knows, for both sides of a TLS connection."""

from __future__ import annotations

import datetime
import re
import ssl
from collections.abc import Callable
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dockerapi import TLSConfig

_NOW = datetime.datetime.now(datetime.timezone.utc)


def self_signed(folder: Path) -> Path:
    """The file of a daemon that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW - datetime.timedelta(days=1))
        .not_valid_after(_NOW + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "self-signed.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


class Authority:
    """Signs the certificates of a daemon and of its clients, in files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self.ca = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(self.ca)

    def daemon(
        self,
        *names: str,
        wants_client: bool = False,
        newest: ssl.TLSVersion | None = None,
        days: tuple[int, int] = (-1, 1),
    ) -> ssl.SSLContext:
        """The context of a daemon; with `wants_client`, for clients of this authority only."""
        context = context_of(self.file(*names, days=days), self.ca if wants_client else None)
        if newest is not None:
            context.maximum_version = newest
        return context

    def file(self, *names: str, days: tuple[int, int] = (-1, 1)) -> Path:
        """A file with the key and the certificate of a daemon, valid within `days` of now."""
        start, end = (_NOW + datetime.timedelta(days=count) for count in days)
        issued = self._authority.issue_cert(
            *(names or ("localhost",)), not_before=start, not_after=end
        )
        file = self._folder / "daemon.pem"
        issued.private_key_and_cert_chain_pem.write_to_path(file)
        return file

    def client(self) -> TLSConfig:
        """What a client of this authority needs: `ca.pem`, `cert.pem`, `key.pem` of the folder."""
        issued = self._authority.issue_cert("client@example.org")
        issued.cert_chain_pems[0].write_to_path(self._folder / "cert.pem")
        issued.private_key_pem.write_to_path(self._folder / "key.pem")
        return TLSConfig(self.ca, self._folder / "cert.pem", self._folder / "key.pem")


def context_of(file: Path, clients: Path | None = None) -> ssl.SSLContext:
    """The context of a daemon with a key and certificate; `clients` is the CA that theirs need."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    return context


# What is wrong with a certificate, and what is said of it.
WRONG = {
    "another authority": (
        "the Engine's certificate is signed by an authority that is not trusted here "
        "(unable to get local issuer certificate). Give TLSConfig(ca=) the certificate of the one "
        "that signed it"
    ),
    "expired": (
        "the Engine's certificate has expired (certificate has expired). Have a new one made, or "
        "set the clock of this machine if it is wrong"
    ),
    "not yet valid": (
        "the Engine's certificate is not valid yet (certificate is not yet valid). Is the clock "
        "right, here and where it was made?"
    ),
    "another host": (
        "the Engine's certificate is for another host (Hostname mismatch, certificate is not valid "
        "for 'localhost'). Use the name in it, in the URL or as TLSConfig(server_name=)"
    ),
    "self-signed": (
        "the Engine's certificate is signed by itself (self-signed certificate). If you trust it, "
        "give TLSConfig(ca=) that very certificate"
    ),
    "no client certificate": (
        "the Engine wants a client certificate (REASON): give TLSConfig() a cert and its key, "
        "signed by the CA that the Engine was given"
    ),
    "another client authority": (
        "the Engine does not trust the client's certificate (REASON): have it signed by the CA "
        "that the Engine was given as --tlscacert"
    ),
    "plain HTTP": "the Engine speaks TLS there: give tls= a TLSConfig",
}
NO_TLS = "no TLS is spoken there (REASON): the Engine expects plain HTTP; leave out tls="


def wrong(name: str, folder: Path) -> tuple[Path, Path, TLSConfig | None]:
    """The daemon's file, the CA of its clients, and our own side: one of them is wrong."""
    authority, other = Authority(folder / "one"), Authority(folder / "other")
    ours, theirs = authority.client(), other.client()
    sides: dict[str, Callable[[], tuple[Path, TLSConfig | None]]] = {
        "another authority": lambda: (other.file(), ours),
        "expired": lambda: (authority.file(days=(-3, -1)), ours),
        "not yet valid": lambda: (authority.file(days=(1, 3)), ours),
        "another host": lambda: (authority.file("engine.example"), ours),
        "self-signed": lambda: (self_signed(folder), ours),
        "no client certificate": lambda: (authority.file(), TLSConfig(authority.ca)),
        "another client authority": lambda: (
            authority.file(),
            TLSConfig(authority.ca, theirs.cert, theirs.key),
        ),
        "plain HTTP": lambda: (authority.file(), None),
    }
    file, tls = sides[name]()
    return file, authority.ca, tls


def said(error: Exception, where: str) -> str:
    """The words of an error without the address, the route and the name that TLS has for it.

    That differs between releases of OpenSSL, and what is sent between those of Go.
    """
    words = str(error).removeprefix(f"{where}: ")
    words = re.sub(r"^[A-Z]+ /\S+: ", "", words)
    words = re.sub(r"\([A-Z0-9_/]+\)", "(REASON)", words)
    # Python 3.10 and OpenSSL 3.0 have other words for two of them.
    return words.replace("self signed certificate", "self-signed certificate")
