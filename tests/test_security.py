"""What bends no request, and what is shown nowhere.

Every text that a public method takes, in the calls of the matrix, is replaced by hostile ones: the
requests that come of it are those of the honest call, with another text in one place, or there is a
ValueError and nothing was sent.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import socket
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import attrs
import pytest

from caller import GET_SECRET, Caller
from certificates import WRONG, Authority, context_of, said, wrong
from dockerapi import (
    ApiError,
    BuildOptions,
    BuildSecret,
    Client,
    ConnectionFailed,
    Credentials,
    DockerError,
    NotSupported,
    StoredCredentials,
    Timeouts,
)
from dockerapi.endpoint.endpoint import Endpoint
from dockerapi.endpoint.locate import locate
from dockerapi.endpoint.proxy import Proxy
from dockerapi.protocol.deadline import Deadline
from dockerapi.protocol.protobuf import field
from dockerapi.transport import Transport
from dockerapi.transport.connections import SocketRegistry
from dockerapi.transport.hijack import upgrade
from dockerapi.transport.pool import Pool
from dockerapi.transport.prepared import Prepared
from matrix import build, containers, creation, exec, images, misc
from matrix.engines import ANSWERS, CONTAINER, restarted
from scripted import (
    EXEC_EVENTS,
    PATIENCE,
    Conversation,
    Request,
    ScriptedDaemon,
    chunked,
    head,
    json_reply,
    ping_of,
)

TABLES = (containers, creation, images, build, exec, misc)
HOSTILE = {
    "a header more": "a\r\nX-Evil: 1",
    "a line more": "a\nb",
    "a request more": "a HTTP/1.1\r\n\r\nDELETE /containers/x HTTP/1.1\r\n\r\n",
    "white space": "a b\tc",
    "the folder above": "..",
    "this folder": ".",
    "folders above": "../../secrets",
    "folders above, in between": "a/../../b",
    "folders above, quoted": "a%2F..%2F..%2Fb",
    "a line more, quoted": "%0d%0aX-Evil: 1",
    "a query": "a?force=1&v=1",
    "a parameter more": "a&force=1;v=1",
    "a fragment": "a#b",
    "an absolute URL": "http://evil.example/x",
    "another host": "//evil.example/x",
    "a user": "a@evil.example",
    "no ASCII": "ä€😀",
    "right to left": "\u202ea\u2028b",
    "NUL": "a\0b",
    "half a character": "a\ud800",
    "a backslash": "..\\..\\x",
    "quotes": "\"'}]{",
    "empty": "",
}
# What a str means there is a file of this machine, or a URL for the Engine to fetch.
LOCAL = {("build", 0), ("stream_build", 0), ("import_image", 0), ("stream_import_image", 0)}


@attrs.frozen
class Call:
    """A call of a case of the matrix, as it was made."""

    method: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def made(self, client: Client) -> None:
        found = getattr(client, self.method)(*self.args, **self.kwargs)
        close = getattr(found, "close", None)
        if close is not None:
            close()


class Listener:
    """Takes the place of a client, and notes what is called."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def note(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(Call(name, args, kwargs))
            return Anything()

        return note


class Anything:
    """What a call of a case may do anything with."""

    def __getattr__(self, name: str) -> Anything:
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Anything:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Anything:
        return self

    def __exit__(self, *_: object) -> None:
        pass


Place = tuple[Any, ...]


def places(value: Any) -> Iterator[Place]:
    """Where there is a text in a value, and in the values in it; a key of a mapping is one, too."""
    if isinstance(value, str):
        yield ()
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(key, str):
                yield (("key", key),)
            yield from ((("item", key), *rest) for rest in places(item))
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from ((("item", number), *rest) for rest in places(item))
    elif attrs.has(type(value)):
        for attribute in attrs.fields(type(value)):
            with suppress(DockerError):
                rests = list(places(getattr(value, attribute.name)))
                yield from ((("field", attribute.name), *rest) for rest in rests)


def replaced(value: Any, place: Place, text: str) -> Any:
    """The value with another text in one place."""
    if not place:
        return text
    (kind, key), *rest = place
    if kind == "key":
        return {text if name == key else name: item for name, item in value.items()}
    if kind == "field":
        return attrs.evolve(value, **{key: replaced(getattr(value, key), tuple(rest), text)})
    if isinstance(value, Mapping):
        return {**value, key: replaced(value[key], tuple(rest), text)}
    items = list(value)
    items[key] = replaced(items[key], tuple(rest), text)
    return type(value)(items)


def calls_and_places() -> list[Any]:
    """Each text that each method takes, once."""
    found = {}
    for case in (case for table in TABLES for case in table.CASES):
        listener = Listener()
        case.call(listener)  # type: ignore[arg-type]
        for call in listener.calls:
            for place in places((call.args, call.kwargs)):
                shape = tuple(
                    key if isinstance(key, str) or depth < 2 else "_"
                    for depth, (_, key) in enumerate(place)
                )
                local = place[0][1] == 0 and (call.method, place[1][1]) in LOCAL
                if not local:
                    found.setdefault((call.method, *shape[1:]), (call, place))
    return [
        pytest.param(call, place, id="-".join(map(str, name)))
        for name, (call, place) in sorted(found.items(), key=lambda pair: str(pair[0]))
    ]


class Wire:
    """An Engine that answers what is asked of any container or image, and notes each byte."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []

    def serve(self, sock: socket.socket) -> None:
        with sock.makefile("rb") as reader:
            while True:
                head = b""
                while (line := reader.readline()) not in (b"\r\n", b""):
                    head += line
                if not line:
                    return
                body = _body(reader, head)
                if head.startswith(b"GET /_ping "):
                    sock.sendall(ping_of("20.10.24", "1.41"))
                    continue
                self.heads.append(head)
                self.bodies.append(body)
                answer = _answer(head)
                if isinstance(answer, bytes):
                    sock.sendall(answer)
                    if b"Content-Length" in answer or b" 204 " in answer:
                        continue
                else:
                    text = head.decode("latin-1")
                    detached = {"Detach": b'"Detach": true' in body}
                    first, *lines = text.splitlines()
                    headers = dict(line.split(": ", 1) for line in lines)
                    request = Request("", first.split(" ")[1], headers, detached, head=text)
                    answer(Conversation(request, sock, reader))
                return

    def taken(self) -> list[Any]:
        """The requests since the last time: method, path and query apart, names of headers."""
        heads, bodies = self.heads[:], self.bodies[:]
        self.heads.clear()
        self.bodies.clear()
        return [_taken_apart(head, body) for head, body in zip(heads, bodies, strict=True)]


def _answer(head: bytes) -> Any:
    method, target = head.decode("latin-1").split(" ")[:2]
    path = re.sub(r"^/v1\.41", "", target.partition("?")[0])
    if re.fullmatch("GET /containers/[^/]+/json", f"{method} {path}"):
        return json_reply(restarted())
    if "exec_die" in target:
        return ANSWERS[f"GET {EXEC_EVENTS}"]
    for line, answer in ANSWERS.items():
        pattern = re.escape(line).replace("/c1", "/[^/]+").replace("/e1", "/[^/]+")
        if re.fullmatch(pattern.replace("/img", "/.+"), f"{method} {path}".replace("\\ ", " ")):
            return answer
    return json_reply({"message": f"what is {path}?"}, 404)


def _body(reader: Any, head: bytes) -> bytes:
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)\r\n", head)
    if length is not None:
        return bytes(reader.read(int(length[1])))
    if not re.search(rb"(?i)\r\ntransfer-encoding: chunked\r\n", head):
        return b""
    pieces = []
    while size := int(reader.readline(), 16):
        pieces.append(reader.read(size))
        assert reader.readline() == b"\r\n"
    assert reader.readline() == b"\r\n"
    return b"".join(pieces)


def _taken_apart(head: bytes, body: bytes) -> Any:
    first, *lines = head.decode("latin-1").removesuffix("\r\n").split("\r\n")
    match = re.fullmatch(r"([A-Z]+) (/[!-~]*) HTTP/1\.1", first)
    assert match is not None, first
    path, _, query = match[2].partition("?")
    assert not set(match[2]) & set("#\\"), match[2]
    names = []
    for line in lines:
        name, value = re.fullmatch(r"([A-Za-z0-9-]+): ?([ -~\x80-\xff]*)", line).groups()  # type: ignore[union-attr]
        names.append(name)
    segments = [unquote(segment) for segment in path.split("/")]
    assert not {".", ".."} & set(segments), path
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    return match[1], segments, pairs, sorted(names), body


@pytest.fixture(scope="module")
def wire() -> Iterator[tuple[Wire, Client]]:
    wire = Wire()
    with (
        ScriptedDaemon(on_connect=wire.serve) as daemon,
        Client(daemon.url, version="1.41") as client,
    ):
        client.ping()
        wire.taken()
        yield wire, client


def test_the_inventory_is_not_empty() -> None:
    names = {param.id.split("-")[0] for param in calls_and_places()}
    assert len(names) > 45 and len(calls_and_places()) > 150


@pytest.mark.parametrize(("call", "place"), calls_and_places())
def test_no_text_bends_a_request(
    call: Call,
    place: Place,
    wire: tuple[Wire, Client],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    daemon, client = wire
    # Of the texts, "." and ".." are folders that may be sent.
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with suppress(NotSupported):
        call.made(client)
    honest = daemon.taken()
    for name, text in HOSTILE.items():
        try:
            args, kwargs = replaced((call.args, call.kwargs), place, text)
            attrs.evolve(call, args=args, kwargs=kwargs).made(client)
        except (ValueError, TypeError, NotSupported):
            assert daemon.taken() == [], f"refused too late: {name}"
            continue
        except (DockerError, OSError):
            pass  # the Engine of this test knows no such thing; what was asked is what counts
        found = daemon.taken()
        wanted = [_form(one) for one in honest]
        assert not wanted or [_form(one) for one in found] == wanted[: len(found)], name
        for one, other in zip(found, honest, strict=False):
            _check_only_the_text_differs(one, other, text, name)


def _form(request: Any) -> Any:
    method, segments, pairs, headers, _ = request
    return method, len(segments), headers


def _check_only_the_text_differs(found: Any, honest: Any, text: str, name: str) -> None:
    for segment, other in zip(found[1], honest[1], strict=True):
        assert segment == other or text in segment or segment in text, name
    changed = [pair for pair in found[2] if pair not in honest[2]]
    for key, _ in changed:
        assert key in dict(honest[2]) or key == text or name == "empty", (name, key)


# Secrets

PASSWORD, TOKEN, BEARER, ARGUMENT, HEADER, PROXIED, KEPT, MOUNTED = SECRETS = [
    f"s3cret-{name}-{'x' * 12}"
    for name in ("password", "token", "bearer", "argument", "header", "proxy", "kept", "mounted")
]
AUTH = Credentials(username="user", password=PASSWORD)
BY_TOKEN = Credentials(identity_token=TOKEN, registry_token=BEARER)


def _encodings(secret: str) -> list[str]:
    """A secret as it may be found: as it is, quoted, and in base64 wherever it begins."""
    found = [secret]
    for shift in range(3):
        text = base64.b64encode(b"x" * shift + secret.encode()).decode()
        found.append(text[4 : 4 + 12])  # without what depends on its neighbours
    return found


class Shown:
    """All that a program could print."""

    def __init__(self) -> None:
        self.log = io.StringIO()
        self.texts: list[str] = []
        self.errors: list[str] = []

    def value(self, value: object) -> None:
        self.texts += [repr(value), str(value)]

    def failing(self, call: Callable[[], Any]) -> None:
        """The error of a call, as a program would log it."""
        try:
            call()
        except (DockerError, ValueError, TypeError) as error:
            self.errors.append(type(error).__name__)
            self.texts += [repr(error), str(error), repr(vars(error)), traceback.format_exc()]
            whole: BaseException | None = error
            while whole is not None:  # also what a traceback leaves out
                self.texts.append(repr(whole.args))
                whole = whole.__context__
        else:
            raise AssertionError("that was expected to fail")

    def check(self) -> None:
        whole = "\n".join([self.log.getvalue(), *self.texts])
        assert [text for one in SECRETS for text in _encodings(one) if text in whole] == []


@pytest.fixture
def shown() -> Iterator[Shown]:
    shown = Shown()
    handler = logging.StreamHandler(shown.log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield shown
    root.setLevel(level)
    root.removeHandler(handler)
    shown.check()


def _environ(folder: Path) -> dict[str, str]:
    stored = base64.b64encode(f"user:{KEPT}".encode()).decode()
    config = {
        "auths": {"r.example": {"auth": stored}, "t.example": {"identitytoken": TOKEN}},
        "HttpHeaders": {"X-Token": HEADER},
    }
    (folder / "config.json").write_text(json.dumps(config))
    return {"DOCKER_CONFIG": str(folder), "HOME": str(folder), "PATH": str(folder)}


BY_BUILDKIT = BuildOptions(builder="buildkit", secrets={"x": MOUNTED.encode()})


def _scenario(client: Client, shown: Shown, folder: Path) -> None:
    options = BuildOptions(build_args={"TOKEN": ARGUMENT, "NONE": None})
    context = io.BytesIO(b"tar")
    for value in (
        client,
        AUTH,
        BY_TOKEN,
        options,
        BY_BUILDKIT,
        StoredCredentials.from_env(_environ(folder)),
    ):
        shown.value(value)
    for call in (
        lambda: client.login("user", password=PASSWORD),
        lambda: client.login(auth=BY_TOKEN),
        lambda: client.pull("r.example/a"),
        lambda: client.pull("t.example/a", tag="1"),
        lambda: client.push("a", auth=AUTH),
        lambda: client.push("a", auth=BY_TOKEN),
        lambda: client.build(context, options=options, auth={"r.example": AUTH}),
        lambda: client.build(b"tar", options=BY_BUILDKIT, auth={"r.example": AUTH}),
        lambda: client.build_files(b"tar", io.BytesIO(), options=BY_BUILDKIT),
        lambda: client.import_image(f"https://user:{PASSWORD}@h.example/a.tar"),
        lambda: client.exec_start("e1", tty=False),
        lambda: client.attach("c1"),
        lambda: client.attach_websocket("c1"),
        lambda: client.info(),
    ):
        shown.failing(call)


def _failing(sock: socket.socket) -> None:
    """Tells the version, and breaks everything else in the middle of a head."""
    with sock.makefile("rb") as reader:
        while line := reader.readline():
            while reader.readline() not in (b"\r\n", b""):
                pass
            if line.startswith(b"GET /_ping "):
                sock.sendall(ping_of("20.10.24", "1.41"))
                continue
            sock.sendall(b"HTTP/1.1 200 OK\r\nCont")
            return


def _refusing(sock: socket.socket) -> None:
    with sock.makefile("rb") as reader:
        while line := reader.readline():
            head = b""
            while (more := reader.readline()) not in (b"\r\n", b""):
                head += more
            _body(reader, b"\r\n" + head)
            answer = json_reply({"message": "no"}, 500)
            if line.startswith(b"GET /_ping "):
                answer = ping_of("20.10.24", "1.41")
            sock.sendall(answer)


@pytest.mark.parametrize("play", [_failing, _refusing])
def test_no_secret_is_shown_when_everything_fails(
    play: Callable[[socket.socket], None], shown: Shown, tmp_path: Path
) -> None:
    environ = _environ(tmp_path)
    with ScriptedDaemon(on_connect=play) as daemon:
        with Client.from_env({**environ, "DOCKER_HOST": daemon.url}) as client:
            _scenario(client, shown, tmp_path)
    assert len(shown.errors) == 14
    assert "/build" in shown.log.getvalue()


@pytest.mark.parametrize("secret", [MOUNTED.encode(), MOUNTED.encode() * 20_000])
def test_no_secret_is_shown_that_buildkit_has_asked_for(
    secret: bytes, shown: Shown, tmp_path: Path
) -> None:
    """Neither when all is well, nor when it is too large by then, nor when the registry denies."""
    file = tmp_path / "secret"
    file.write_bytes(MOUNTED.encode())
    asked = threading.Event()

    def session(conversation: Conversation) -> None:
        caller = Caller(conversation)
        file.write_bytes(secret)
        shown.value(caller.unary(GET_SECRET, field(1, b"x")).words)
        shown.value(caller.unary(GET_SECRET, field(1, MOUNTED[:1].encode())).words)
        for host in (b"r.example", b"t.example", b"b.example"):
            caller.unary("/moby.filesync.v1.Auth/Credentials", field(1, host))
        asked.set()
        with suppress(ConnectionError):
            while True:
                caller.read()

    def build(conversation: Conversation) -> None:
        assert asked.wait(PATIENCE)
        words = "r.example: 401 Unauthorized, t.example: 401, secrets: 'x': there may be"
        conversation.send(chunked(json.dumps({"error": words}).encode()))

    auth = {
        "r.example": AUTH,
        "t.example": Credentials(identity_token=TOKEN),
        "b.example": BY_TOKEN,
    }
    options = BuildOptions(builder="buildkit", secrets={"x": file})
    shown.value(options)
    script = {"POST /v1.41/session": session, "POST /v1.41/build": build}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        shown.failing(lambda: client.build(b"tar", options=options, auth=auth))


def test_no_secret_is_shown_when_nothing_answers(shown: Shown, tmp_path: Path) -> None:
    environ = _environ(tmp_path)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        with Client.from_env({**environ, "DOCKER_HOST": url}) as client:
            _scenario(client, shown, tmp_path)
    assert set(shown.errors) == {"ConnectionFailed"}


def test_no_secret_of_a_proxy_is_shown(shown: Shown) -> None:
    def refuse(sock: socket.socket) -> None:
        sock.recv(65536)
        sock.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

    with ScriptedDaemon(tcp=True, on_connect=refuse) as proxy:
        url = f"http://user:{PROXIED}@127.0.0.1:{proxy.port}"
        shown.value(Proxy.parse(url))
        shown.value(locate({"HTTP_PROXY": url, "DOCKER_HOST": "tcp://engine.example:1"}))
        with Client("tcp://engine.example:1", proxy=url) as client:
            shown.value(client)
            shown.failing(client.ping)
    shown.failing(lambda: Proxy.parse(f"socks5://user:{PROXIED}@h:1"))
    shown.failing(lambda: Client("tcp://h", proxy=f"http://user:{PROXIED}@h:x"))


@pytest.mark.parametrize(
    "url",
    [
        f"tcp://user:{PASSWORD}@h:1",
        f"tcp://user:{PASSWORD}@h:1/path",
        f"tcp://user:{PASSWORD}@h:port",
        f"tcp://user:{PASSWORD}@h:0",
        f"user:{PASSWORD}@h:1?x",
        f"socks://user:{PASSWORD}@h:1",
        f"npipe://user:{PASSWORD}@h:1",
        f"unix://user:{PASSWORD}@h",
        f"ssh://user:{PASSWORD}@h",
        f"ssh://user:{PASSWORD}@h:port",
        f"ssh://user:{PASSWORD}@h?x",
        f"http://user:{PASSWORD}@h:1 ",
    ],
)
def test_no_password_in_an_address_is_shown(url: str, shown: Shown) -> None:
    shown.failing(lambda: Client(url))
    shown.failing(lambda: Client.from_env({"DOCKER_HOST": url, "DOCKER_CONFIG": "/nowhere"}))


def test_no_argument_that_is_refused_is_shown_where_it_may_be_secret(shown: Shown) -> None:
    secret: Any = ARGUMENT.encode()
    shown.failing(lambda: BuildOptions(build_args={"TOKEN": secret}))
    shown.failing(lambda: Credentials(password=secret))
    shown.failing(lambda: BuildOptions(builder="buildkit", secrets={"x": ARGUMENT}))
    shown.failing(lambda: BuildOptions(builder="buildkit", secrets=secret))
    shown.failing(lambda: BuildSecret(ARGUMENT))  # type: ignore[arg-type]
    shown.failing(lambda: BuildSecret(secret, variable="x"))
    shown.failing(lambda: Client("h", proxy=secret))


def test_no_key_is_shown(shown: Shown, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "certificates")
    tls = authority.client()
    assert tls.key is not None
    lines = tls.key.read_text().splitlines()[1:-1]
    tls.key.write_text(f"-----BEGIN EC PRIVATE KEY-----\n{PASSWORD}\n{lines[0]}\n")
    with Client("tcp://localhost:1", tls=tls, timeout=Timeouts(connect=5, read=5)) as client:
        shown.value(client)
        shown.value(tls)
        shown.failing(client.ping)
    assert lines[0] not in "".join(shown.texts)


# Certificates


@pytest.mark.parametrize("road", ["call", "hijack"])
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_certificate_is_refused_with_the_cure(name: str, road: str, tmp_path: Path) -> None:
    file, clients, tls = wrong(name, tmp_path)
    with ScriptedDaemon(tls=context_of(file, clients)) as daemon:
        url = daemon.url if tls else f"tcp://localhost:{daemon.port}"
        endpoint = Endpoint.parse(url, tls=tls)
        transport = Transport(endpoint, timeouts=Timeouts(connect=10, read=10))
        soon = Deadline(10, "connect")
        pool = Pool(SocketRegistry(endpoint))
        with pytest.raises(ConnectionFailed) as caught:
            if road == "call":
                transport.call("GET /info")
            else:
                request = Prepared("POST /exec/{id}/start", "/exec/e/start", {})
                upgrade(pool, request, "tcp", connect=soon, read=soon, idle=soon)
        transport.close()
    assert said(caught.value, url) == WRONG[name]


def test_the_eight_sentences_differ() -> None:
    assert len({words.partition("(")[0] for words in WRONG.values()}) == 8


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with ScriptedDaemon() as elsewhere:
        answer = head(status, Location=f"{elsewhere.url}/v1.41/info", Content_Length="0")
        script = {
            "GET /v1.41/info": answer,
            "POST /v1.41/containers/c1/attach": answer,
            "GET /v1.41/containers/c1/attach/ws": answer,
            "GET /v1.41/containers/c1/json": json_reply(CONTAINER),
        }
        with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
            for call in (client.info, lambda: client.attach("c1")):
                with pytest.raises(ApiError) as caught:
                    call()
                assert caught.value.status == status
                assert elsewhere.url in str(caught.value)
        assert (elsewhere.connections, elsewhere.negotiations) == (0, 0)
