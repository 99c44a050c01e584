"""Building images (manual v1.19, "Build image from a Dockerfile")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import models
from ..errors import BuildFailed, last_lines, refused_by_registry
from ..protocol.reference import ImageReference
from ..protocol.wire import Reports
from ..registry.auth import Credentials, hinting, registry_config
from ..registry.credentials import StoredCredentials
from ..streams import ValueStream
from .images import TAR, reported

if TYPE_CHECKING:
    from ..archive.context import BuildContext, Context, Dockerfile
    from ..models.config import BuildOptions
    from ..models.images import Built, Progress
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
            options: everything else; `BuildOptions(builder="buildkit")` takes BuildKit. With that,
                the last line of `.dockerignore` that matches decides for every path. The classic
                builder looks into a directory that is left out only if an exception begins with
                its letters: after `a`, `!a/b/c` and `!a/*` count, `!a/*/c` and `!**/c` do not.
                BuildKit reads the Dockerfile from the context, where `COPY .` finds it: one that
                `.dockerignore` leaves out as `.dockerfile.` and a number, without its folders.
            gzip: packs the directory while it is sent.
            auth: credentials for the registries that images are pulled from: of one registry, or a
                mapping from registries to credentials. None takes what is stored: all that files
                have, and what helpers have for the registries that the Dockerfile names. Of an
                archive or a URL the Dockerfile is not known, and no helper is asked. BuildKit takes
                none: it would ask for them, and for secrets and ssh keys, in a session, and none is
                opened.
            progress: called with every `Progress` that the Engine reports. An exception in it
                hangs up, which cancels the build (API 1.18 and later).

        Raises:
            RateLimited: a registry takes no more requests for now.
            BuildFailed: with the step that failed, its exit code and the end of its output, and the
                log so far.
            ValueError: the context is no directory or has no such Dockerfile; a bad line in
                `.dockerignore`; credentials, or a Dockerfile with secrets, for BuildKit.
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
        from ..archive.context import build_context, recognizable
        from ..protocol.buildkit import BuildKitReports  # what only builds need

        names = [tag] if isinstance(tag, str) else list(tag or ())
        kind = models.config.BuildOptions
        options = models.settings.given("options", kind, options) or kind()
        buildkit = options.builder == "buildkit"
        sent = build_context(context, dockerfile, gzip=gzip, buildkit=buildkit)
        if buildkit:
            _check_session(sent, options, auth)
        query = {
            **options.to_query(),
            "t": [str(ImageReference.parse(name)) for name in names] or None,
            "dockerfile": sent.dockerfile,
            "remote": sent.remote,
        }
        headers = {} if buildkit else self._build_authorization(sent, options.build_args, auth)
        known = None if buildkit else dict(headers)
        data = sent.data
        if data is not None:
            headers.update(TAR)
            data = recognizable(data) if buildkit else data
        with hinting(known):
            body = self._transport.stream("POST /build", query=query, data=data, headers=headers)
        reports = BuildKitReports() if buildkit else Reports()
        return ValueStream(body, _BuildReport(known), reports)

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


def _check_session(
    sent: BuildContext,
    options: BuildOptions,
    auth: Credentials | Mapping[str, Credentials] | None,
) -> None:
    """Refuses what BuildKit would ask for in a session."""
    from ..protocol.buildkit import NO_CREDENTIALS, NO_SECRETS
    from ..protocol.dockerfile import needs_session

    if auth:
        raise ValueError(f"build: auth: {NO_CREDENTIALS}")
    text = sent.dockerfile_text()
    found = None if text is None else needs_session(text, options.build_args, options.target)
    if found is not None:
        raise ValueError(f"build: {found}: {NO_SECRETS}")


def _with_tag(name: str) -> str:
    """A name as the Engine repeats it, where it does."""
    reference = ImageReference.parse(name)
    return f"{reference.familiar_name}:{reference.tag or 'latest'}"


class _BuildReport:
    """Reads the values of a build, and keeps what an error needs to tell: the log and the step.

    `headers` are those with credentials; None is for a build that cannot take any.
    """

    def __init__(self, headers: Mapping[str, str] | None) -> None:
        self._headers = headers
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
            )
        if value.text:
            self._log.append(value.text)
            line = value.text.strip()  # in text mode, 1.6.2 begins it with "\r"
            if line.startswith(("Step ", "STEP ")):  # the second one Podman's
                self._step, self._begun = line, len(self._log)
        return value

    def _output(self, error: str) -> str:
        """What the step has written, for the classic builder, without the Engine's own lines."""
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
