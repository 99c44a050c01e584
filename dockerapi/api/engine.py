"""The Engine itself: login, info, version, events, and commit (manual v1.19, section 2.3)."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from .. import models
from ..errors import CredentialsError, DockerError
from ..protocol.reference import DOCKER_HUB, ContainerRef, container_id, name_to_give
from ..registry.auth import Credentials, as_credentials
from ..registry.credentials import StoredCredentials
from ..streams import ValueStream
from .ends import EventsEnd
from .parameters import Filters, Timestamp, filter_lists, has_passed, text, texts, timestamp

if TYPE_CHECKING:
    from ..models.config import ContainerConfig
    from ..models.misc import Event, Info, LoginResult, Ping, StoredLogin, Version
    from ..models.usage import DiskUsage
    from ..transport import Transport


class EngineMixin:
    """The Engine as a whole."""

    _transport: Transport
    _credentials: StoredCredentials

    def login(
        self,
        username: str | None = None,
        *,
        password: str | None = None,
        email: str | None = None,
        registry: str | None = None,
        auth: Credentials | None = None,
    ) -> LoginResult:
        """Has the Engine check credentials with a registry; nothing is stored.

        Args:
            username, password: the credentials. Without them and without `auth`, the stored
                credentials for the registry are checked.
            email: only very old registries ask for it.
            registry: e.g. `registry.example.com:5000`; None is the registry of `auth`, or Docker
                Hub.
            auth: credentials instead of `username`, `password` and `email`.

        Raises:
            CredentialsError: no credentials are given, and none are stored or can be read.
            Unauthorized: the registry refuses them.
            ServerError: the registry cannot be reached.

        Source: manual v1.19, "Check auth configuration".
        """
        if auth is not None and (username, password, email) != (None, None, None):
            raise ValueError("login: auth goes in place of username, password and email")
        if auth is None and (username is None) != (password is None):
            raise ValueError("login: username and password go together; only one was given")
        if auth is None and username is None:
            auth = self._credentials.of(registry or DOCKER_HUB)
            if auth is None:
                raise CredentialsError(
                    f"login: no credentials for {registry or DOCKER_HUB} were given or are stored"
                )
        if auth is None:
            auth = Credentials(username=username, password=password, email=email)
        auth = as_credentials(auth)
        if registry and auth.server_address not in (None, registry):
            raise ValueError(f"registry: {registry!r}, but auth is for {auth.server_address!r}")
        credentials = attrs.evolve(
            auth, server_address=registry or auth.server_address or DOCKER_HUB
        )
        reply = self._transport.call("POST /auth", body=credentials.to_wire())
        return models.misc.LoginResult.parse(reply.json() if reply.body else {})

    def stored_login(self) -> StoredLogin:
        """The login that the Engine stores: its `username` and `email`. API 1.0 and 1.1.

        Raises:
            NotSupported: API 1.2 and later, whose Engines store none.

        Source: manual v1.0, "Get default username and email".
        """
        return models.misc.StoredLogin.parse(self._transport.call("GET /auth").json())

    def info(self) -> Info:
        """What the Engine says about itself and its host.

        Source: manual v1.19, "Display system-wide information".
        """
        return models.misc.Info.parse(self._transport.call("GET /info").json())

    def version(self) -> Version:
        """The Engine's release and its components.

        Source: manual v1.19, "Show the docker version information".
        """
        return models.misc.Version.parse(self._transport.call("GET /version").json())

    def ping(self) -> Ping:
        """The Engine's answer to a ping, with the facts in its headers; always true.

        Below API 1.11 `/version` is asked instead.

        Source: manual v1.19, "Ping the docker server".
        """
        reply = self._transport.call("GET /_ping")
        return models.misc.Ping.parse(dict(reply.headers))

    def disk_usage(self, *, types: str | Iterable[str] | None = None) -> DiskUsage:
        """Disk usage of the Engine's objects; API 1.25 and later.

        Blocks while the Engine walks its disk, at most for `Timeouts(idle=)`; with many files that
        takes seconds.

        Args:
            types: `container`, `image`, `volume` or `build-cache`, or several of them; None is all.
                Below API 1.42 the Engine always computes all.

        Raises:
            Busy: the Engine is already computing it (before 23.0).

        Source: manual v1.55, "Get data usage information".
        """
        route, known = "GET /system/df", models.usage.TYPES
        asked = known if types is None else [types] if isinstance(types, str) else list(types)
        for type in asked:
            if type not in known:
                raise ValueError(f"types: one of {', '.join(known)} was expected, not {type!r}")
        if not asked:
            raise ValueError("types: at least one was expected")
        tells = self._transport.supports
        query = {
            "type": asked if types is not None and tells(route, query="type") else None,
            "verbose": tells(route, query="verbose") or None,
        }
        reply = self._transport.call(route, query=query, extra_time=None)
        return models.usage.DiskUsage.of(reply.json(), asked)

    def commit(
        self,
        id: ContainerRef,
        *,
        repository: str | None = None,
        tag: str | None = None,
        message: str | None = None,
        author: str | None = None,
        pause: bool | None = None,
        config: ContainerConfig | None = None,
        changes: Sequence[str] | None = None,
    ) -> str:
        """Creates an image from a container's present state: its id.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            repository, tag: a name for the image.
            message: its commit message.
            author: e.g. `Ada <ada@example.com>`.
            pause: pause the container meanwhile. None is the Engine's default: yes from API 1.13
                on.
            config: settings of the image that differ from the container's.
            changes: Dockerfile instructions, e.g. `['CMD ["sh"]']`; Engine 1.6 and later.

        Raises:
            ContainerNotFound: no such container.

        Source: manual v1.19, "Create a new image from a container's changes".
        """
        repository, tag = name_to_give(repository, tag)
        query = {
            "container": container_id(id),
            "repo": repository,
            "tag": tag,
            "comment": text("message", message, lines=True),
            "author": text("author", author, lines=True),
            "pause": pause,
            "changes": texts("changes", changes),
        }
        config = models.kinds.given("config", models.config.ContainerConfig, config)
        body: dict[str, Any] = {} if config is None else config.to_wire()
        route = "POST /commit"
        reply = self._transport.call(route, query=query, body=body, extra_time=None).json()
        return models.base.made_id(reply, route)

    def events(
        self,
        *,
        since: Timestamp | Event | None = None,
        until: Timestamp | None = None,
        filters: Filters | None = None,
    ) -> ValueStream[Event]:
        """The Engine's events as they happen; the caller closes the stream.

        Without `until` the stream is endless, and iterating blocks until the next event. If the
        Engine ends the stream before that time, as some do when they are stopped, iterating raises
        `StreamInterrupted`.

        Args:
            since: begin with the past events since this time, in the forms that `logs` takes. With
                an event's `time_nano`, that event comes again. Given the `Event` itself, the stream
                resumes after it: no event comes twice, and none is missed that the Engine still
                has.
            until: end at this time, which may be in the future; API 1.11 and later. Podman takes
                only a future time; a past one is `NotSupported`.
            filters: e.g. `{"event": "die", "label": "env=ci"}`; API 1.16 and later.

        Source: manual v1.19, "Monitor Docker's events".
        """
        last = None
        if isinstance(since, models.misc.Event):
            last, since = since, since.time_nano
            if since is None:
                raise ValueError(f"since: an event with a time was expected, not {last!r}")
        end = timestamp("until", until)
        query = {
            "since": timestamp("since", since),
            "until": end,
            "filters": filter_lists(filters),
        }
        if end is not None and has_passed(end):
            refusal = self._transport.negotiated.no_past_events
            if refusal is not None:
                raise refusal
        confirm = EventsEnd(self._transport, end)
        body = self._transport.stream("GET /events", query=query)
        # Of events that are past the time tells nothing.
        is_told = not body.marked or (body.is_sure and confirm.is_past(body.headers))
        return ValueStream(
            body,
            models.misc.Event.parse,
            confirm=None if is_told else confirm,
            select=None if last is None else functools.partial(_after, last),
        )


def _after(last: Event, events: Iterator[Event]) -> Iterator[Event]:
    """The events after `last`: Engines repeat all events of its moment, which may be a second.

    If `last` is not among them, all are returned: the filters may be others than before.
    """
    of_the_moment: list[Event] = []
    try:
        for event in events:
            if event == last:
                of_the_moment.clear()
                break
            of_the_moment.append(event)
            if event.time_nano != last.time_nano:
                break
    except DockerError:
        yield from of_the_moment
        raise
    yield from of_the_moment
    yield from events
