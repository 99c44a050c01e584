"""Building images (manual v1.19, "Build image from a Dockerfile")."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from .. import models
from ..errors import BuildFailed, NotFound, installing, last_lines, named, refused_by_registry
from ..late import load
from ..protocol.reference import DOCKER_HUB, ImageReference, registry_key, registry_of
from ..protocol.wire import Reports
from ..registry.auth import Credentials, as_credentials, hinting, registry_config
from ..registry.credentials import StoredCredentials
from ..streams import ValueStream
from .images import TAR, report_of, reported
from .parameters import Filters, known_filters

if TYPE_CHECKING:
    import os

    from ..archive.context import BuildContext, Context, Dockerfile
    from ..buildkit.output import Files
    from ..buildkit.session import Session
    from ..buildkit.troubles import Troubles
    from ..models.config import BuildOptions
    from ..models.images import Built, BuiltFiles, Progress
    from ..models.pruned import Pruned
    from ..transport import Transport
    from .images import OnProgress


class BuildMixin:
    """Building images."""

    _transport: Transport
    _credentials: StoredCredentials

    def build(
        self,
        context: Context | None,
        *,
        tag: str | Sequence[str] | None = None,
        dockerfile: Dockerfile | None = None,
        options: BuildOptions | None = None,
        gzip: bool = False,
        auth: Credentials | Mapping[str, Credentials] | None = None,
        progress: OnProgress | None = None,
    ) -> Built:
        """Builds an image from a Dockerfile: its `image_id`, `tags` and `log`.

        Blocks until the image exists.

        Args:
            context: the path of a directory; a URL (`https://...`, `git://...`, `git@...`) that the
                Engine fetches; a tar archive (plain, gzip, bzip2 or xz) as bytes, a file object or
                an iterable of bytes; or None, for a Dockerfile that needs no files. A directory is
                sent while it is read, without what its `.dockerignore` excludes, and without
                sockets and devices, which are named in a warning in the log.
            tag: a name for the image, or several. In containerd's image store (the default from
                Engine 29 on) BuildKit removes an image that loses its last name to a new one; its
                id is gone as well.
            dockerfile: the path of the Dockerfile in the context, if it is not `Dockerfile`; the
                path of a file outside of the context, absolute or from the current directory; or
                the text, as a file object: `io.StringIO("FROM ...")`. A file beside it, with its
                name and `.dockerignore`, is used instead of the context's own.
            options: everything else. From API 1.21 on the proxies of `config.json` are added to its
                `build_args`, except those already named there. `BuildOptions(builder="buildkit")`
                selects BuildKit. With BuildKit, the last matching line of `.dockerignore` decides
                for every path. The classic builder looks into an excluded directory only if an
                exception begins with the directory's letters: after `a`, `!a/b/c` and `!a/*` count,
                `!a/*/c` and `!**/c` do not. BuildKit reads the Dockerfile from the context, where
                `COPY .` finds it; a Dockerfile excluded by `.dockerignore` is sent as
                `.dockerfile.` and a number, without its directories.
            gzip: compress the directory while it is sent.
            auth: credentials for the registries of the base images: those of one registry, or a
                mapping from registries to credentials. None takes the stored ones: all in files,
                and from credential helpers those of the registries named in the Dockerfile. The
                Dockerfile in an archive or at a URL is not read, so no helper is asked for it.
                BuildKit asks only for a registry that requires credentials, and only then are they
                looked up (API 1.39 and later, with the extra `buildkit`).
            progress: called with every `Progress` that the Engine reports. An exception in it
                closes the connection, which cancels the build (API 1.18 and later).

        Raises:
            RateLimited: a registry accepts no more requests for now.
            BuildFailed: a step failed; the error has the step, its exit code, the end of its
                output, and the log so far.
            StreamInterrupted: the session of a BuildKit build broke.
            ImportError: the BuildKit build needs a session, and the extra `buildkit` is not
                installed.
            ValueError: the context is not a directory or lacks the Dockerfile; a bad line in
                `.dockerignore`; a secret or an ssh agent that does not exist.
            OSError: a file cannot be read, or shrank while it was sent.

        Source: manual v1.19, "Build image from a Dockerfile".
        """
        names = [tag] if isinstance(tag, str) else list(tag or ())
        with self.stream_build(
            context, tag=names, dockerfile=dockerfile, options=options, gzip=gzip, auth=auth
        ) as stream:
            tags = tuple(_with_tag(name) for name in names)
            return models.images.Built.from_progress(reported(stream, progress), tags=tags)

    def stream_build(
        self,
        context: Context | None,
        *,
        tag: str | Sequence[str] | None = None,
        dockerfile: Dockerfile | None = None,
        options: BuildOptions | None = None,
        gzip: bool = False,
        auth: Credentials | Mapping[str, Credentials] | None = None,
    ) -> ValueStream[Progress]:
        """What the Engine reports during a build; the caller closes the stream.

        The context has been sent when this returns. Closing the stream before its end cancels the
        build (API 1.18 and later). Arguments and errors are those of `build`.
        """
        names = [tag] if isinstance(tag, str) else list(tag or ())
        kind = models.config.BuildOptions
        options = models.kinds.given("options", kind, options) or kind()
        options.check_session()
        return self._begin_build(context, names, dockerfile, options, gzip, auth)

    def build_files(
        self,
        context: Context | None,
        output: str | os.PathLike[str] | BinaryIO,
        *,
        dockerfile: Dockerfile | None = None,
        options: BuildOptions | None = None,
        auth: Credentials | Mapping[str, Credentials] | None = None,
        progress: OnProgress | None = None,
    ) -> BuiltFiles:
        """Builds files with BuildKit: the content of the last stage, or of the target. No image.

        Blocks until the files exist. API 1.40 and later; needs the extra `buildkit`. Other
        arguments and errors are those of `build`.

        Args:
            output: a directory for the files, created if missing; or a file object opened for
                writing bytes, which gets the tar archive during the build. Files for a directory
                are unpacked beside it and moved into it when the build has succeeded: they replace
                files of the same names, and other files stay. Permissions, times and links are
                kept, and links are never followed; pipes and devices are left out. The caller owns
                all files, without setuid and setgid.

        Raises:
            BadArchive: the Engine's archive is harmful or broken.
            OSError: the directory is a file, or cannot be written to; nothing was moved.
        """
        load("dockerapi.buildkit.output")
        from ..buildkit.output import files_into

        kind = models.config.BuildOptions
        given: Any = models.kinds.given("options", kind, options) or kind()
        if given.builder == "classic":
            raise ValueError("build_files: builder: the classic one gives no files")
        options = attrs.evolve(given, builder="buildkit")
        with files_into(output) as files:
            try:
                with self._begin_build(
                    context, [], dockerfile, options, False, auth, files
                ) as stream:
                    log = "".join(value.text or "" for value in reported(stream, progress))
            except BuildFailed as failed:
                if files.error is not None:
                    raise files.error from failed
                raise
            files.finish()
            return models.images.BuiltFiles(log, tuple(files.kept), tuple(files.skipped))

    def prune_build_cache(
        self,
        *,
        all: bool = False,
        filters: Filters | None = None,
        reserved_space: int | str | None = None,
        max_used_space: int | str | None = None,
        min_free_space: int | str | None = None,
    ) -> Pruned:
        """Removes build cache that is not in use; API 1.31 and later.

        Up to API 1.38 the Engine removes the whole cache, so `all` must be given. Blocks until the
        Engine is done, at most for `Timeouts(idle=)`.

        Args:
            all: also cache that is not dangling: internal records, and those of frontends.
            filters: one value for each of `until` or `unused-for` (not used since then, e.g.
                `24h`), `id`, `parent`, `type` and `description`, and True for `inuse`, `shared`,
                `private`, `mutable` or `immutable`; API 1.39 and later.
            reserved_space: the cache that is always kept, in bytes or as text such as `10g`; API
                1.39 and later.
            max_used_space, min_free_space: the most that the cache may take, and the space that
                must be free on the disk; API 1.48 and later.

        Returns:
            From API 1.39 on the ids of the removed records, and the bytes freed.

        Raises:
            Busy: another prune is running.
            ValueError: an unknown filter; `label`, which no Engine applies here.
            BadRequest: a value that the filter does not accept; for some, ServerError before 23.0.

        Source: manual v1.55, "Delete builder cache".
        """
        route = "POST /build/prune"
        size = models.kinds.size().check
        space = {
            "reserved-space": reserved_space,
            "max-used-space": max_used_space,
            "min-free-space": min_free_space,
        }
        query = {
            "all": all or None,
            "filters": _cache_filters(filters),
            **{
                name: None if value is None else named(name.replace("-", "_"), size, value)
                for name, value in space.items()
            },
        }
        if not all:
            self._transport.require(route, query={"all": False})
        reply = self._transport.call(route, query=query, extra_time=None)
        return models.pruned.Pruned.parse(reply.json())

    def _begin_build(
        self,
        context: Context | None,
        names: list[str],
        dockerfile: Dockerfile | None,
        options: BuildOptions,
        gzip: bool,
        auth: Credentials | Mapping[str, Credentials] | None,
        files: Files | None = None,
    ) -> ValueStream[Progress]:
        load("dockerapi.archive.context")
        load("dockerapi.buildkit.troubles")
        load("dockerapi.protocol.buildkit")
        from ..archive.context import build_context, recognizable
        from ..buildkit.troubles import Troubles
        from ..protocol.buildkit import BuildKitReports

        buildkit = options.builder == "buildkit"
        sent = build_context(context, dockerfile, gzip=gzip, buildkit=buildkit)
        query = {
            **options.to_query(),
            "t": [str(ImageReference.parse(name)) for name in names] or None,
            "dockerfile": sent.dockerfile,
            "remote": sent.remote,
            "outputs": None if files is None else _TAR_OUTPUT,
        }
        self._add_proxies(query)
        troubles = Troubles()
        with contextlib.ExitStack() as undone:
            session = self._open_session(sent, query, options, auth, files, troubles, undone)
            known = None if buildkit else self._build_authorization(sent, options.build_args, auth)
            data = sent.data
            if buildkit and data is not None:
                blocks = recognizable(data)
                data = blocks if session is None else session.watched(blocks)
            if session is not None:
                undone.callback(session.close)
                query["session"] = session.id
            with hinting(known):
                headers = {**(known or {}), **({} if data is None else TAR)}
                body = self._transport.stream(
                    "POST /build", query=query, data=data, headers=headers
                )
            if session is not None:
                session.accompany(body)
            undone.pop_all()
        reports = BuildKitReports() if buildkit else Reports()
        ends = None if files is not None else self._last_of_build(names, options)
        return report_of(body, _BuildReport(known, troubles.about), reports, "POST /build", ends)

    def _last_of_build(
        self, names: list[str], options: BuildOptions
    ) -> Callable[[Progress], bool] | None:
        """Whether a value is the last one of a build; None if this Engine has no such value."""
        if not self._transport.negotiated.ends_reports:
            return None
        return models.images.ends_build(0 if options.quiet else len(names))

    def _open_session(
        self,
        sent: BuildContext,
        query: dict[str, Any],
        options: BuildOptions,
        auth: Credentials | Mapping[str, Credentials] | None,
        files: Files | None,
        troubles: Troubles,
        undone: contextlib.ExitStack,
    ) -> Session | None:
        """The session of a BuildKit build, opened before the build is posted.

        None if a session is impossible and the build is not known to need one.
        """
        if options.builder != "buildkit":
            return None
        load("dockerapi.protocol.dockerfile")
        from ..protocol.dockerfile import SECRET_AS_VARIABLE, has_secret_variable, needs_session

        text = sent.dockerfile_text() or ""
        asked = (text, options.build_args, options.target)
        given = {"secrets": options.secrets, "ssh": options.ssh, "auth": auth, "output": files}
        needed = next((name for name, value in given.items() if value), needs_session(*asked))
        try:
            load("dockerapi.buildkit.services")
            load("dockerapi.buildkit.session")
            from ..buildkit import services
            from ..buildkit.session import Session
        except ImportError as error:
            if needed is None:
                return None
            raise ImportError(f"build: {needed} needs: {installing('buildkit')}") from error
        served: list[services.Service] = [
            services.Secrets(options.secrets or {}),
            services.SSH(services.agents_of(options.ssh or {})),
            services.Auth(_among(auth) if auth is not None else self._finder(*asked[:2]), troubles),
        ]
        if files is not None:
            served.append(services.Output(files))
        variable = {SECRET_AS_VARIABLE: True} if has_secret_variable(*asked) else {}
        self._transport.require("POST /build", query={**query, **variable})
        if needed is not None:
            self._transport.require("POST /session")
        elif not self._transport.supports("POST /session"):
            return None
        try:
            return Session.open(self._transport, served, troubles, undone)
        except NotFound:  # a proxy or another server may lack the route
            if needed is not None:
                raise
            return None

    def _finder(
        self, dockerfile: str, arguments: Mapping[str, str | None] | None
    ) -> Callable[[str], Credentials | None]:
        """Finds stored credentials of a registry, by the first image from it in the Dockerfile."""
        load("dockerapi.protocol.dockerfile")
        from ..protocol.dockerfile import repositories

        names = {registry_of(name): name for name in reversed(repositories(dockerfile, arguments))}
        return lambda registry: self._credentials.of(names.get(registry, registry))

    def _add_proxies(self, query: dict[str, Any]) -> None:
        """Adds the build arguments for proxies, as the docker command does.

        Left out if the API version has no build arguments: the caller did not ask for them.
        """
        given = query.get("buildargs") or {}
        proxies = self._credentials.proxies(self._transport.endpoint.daemon_host)
        more = {name: value for name, value in proxies.items() if name not in given}
        if more and self._transport.supports("POST /build", query="buildargs"):
            query["buildargs"] = {**given, **more}

    def _build_authorization(
        self,
        sent: BuildContext,
        arguments: Mapping[str, str | None] | None,
        auth: Credentials | Mapping[str, Credentials] | None,
    ) -> dict[str, str]:
        """The header with a build's credentials: those given, or else the stored ones."""
        load("dockerapi.protocol.dockerfile")
        from ..protocol.dockerfile import repositories

        if auth is not None:
            return registry_config(auth)
        dockerfile = sent.dockerfile_text()
        named = [] if dockerfile is None else repositories(dockerfile, arguments)
        stored = self._credentials.for_build(named) or None
        carried = self._transport.supports("POST /build", header="X-Registry-Config")
        return registry_config(stored if carried else None)


_OF_CACHE = ("until", "unused-for", "id", "parent", "type", "description")
_FLAGS_OF_CACHE = ("inuse", "shared", "private", "mutable", "immutable")


def _cache_filters(filters: Filters | None) -> dict[str, list[str]] | None:
    """The filters of a cache prune; a flag is sent without a value, as no value ever matches."""
    found = known_filters(filters, *_OF_CACHE, *_FLAGS_OF_CACHE)
    for name in _FLAGS_OF_CACHE:
        if found and name in found:
            if found[name] not in ([], ["true"]):
                raise ValueError(f"filters: {name}: True was expected, not {found[name]}")
            found[name] = []
    return found


# The whole output as one plain tar stream; the API offers no other exporter of files.
_TAR_OUTPUT = json.dumps([{"Type": "tar", "Attrs": {}}])


def _among(
    auth: Credentials | Mapping[str, Credentials],
) -> Callable[[str], Credentials | None]:
    """Finds the credentials for a registry among those given."""
    if isinstance(auth, Credentials):
        auth = {auth.server_address or DOCKER_HUB: auth}
    if not isinstance(auth, Mapping):
        as_credentials(auth)
    known = {registry_key(address): as_credentials(one) for address, one in auth.items()}
    return known.get


def _with_tag(name: str) -> str:
    """The image's name in the form that the Engine reports."""
    reference = ImageReference.parse(name)
    return f"{reference.familiar_name}:{reference.tag or 'latest'}"


class _BuildReport:
    """Parses the values of a build, and keeps the log and the step for errors.

    `headers` are those with credentials, and None for a build that takes none. `cause` finds the
    exception behind the last error message.
    """

    def __init__(
        self,
        headers: Mapping[str, str] | None,
        cause: Callable[[str], Exception | None],
    ) -> None:
        self._headers = headers
        self._cause = cause
        self._log: list[str] = []
        self._step: str | None = None
        self._begun = 0  # where in the log the step's output begins

    def __call__(self, json: Any) -> Progress:
        value = models.images.Progress.parse(json)
        if value.error is not None:
            refused = refused_by_registry("POST /build", value.error)
            if refused is not None:
                with hinting(self._headers):
                    raise refused
            raise BuildFailed(
                value.error.strip(),
                route="POST /build",
                code=value.error_code or _exit_status(value.error),
                step=json.get("step", self._step),
                log="".join(self._log),
                output=last_lines(
                    json["output"] if "output" in json else self._output(value.error)
                ),
                hint=json.get("hint", ""),
            ) from self._cause(value.error)
        if value.text:
            self._log.append(value.text)
            line = value.text.strip()  # in text mode, 1.6.2 puts "\r" in front
            if line.startswith(("Step ", "STEP ")):  # Podman writes the second
                self._step, self._begun = line, len(self._log)
        return value

    def _output(self, error: str) -> str:
        """The output of the step (classic builder), without the Engine's own lines."""
        repeated = {f"Error: {error}", f"Error build: {error}"}  # up to 1.6, text ends in it
        lines = "".join(self._log[self._begun :]).splitlines(keepends=True)
        return "".join(
            line
            for line in lines
            if not _OF_THE_ENGINE.match(line) and line.strip() not in repeated
        )


# The classic builder's own lines in the log of a step; all other lines are from its command.
_OF_THE_ENGINE = re.compile(r"\s*---> |Removing intermediate container [0-9a-f]+\s*$")


def _exit_status(words: str) -> int | None:
    """The exit code in Podman's message; Podman reports it in words only."""
    found = re.search(r"\bwhile running runtime: exit status (\d+)\s*\Z", words, re.ASCII)
    return None if found is None else int(found[1])
