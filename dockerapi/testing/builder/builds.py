"""POST /build: the classic builder. Each instruction makes an image, which is the next one's base.

RUN is played, or run, as the command of a container is (`Players.start`). BuildKit is refused.
"""

from __future__ import annotations

import codecs
import email.parser
import email.policy
import json
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ...archive.context import IGNORE_FILE
from ...protocol import ignore
from ...protocol.reference import ImageReference
from ..http.server import Chunks, Exchange, HungUp, Refusal
from ..play.paths import inside, leads_out
from ..play.playing import CannotStart
from ..routes.image_routes import whole_name
from ..routes.pulling import Failed as NotPulled
from ..routes.pulling import pulled, registry_config
from ..state.files import Files
from ..state.images import CONFIG, Image, image_config
from ..state.layers import BadArchive, is_archive, unpack
from ..versions import build_words as words
from ..versions import shapes
from ..versions.complaints import bad_archive, bad_instruction, bad_name
from .copying import Copying, NotCopied
from .fetching import NotFetched, fetched
from .instructions import (
    KNOWN,
    PATH,
    BadInstruction,
    Instruction,
    apply,
    check,
    command,
    expanded,
    parse,
    split,
    variables_of,
)

if TYPE_CHECKING:
    from ..state.container import Container
    from ..state.daemon import Daemon

BLOCK = 128 * 1024


class Failed(Exception):
    """The build ends here: its words, and the exit code of a command, if one failed."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message, code)
        self.message = message
        self.code = code


@attrs.frozen
class Options:
    """What a build was asked for beside its context."""

    names: list[str]
    dockerfile: str
    quiet: bool
    cache: bool
    remove: bool
    force_remove: bool
    pull: bool
    arguments: dict[str, str]
    labels: dict[str, str]
    target: str
    remote: str

    @classmethod
    def asked(cls, exchange: Exchange) -> Options:
        """What the query says, as far as the version knows it."""
        dialect = exchange.dialect
        version = exchange.asked("version") if dialect.since("18.9.0") else ""
        if version == "2":
            raise Refusal(
                400, "the fake Engine has no BuildKit: build with the classic builder (version=1)"
            )
        if version not in ("", "1"):
            raise Refusal(400 if dialect.since("23.0.0") else 500, f'invalid version "{version}"')
        return cls(
            names=[_name(exchange, one) for one in exchange.query.get("t", []) if one],
            dockerfile=(exchange.asked("dockerfile") if dialect.speaks("1.17") else "")
            or "Dockerfile",
            quiet=exchange.flag("q"),
            cache=not exchange.flag("nocache"),
            remove=exchange.flag("rm", default=dialect.speaks("1.12")),
            force_remove=exchange.flag("forcerm"),
            pull=exchange.flag("pull"),
            arguments=_mapping(exchange, "buildargs", "build args"),
            labels=_mapping(exchange, "labels", "labels"),
            target=exchange.asked("target"),
            remote=exchange.asked("remote"),
        )


def _name(exchange: Exchange, name: str) -> str:
    try:
        return whole_name(exchange.dialect, name, "")
    except Refusal as refusal:
        raise Refusal(500, refusal.message) from refusal


def _mapping(exchange: Exchange, name: str, shown: str) -> dict[str, str]:
    text = exchange.asked(name)
    if not text:
        return {}
    try:
        found = json.loads(text)
        return {str(key): "" if one is None else str(one) for key, one in found.items()}
    except (ValueError, AttributeError) as error:
        status = 400 if exchange.dialect.since("23.0.0") else 500
        raise Refusal(status, f"error reading {shown}: {error}") from error


def build(daemon: Daemon, exchange: Exchange) -> None:
    dialect = exchange.dialect
    if dialect.since("0.4.5") and not dialect.since("1.7.0") and not dialect.speaks("1.3"):
        raise Refusal(
            500,
            "Multipart upload for build is no longer supported. Please upgrade your docker client.",
        )
    options = Options.asked(exchange)
    # The folder is gone before the answer ends.
    with _Report(exchange, quiet=options.quiet) as report:
        folder = Path(tempfile.mkdtemp(prefix="build-", dir=daemon.folder))
        failed = None
        try:
            context = folder / "context"
            context.mkdir()
            dockerfile = _received(exchange, options, context)
            instructions = _checked(exchange, options, dockerfile)
            _Build(daemon, exchange, options, folder, report).run(instructions)
        except Failed as error:
            failed = error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if failed is not None:
            report.fail(failed)


# What comes in.


def _received(exchange: Exchange, options: Options, context: Path) -> str:
    """Unpack the context; gives the Dockerfile."""
    dialect = exchange.dialect
    try:
        if options.remote:
            if found := _remote(exchange, options.remote, context):
                return found
        elif not dialect.since("0.4.5"):
            return _multipart(exchange, context)
        else:
            unpack(exchange.body, context)
    except BadArchive as error:
        raise bad_archive(dialect, str(error)) from error
    name = options.dockerfile
    if leads_out(name):
        raise Refusal(500, f"forbidden path outside the build context: {name} ()")
    try:
        dockerfile = inside(context, name).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise Refusal(500, words.no_dockerfile(dialect, name)) from error
    if dialect.since("1.5.0"):
        _leave_out(context, name)
    return dockerfile


def _leave_out(context: Path, dockerfile: str) -> None:
    """Remove what was sent for the Engine only: the files that say what to build, if ignored."""
    try:
        text = inside(context, IGNORE_FILE).read_text("utf-8", "replace")
        rules = ignore.parse(text, IGNORE_FILE)
    except (OSError, ValueError):  # there is none, or it is the client's business
        return
    for name in (IGNORE_FILE, dockerfile):
        if rules.excludes(os.path.normpath(name)):
            inside(context, name).unlink(missing_ok=True)


def _multipart(exchange: Exchange, context: Path) -> str:
    """The files `Dockerfile` and `Context` of a form."""
    head = f"Content-Type: {exchange.headers.get('Content-Type', '')}\r\n\r\n".encode("latin-1")
    form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        head + exchange.body.read()
    )
    files = (
        {
            part.get_param("name", header="Content-Disposition"): part.get_payload(decode=True)
            for part in form.iter_parts()
        }
        if form.is_multipart()
        else {}
    )
    dockerfile, archive = files.get("Dockerfile"), files.get("Context")
    if not isinstance(dockerfile, bytes):
        raise Refusal(500, "http: no such file")
    if isinstance(archive, bytes):
        with tempfile.TemporaryFile() as file:
            file.write(archive)
            file.seek(0)
            unpack(file, context)
    return dockerfile.decode("utf-8", "replace")


def _remote(exchange: Exchange, url: str, context: Path) -> str | None:
    """Fetch a context: the Dockerfile if that is all, None if it was an archive."""
    exchange.body.read()
    if not url.startswith(("http://", "https://")) or url.partition("#")[0].endswith(".git"):
        raise Refusal(
            500, f"the fake Engine fetches http and https contexts, not a repository: {url}"
        )
    with tempfile.TemporaryFile() as file:
        try:
            for block in fetched(exchange.dialect, url):
                file.write(block)
        except NotFetched as error:
            words_ = f"error downloading remote context {url}: {error}"
            raise Refusal(500, words_) from error
        file.seek(0)
        if is_archive(file):
            unpack(file, context)
            return None
        return file.read().decode("utf-8", "replace")


def _checked(exchange: Exchange, options: Options, dockerfile: str) -> list[Instruction]:
    dialect = exchange.dialect
    if not dockerfile and dialect.since("1.0.0"):
        status = 400 if dialect.since("17.6.0") else 500
        the = "the" if dialect.since("17.6.0") else "The"
        raise Refusal(status, f"{the} Dockerfile ({options.dockerfile}) cannot be empty")
    try:
        found = parse(dockerfile)
        if words.checks_first(dialect):
            for instruction in found:
                check(instruction)
    except BadInstruction as error:
        raise bad_instruction(dialect, *error.args) from error
    if words.checks_first(dialect):
        if not found:
            raise Refusal(400, "failed to parse Dockerfile: file with no instructions")
        if next((one.name for one in found if one.name != "ARG"), "FROM") != "FROM":
            raise Refusal(400, "no build stage in current context")
    return found


# What goes out.


class _Report:
    """The answer to a build: its head goes out with the first value."""

    def __init__(self, exchange: Exchange, *, quiet: bool) -> None:
        self._exchange = exchange
        self._dialect = exchange.dialect
        self._silent = quiet and exchange.dialect.since("1.10.0")
        self.hides_output = quiet
        self._answer: Chunks | None = None
        self._gone = False

    def say(self, text: str) -> None:
        """A line or a part of one."""
        if not self._silent:
            self.tell({"stream": text})

    def tell(self, value: dict[str, Any]) -> None:
        """A value. That the client is gone ends a build only where the release looks for it."""
        content = shapes.build(self._dialect, value)
        if not content or self._gone:
            return
        try:
            if self._answer is None:
                self._answer = self._exchange.stream(shapes.build_type(self._dialect))
            self._answer.write(content)
        except HungUp:
            if self.cancels:
                raise
            self._gone = True

    @property
    def cancels(self) -> bool:
        """Whether a client that hangs up ends the build."""
        return self._dialect.since("1.6.0")

    def tell_if_loud(self, value: dict[str, Any]) -> None:
        if not self._silent:
            self.tell(value)

    def fail(self, failed: Failed) -> None:
        """Tell how it failed: as a status, if nothing was told before."""
        if self._answer is None and not self._gone and not self._silent:
            raise Refusal(500, failed.message)
        detail: dict[str, Any] = {} if failed.code is None else {"code": failed.code}
        self.tell({"errorDetail": {**detail, "message": failed.message}, "error": failed.message})

    def __enter__(self) -> _Report:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._gone:
            raise HungUp
        if kind is None:
            if self._answer is None:
                self._answer = self._exchange.stream(shapes.build_type(self._dialect))
            with self._answer:
                pass


# The work.


@attrs.define
class _Stage:
    """What lies between two FROM."""

    name: str
    image: Image | None
    config: dict[str, Any]
    arguments: dict[str, str] = attrs.field(factory=dict)
    has_command: bool = False
    author: str = ""

    @property
    def variables(self) -> dict[str, str]:
        return {**self.arguments, **variables_of(self.config["Env"])}


class _Build:
    """One build."""

    def __init__(
        self,
        daemon: Daemon,
        exchange: Exchange,
        options: Options,
        folder: Path,
        report: _Report,
    ) -> None:
        self._daemon = daemon
        self._images = daemon.images
        self._exchange = exchange
        self._dialect = exchange.dialect
        self._options = options
        self._folder = folder
        self._context = folder / "context"
        self._report = report
        self._stages: list[_Stage] = []
        self._arguments: dict[str, str] = {}  # those before the first FROM
        self._unused = set(options.arguments)
        self._kept: list[str] = []  # containers that are removed at the end only

    def run(self, instructions: Sequence[Instruction]) -> None:
        """Do it all, and name the image."""
        todo = self._up_to_target(instructions)
        if self._options.labels and self._dialect.since("1.11.0"):
            pairs = " ".join(
                f"{_as_word(key)}={_as_word(one)}"
                for key, one in sorted(self._options.labels.items())
            )
            todo.append(Instruction("LABEL", pairs, f"LABEL {pairs}", 0))
        for number, instruction in enumerate(todo, 1):
            if instruction.name == "FROM" and self._stages:
                self._end_stage()
            for text in words.step(self._dialect, number, len(todo), instruction):
                self._report.say(text)
            self._do(instruction)
        if not self._stages or self._stages[-1].image is None:
            raise Failed("No image was generated. Is your Dockerfile empty?")
        self._finish(self._stages[-1].image)

    def _up_to_target(self, instructions: Sequence[Instruction]) -> list[Instruction]:
        target = self._options.target
        if not target:
            return list(instructions)
        names: list[str] = []
        found: list[Instruction] = []
        for instruction in instructions:
            if instruction.name == "FROM":
                if names and target.lower() in (names[-1], str(len(names) - 1)):
                    return found
                parts = instruction.rest.split()
                names.append(parts[2].lower() if len(parts) == 3 else "")
            found.append(instruction)
        if names and target.lower() in (names[-1], str(len(names) - 1)):
            return found
        if self._dialect.since("23.0.0"):
            raise Refusal(400, f'target stage "{target}" could not be found')
        raise Refusal(400, f"failed to reach build target {target} in Dockerfile")

    def _end_stage(self) -> None:
        image = self._stages[-1].image
        if image is not None:
            self._report.tell_if_loud({"aux": {"ID": f"sha256:{image.id}"}})

    def _finish(self, image: Image) -> None:
        if self._options.quiet and self._dialect.since("1.10.0"):
            self._report.tell({"stream": f"sha256:{image.id}\n"})
        else:
            self._report.tell({"aux": {"ID": f"sha256:{image.id}"}})
            if self._unused and self._dialect.since("1.9.0"):
                self._report.say(words.unused_arguments(sorted(self._unused)))
            self._report.say(f"Successfully built {image.id[:12]}\n")
        for name in self._options.names:
            with self._daemon.lock:
                self._images.tag(image, name)
                self._daemon.events.tell("image", "tag", f"sha256:{image.id}", name=name)
            if words.says_tags(self._dialect):
                self._report.say(f"Successfully tagged {name}\n")
        for container in self._kept:
            self._report.say(words.removing(self._dialect, container))

    # One instruction.

    def _do(self, instruction: Instruction) -> None:
        try:
            if instruction.name == "FROM":
                self._from(instruction)
            elif instruction.name == "ARG" and not self._stages:
                check(instruction)
                self._arguments.update(self._declared(instruction, {}))
            else:
                self._within_stage(instruction)
        except BadInstruction as error:
            raise Failed(self._unreadable(error)) from error
        except OSError as error:
            raise Failed(f"{instruction.name} failed: {error.strerror or error}") from error
        except BadArchive as error:
            raise Failed(f"{instruction.name} failed: {error}") from error

    def _unreadable(self, error: BadInstruction) -> str:
        found = str(error.args[0])
        if found.startswith("unknown instruction"):
            return found.capitalize().rpartition(" ")[0] + " " + found.rpartition(" ")[2]
        return found

    def _within_stage(self, instruction: Instruction) -> None:
        name = instruction.name
        if not self._stages:
            if name not in KNOWN:
                check(instruction)
            raise Failed("Please provide a source image with `from` prior to commit")
        stage = self._stages[-1]
        if name == "RUN":
            self._run(stage, instruction)
        elif name in ("COPY", "ADD"):
            check(instruction)
            self._copy(stage, instruction)
        elif name == "ARG":
            check(instruction)
            stage.arguments.update(self._declared(instruction, stage.variables))
            self._commit_words(stage, f"ARG {instruction.rest}")
        elif name == "MAINTAINER":
            check(instruction)
            stage.author = instruction.rest
            self._commit_words(stage, f"MAINTAINER {instruction.rest}")
        else:
            try:
                told = apply(stage.config, instruction, stage.variables)
            except BadInstruction:
                if name in KNOWN or not words.skips_unknown(self._dialect):
                    raise
                self._report.say(f"# Skipping unknown instruction {name}\n")
                return
            if name == "CMD":
                stage.has_command = True
            elif name == "ENTRYPOINT" and not stage.has_command:
                stage.config["Cmd"] = None
            folder = stage.config["WorkingDir"] if name == "WORKDIR" else None
            self._commit_words(stage, told, folder)

    def _declared(self, instruction: Instruction, variables: Mapping[str, str]) -> dict[str, str]:
        found = {}
        for word in split(instruction.rest):
            name, equals, value = word.partition("=")
            self._unused.discard(name)
            if name in self._options.arguments:
                found[name] = self._options.arguments[name]
            elif equals:
                found[name] = expanded(value, variables)
            elif name in self._arguments and self._stages:
                found[name] = self._arguments[name]
        return found

    def _from(self, instruction: Instruction) -> None:
        check(instruction)
        parts = instruction.rest.split()
        wanted = expanded(parts[0], self._arguments)
        image = self._base(wanted)
        config = {**CONFIG} if image is None else image.config
        triggers = config["OnBuild"] or []
        config["OnBuild"] = None
        if not any(one.startswith("PATH=") for one in config["Env"] or []):
            config["Env"] = [*(config["Env"] or []), PATH]
        stage = _Stage(parts[2].lower() if len(parts) == 3 else "", image, config)
        self._stages.append(stage)
        self._report.say(f" ---> {image.id[:12] if image else ''}\n")
        if triggers:
            for text in words.triggers(self._dialect, len(triggers)):
                self._report.say(text)
            for one in parse("\n".join(triggers)):
                self._do(one)

    def _base(self, name: str) -> Image | None:
        if name == "scratch":
            return None
        for stage in self._stages:
            if stage.name and stage.name == name.lower():
                return stage.image
        found = self._images.get(name)
        return self._pulled(name) if found is None or self._options.pull else found

    def _pulled(self, name: str) -> Image | None:
        """The image of a registry, if that has it."""
        try:
            parsed = ImageReference.parse(name)
        except ValueError:
            raise Failed(bad_name(self._dialect, name).message) from None
        if parsed.tag is None and parsed.digest is None:
            parsed = attrs.evolve(parsed, tag="latest")
        configured = registry_config(self._exchange)
        who = configured.get(parsed.registry_key) or configured.get(parsed.full_name.split("/")[0])
        try:
            for value in pulled(self._daemon, self._exchange, parsed, who or {}):
                self._report.tell_if_loud(value)
        except NotPulled as error:
            raise Failed(error.message) from error
        return self._images.get(str(parsed))

    # RUN.

    def _run(self, stage: _Stage, instruction: Instruction) -> None:
        argv = command(instruction, stage.config)
        arguments = {
            name: one
            for name, one in stage.arguments.items()
            if name not in variables_of(stage.config["Env"])
        }
        shown = [f"{name}={one}" for name, one in sorted(arguments.items())]
        by = [f"|{len(shown)}", *shown, *argv] if shown else argv
        if self._cached(stage, by):
            return
        container = self._container(stage, argv, arguments)
        self._report.say(f" ---> Running in {container.id[:12]}\n")
        keep = True
        try:
            code = self._played(container)
            if code != 0:
                keep = not self._options.force_remove
                if not keep:
                    self._report.say(words.removing(self._dialect, container.id))
                raise Failed(words.failed(self._dialect, argv, code), code)
            self._commit(stage, by, container.files, container.id)
            keep = not self._options.remove
        finally:
            if not keep:
                self._daemon.containers.remove(container)

    def _container(
        self, stage: _Stage, argv: Sequence[str], arguments: Mapping[str, str]
    ) -> Container:
        """One that runs a command with the stage's configuration and nothing of the image's."""
        with self._daemon.lock:
            image = stage.image or self._images.derive(None, {**CONFIG})
            asked = {"Image": f"sha256:{image.id}", "Cmd": list(argv), "AttachStdout": True}
            container = self._daemon.containers.create(asked)
            variables = [f"{name}={one}" for name, one in arguments.items()]
            container.config.update(
                Env=[*(stage.config["Env"] or []), *variables],
                Cmd=list(argv),
                Entrypoint=None,
                Volumes=None,
                Healthcheck=None,
            )
        return container

    def _played(self, container: Container) -> int:
        """Run a container, and tell what it writes; its exit code."""
        directory = container.config["WorkingDir"] or "/"
        container.files.at(directory).mkdir(parents=True, exist_ok=True)
        tap = container.outlet.listen(frozenset(("stdout", "stderr")))
        decoders = {
            stream: codecs.getincrementaldecoder("utf-8")("replace")
            for stream in ("stdout", "stderr")
        }
        try:
            with self._daemon.lock:
                container.start()
            while (found := tap.get(self._gone)) is not None:
                text = decoders[found[0]].decode(found[1])
                if text and not self._report.hides_output:
                    self._report.say(
                        words.error_output(self._dialect, text) if found[0] == "stderr" else text
                    )
            if not container.await_(lambda: container.running is None, self._gone):
                raise HungUp
            return container.exit_code
        except CannotStart as error:
            raise Failed(str(error), 127) from error
        except BaseException:
            container.kill()
            raise
        finally:
            tap.close()

    def _gone(self) -> bool:
        return self._report.cancels and self._exchange.hung_up()

    # COPY and ADD.

    def _copy(self, stage: _Stage, instruction: Instruction) -> None:
        if "chmod" in instruction.flags:
            raise Failed(
                "the --chmod option requires BuildKit. Refer to "
                "https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit "
                "enabled"
            )
        listed = instruction.listed()
        found = listed if listed is not None else split(instruction.rest)
        *sources, target = (expanded(one, stage.variables) for one in found)
        copying = Copying(self._dialect, instruction.name, stage.config["WorkingDir"] or "/")
        source_root = self._source(instruction)
        files = self._files(stage.image)
        scratch = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            try:
                copying.plan(sources, target, source_root, files, scratch)
            except NotCopied as error:
                raise Failed(str(error)) from error
            by = ["/bin/sh", "-c", f"#(nop) {instruction.name} {copying.digest()} in {target} "]
            if self._cached(stage, by):
                return
            copying.do(files)
            container = new_id() if words.copies_in_container(self._dialect) else None
            self._commit(stage, by, files, container)
        finally:
            files.close()
            shutil.rmtree(scratch, ignore_errors=True)

    def _source(self, instruction: Instruction) -> Path:
        """Where COPY copies from: the context, an earlier stage, or an image."""
        wanted = instruction.flags.get("from", "")
        if not wanted:
            return self._context
        image: Image | None = None
        for number, stage in enumerate(self._stages[:-1]):
            if wanted.lower() in (stage.name, str(number)):
                image = stage.image
                break
        else:
            try:
                image = self._base(wanted)
            except Failed as failed:
                raise Failed(f"invalid from flag value {wanted}: {failed.message}") from failed
        return self._files(image).root

    # Images.

    def _files(self, image: Image | None) -> Files:
        folder = self._folder / uuid.uuid4().hex
        return Files(self._images, image, folder)

    def _commit_words(self, stage: _Stage, told: str, folder: str | None = None) -> None:
        """Keep what only changes the configuration, and a folder that has to be there."""
        shell = stage.config.get("Shell") or ["/bin/sh", "-c"]
        by = [*shell, "#(nop) ", told] if folder is None else [*shell, f"#(nop) {told}"]
        if self._cached(stage, by):
            return
        container = new_id()
        self._report.say(f" ---> Running in {container[:12]}\n")
        files = None
        try:
            if folder is not None:
                files = self._files(stage.image)
                files.at(folder).mkdir(parents=True, exist_ok=True)
            self._commit(stage, by, files, container)
        finally:
            if files is not None:
                files.close()

    def _key(self, stage: _Stage, by: Sequence[str]) -> str:
        return json.dumps(
            [stage.image.id if stage.image else "", by, stage.config, stage.author], sort_keys=True
        )

    def _cached(self, stage: _Stage, by: Sequence[str]) -> bool:
        """Whether an image was made just so before; it is then the stage's."""
        found = self._images.cached(self._key(stage, by)) if self._options.cache else None
        if found is None:
            return False
        stage.image = found
        self._report.say(" ---> Using cache\n")
        self._report.say(f" ---> {found.id[:12]}\n")
        return True

    def _commit(
        self, stage: _Stage, by: Sequence[str], files: Files | None, container: str | None
    ) -> None:
        layer = None
        if files is not None and files.changes():
            layer = self._images.store(files.layer())
        key = self._key(stage, by)
        image = self._images.derive(
            stage.image,
            image_config(stage.config),
            layer=layer,
            container=container or "",
            container_config={**stage.config, "Cmd": list(by)},
            author=stage.author,
            created_by=" ".join(by),
        )
        self._images.remember(key, image)
        stage.image = image
        later = words.removes_at_the_end(self._dialect)
        if container is not None and later and self._options.remove:
            self._kept.append(container)
        told = words.done(
            self._dialect, image.id, container, removed=self._options.remove and not later
        )
        for text in told:
            self._report.say(text)


def _as_word(text: str) -> str:
    """A text as LABEL takes it."""
    return text if re.fullmatch(r"[\w.:/@+-]+", text) else json.dumps(text).replace("$", "\\$")


def new_id() -> str:
    """The id of a container that nobody will ask for."""
    return uuid.uuid4().hex + uuid.uuid4().hex
