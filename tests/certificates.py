"""Certificates of an authority that only one test knows, for both sides of a TLS connection."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dockerapi import TLSConfig

_NOW = datetime.datetime.now(datetime.timezone.utc)


def self_signed(folder: Path) -> ssl.SSLContext:
    """The context of a daemon that vouches for itself."""
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
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


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
        """The context of a daemon; with `wants_client`, for clients of this authority only.

        Its certificate is valid within `days` of now.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        start, end = (_NOW + datetime.timedelta(days=count) for count in days)
        issued = self._authority.issue_cert(
            *(names or ("localhost",)), not_before=start, not_after=end
        )
        issued.configure_cert(context)
        if newest is not None:
            context.maximum_version = newest
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            self._authority.configure_trust(context)
        return context

    def client(self) -> TLSConfig:
        """What a client of this authority needs: `ca.pem`, `cert.pem`, `key.pem` of the folder."""
        issued = self._authority.issue_cert("client@example.org")
        issued.cert_chain_pems[0].write_to_path(self._folder / "cert.pem")
        issued.private_key_pem.write_to_path(self._folder / "key.pem")
        return TLSConfig(self.ca, self._folder / "cert.pem", self._folder / "key.pem")
