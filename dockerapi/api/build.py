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
from ..protocol.reference import DOCKER_HUB, ImageReference, registry_key, registry_of
from ..protocol.wire import Reports
from ..registry.auth import Credentials, as_credentials, hinting, registry_config
from ..registry.credentials import StoredCredentials
from ..streams import ValueStream
from .images import TAR, reported
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
    """Images that are built."""

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

        Blocks until it is there.

        Args:
            context: the path of a directory, which is sent while it is read, without what its
                `.dockerignore` leaves out (sockets and devices are left out with a warning in the
                log); a URL (`https://...`, `git://...`, `git@...`) that the Engine fetches; a tar
                archive (plain, gzip, bzip2 or xz) as bytes, a file object or an iterable of bytes;
                or None, for a Dockerfile that needs no files.
            tag: a name for the image, or several. Where images are in containerd's store, as they
                are by default from Engine 29 on, an image that loses its last name to a new one by
                BuildKit is gone, and so is its id.
            dockerfile: the path of the Dockerfile in the context, if that is not `Dockerfile`; the
                path of one outside of it, absolute or from the current directory; or its text, as
                a file object: `io.StringIO("FROM ...")`. A file beside it with its name and
                `.dockerignore` is used in place of the context's own.
            options: everything else; those for the proxies of `config.json` are added to its
                `build_args`, from API 1.21 on, but those that are named there.
                `BuildOptions(builder="buildkit")` takes BuildKit. With that,
                the last line of `.dockerignore` that matches decides for every path. The classic
                builder looks into a directory that is left out only if an exception begins with
                its letters: after `a`, `!a/b/c` and `!a/*` count, `!a/*/c` and `!**/c` do not.
                BuildKit reads the Dockerfile from the context, where `COPY .` finds it: one that
                `.dockerignore` leaves out as `.dockerfile.` and a number, without its folders.
            gzip: packs the directory while it is sent.
            auth: credentials for the registries that images are pulled from: of one registry, or a
                mapping from registries to credentials. None takes what is stored: all that files
                have, and what helpers have for the registries that the Dockerfile names. Of an
                archive or a URL the Dockerfile is not known, and no helper is asked. BuildKit asks
                itself for a registry that wants some, and only then anything is looked up (API 1.39
                and later, with the extra `buildkit`).
            progress: called with every `Progress` that the Engine reports. An exception in it
                hangs up, which cancels the build (API 1.18 and later).

        Raises:
            RateLimited: a registry takes no more requests for now.
            BuildFailed: with the step that failed, its exit code and the end of its output, and the
                log so far.
            StreamInterrupted: the session of a build by BuildKit broke.
            ImportError: BuildKit is to have something in a session, and the extra `buildkit` is not
                installed.
            ValueError: the context is no directory or has no such Dockerfile; a bad line in
                `.dockerignore`; a secret or an agent of ssh that is not there.
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
        """What the Engine reports while it builds; the caller closes the stream.

        The context has been sent when this returns. Closing the stream before its end cancels the
        build (API 1.18 and later). Arguments and errors are those of `build`.
        """
        names = [tag] if isinstance(tag, str) else list(tag or ())
        kind = models.config.BuildOptions
        options = models.settings.given("options", kind, options) or kind()
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
        """Builds files by BuildKit: what the last stage, or the target, has in it. No image.

        Blocks until they are there. API 1.40 and later; needs the extra `buildkit`. Other arguments
        and errors are those of `build`.

        Args:
            output: the folder that gets them, which is made if it is missing; or a file object,
                opened for writing bytes, that gets the tar archive while the build makes it. What
                goes into a folder is unpacked aside and moved to its place when the build has
                succeeded: files of the same names are replaced, others stay. Permissions, times
                and links are kept, and no link is followed while it is written; pipes and devices
                are left out. Everything belongs to the caller, without setuid and setgid.

        Raises:
            BadArchive: what the Engine sent is harmful or broken.
            OSError: the folder is a file, or cannot be written to; nothing was moved.
        """
        from ..buildkit.output import files_into

        kind = models.config.BuildOptions
        given: Any = models.settings.given("options", kind, options) or kind()
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
        """Removes what builds have left behind and nothing needs; API 1.31 and later.

        Up to API 1.38 all of it goes, so that `all` has to be given. Blocks as long as the Engine
        takes, or for `Timeouts(idle=)`.

        Args:
            all: also what is not dangling: internal parts, and those of frontends.
            filters: one value for each of `until` or `unused-for` (not used since this, e.g.
                `24h`), `id`, `parent`, `type` and `description`, and True for `inuse`, `shared`,
                `private`, `mutable` or `immutable`; API 1.39 and later.
            reserved_space: bytes, or text such as `10g`, that may stay in any case; API 1.39 and
                later.
            max_used_space, min_free_space: the most that the cache may take, and what has to be
                free on the disk; API 1.48 and later.

        Returns:
            The ids of what was removed, from API 1.39 on, and the bytes that this gave back.

        Raises:
            Busy: another prune is running.
            ValueError: another filter; `label` does nothing here on any Engine.
            BadRequest: a value that a filter does not have; ServerError for some before 23.0.

        Source: manual v1.55, "Delete builder cache".
        """
        route = "POST /build/prune"
        size = models.settings.size().check
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
        return ValueStream(body, _BuildReport(known, troubles.about), reports)

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
        """The session of a build by BuildKit, opened before that is posted.

        None if there can be none, and nothing is known to need it.
        """
        if options.builder != "buildkit":
            return None
        from ..protocol.dockerfile import SECRET_AS_VARIABLE, has_secret_variable, needs_session

        text = sent.dockerfile_text() or ""
        asked = (text, options.build_args, options.target)
        given = {"secrets": options.secrets, "ssh": options.ssh, "auth": auth, "output": files}
        needed = next((name for name, value in given.items() if value), needs_session(*asked))
        try:
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
        except NotFound:  # a proxy in front of the Engine, or another server, has no such route
            if needed is not None:
                raise
            return None

    def _finder(
        self, dockerfile: str, arguments: Mapping[str, str | None] | None
    ) -> Callable[[str], Credentials | None]:
        """Finds what is stored for a registry, or for the first image of it in the Dockerfile."""
        from ..protocol.dockerfile import repositories

        names = {registry_of(name): name for name in reversed(repositories(dockerfile, arguments))}
        return lambda registry: self._credentials.of(names.get(registry, registry))

    def _add_proxies(self, query: dict[str, Any]) -> None:
        """Adds the build arguments for proxies that the docker command adds.

        Not where the API version has none: nobody has asked for them.
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
        """The header with the credentials of a build: those given, or else those stored."""
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
    """The filters of a prune of the cache; to an Engine, a flag with a value is never met."""
    found = known_filters(filters, *_OF_CACHE, *_FLAGS_OF_CACHE)
    for name in _FLAGS_OF_CACHE:
        if found and name in found:
            if found[name] not in ([], ["true"]):
                raise ValueError(f"filters: {name}: True was expected, not {found[name]}")
            found[name] = []
    return found


# The whole archive, as one plain stream; Engines have no other output that could be had.
_TAR_OUTPUT = json.dumps([{"Type": "tar", "Attrs": {}}])


def _among(
    auth: Credentials | Mapping[str, Credentials],
) -> Callable[[str], Credentials | None]:
    """Finds the credentials for a registry in those that were given."""
    if isinstance(auth, Credentials):
        auth = {auth.server_address or DOCKER_HUB: auth}
    if not isinstance(auth, Mapping):
        as_credentials(auth)
    known = {registry_key(address): as_credentials(one) for address, one in auth.items()}
    return known.get


def _with_tag(name: str) -> str:
    """A name as the Engine would repeat it."""
    reference = ImageReference.parse(name)
    return f"{reference.familiar_name}:{reference.tag or 'latest'}"


class _BuildReport:
    """Reads the values of a build, and keeps what an error needs to tell: the log and the step.

    `headers` are those with credentials; None is for a build that cannot take any. `cause` finds
    what the last words are about.
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
        self._begun = 0  # how many pieces of the log were there before

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
            line = value.text.strip()  # in text mode, 1.6.2 begins it with "\r"
            if line.startswith(("Step ", "STEP ")):  # the second one Podman's
                self._step, self._begun = line, len(self._log)
        return value

    def _output(self, error: str) -> str:
        """The output of the step (classic builder), without the Engine's own lines."""
        repeated = {f"Error: {error}", f"Error build: {error}"}  # at the end of text, up to 1.6
        lines = "".join(self._log[self._begun :]).splitlines(keepends=True)
        return "".join(
            line
            for line in lines
            if not _OF_THE_ENGINE.match(line) and line.strip() not in repeated
        )


# In the log of a step by the classic builder, beside what its command writes.
_OF_THE_ENGINE = re.compile(r"\s*---> |Removing intermediate container [0-9a-f]+\s*$")


def _exit_status(words: str) -> int | None:
    """The exit code of a build's command, where Podman tells it, which gives no number."""
    found = re.search(r"\bwhile running runtime: exit status (\d+)\s*\Z", words, re.ASCII)
    return None if found is None else int(found[1])
