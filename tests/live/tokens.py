"""A server of tokens on loopback, and a registry that takes no other: what Docker Hub is like.

The Engine is sent to it by the registry (distribution, "Token authentication"): with a password by
GET, with an identity token by POST. It gives out a token for what the user may do, and no more.
"""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import trustme
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from live.registry import PASSWORD, USERNAME, run_registry

READER = "grace"  # may pull and not push; the password is the same
IDENTITY = "the identity of ada"
NOBODY = ""
MAY = {USERNAME: {"pull", "push"}, READER: {"pull"}, NOBODY: {"pull"}}
SERVICE = "registry"


class TokenServer:
    """Who it has been asked by, and how: `password`, `identity token` or `nothing`."""

    def __init__(self, folder: Path, anonymous: bool) -> None:
        self.anonymous = anonymous
        self.asked: list[tuple[str, str]] = []
        authority = trustme.CA(key_type=trustme.KeyType.RSA)
        issued = authority.issue_cert("tokens.example.org", key_type=trustme.KeyType.RSA)
        self.authority = folder / "tokens.pem"
        authority.cert_pem.write_to_path(self.authority)
        self._key = load_pem_private_key(issued.private_key_pem.bytes(), None)
        certificate = load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())
        self._certificate = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()

    def user(self, header: str, form: dict[str, str]) -> str | None:
        """Who asks; None is somebody that it does not know."""
        if "refresh_token" in form:
            known = form["refresh_token"] == IDENTITY
            user, how = USERNAME, "identity token"
        elif self.anonymous and not header and "username" not in form:
            known, user, how = True, NOBODY, "nothing"
        else:
            given = base64.b64decode(header.removeprefix("Basic ")).decode()
            user = form.get("username") or given.partition(":")[0]
            password = form.get("password") or given.partition(":")[2]
            known, how = user in MAY and user != NOBODY and password == PASSWORD, "password"
        if known:
            self.asked.append((user, how))
        return user if known else None

    def token(self, user: str, scopes: list[str]) -> str:
        """A token for as much of the scopes as the user may do."""
        access = []
        for scope in scopes:
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            allowed = sorted(MAY[user] & set(actions.split(",")))
            access.append({"type": kind, "name": name, "actions": allowed})
        now = int(time.time())
        claims = {
            "iss": "tokens",
            "sub": user,
            "aud": SERVICE,
            "iat": now,
            "nbf": now - 60,
            "exp": now + 3600,
            "jti": f"{now}",
            "access": access,
        }
        header = {"typ": "JWT", "alg": "RS256", "x5c": [self._certificate]}
        signed = b".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        assert isinstance(self._key, rsa.RSAPrivateKey)
        signature = self._key.sign(signed, padding.PKCS1v15(), SHA256())
        return (signed + b"." + _encoded(signature)).decode()


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@contextlib.contextmanager
def serve_tokens(folder: Path, *, anonymous: bool = False) -> Iterator[tuple[str, TokenServer]]:
    """The address of a registry that takes tokens, and their server.

    With `anonymous` it gives one to read to who says no name, too, as Docker Hub does.
    """
    tokens = TokenServer(folder, anonymous)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(parse_qs(urlsplit(self.path).query))

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            self._answer(parse_qs(self.rfile.read(size).decode()))

        def _answer(self, form: dict[str, list[str]]) -> None:
            single = {name: values[0] for name, values in form.items()}
            user = tokens.user(self.headers.get("Authorization", ""), single)
            scopes = " ".join(form.get("scope", [])).split()
            answer: dict[str, object] = {"details": "wrong user, password or identity"}
            if user is not None:
                token = tokens.token(user, scopes)
                answer = {"token": token, "access_token": token, "expires_in": 3600}
                if user == USERNAME:
                    answer["refresh_token"] = IDENTITY
            body = json.dumps(answer).encode()
            self.send_response(401 if user is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        auth = {
            "realm": f"http://127.0.0.1:{server.server_port}/token",
            "service": SERVICE,
            "issuer": "tokens",
            "rootcertbundle": str(tokens.authority),
        }
        try:
            with run_registry(folder, {"token": auth}) as address:
                yield address, tokens
        finally:
            server.shutdown()
            thread.join()
