"""Certificates of an authority that only one test knows, for both sides of a TLS connection."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

from dockerapi import TLSConfig


class Authority:
    """Signs the certificates of a daemon and of its clients, in files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self.ca = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(self.ca)

    def daemon(
        self, *names: str, wants_client: bool = False, newest: ssl.TLSVersion | None = None
    ) -> ssl.SSLContext:
        """The context of a daemon; with `wants_client`, for clients of this authority only."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*(names or ("localhost",))).configure_cert(context)
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
