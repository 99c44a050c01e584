"""The classic builder, without a cache: each instruction creates an image for the next one.

RUN runs like the command of a container (`Players.start`). The generator of a build yields its
report, in the words of Engines from 17.6.0 on.
"""

from __future__ import annotations

import codecs
import json
import re
import uuid
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from ...protocol.reference import ImageReference
from ..http.errors import ClientGone, HttpError
from ..play.running import CannotStart
from ..state.container import Container
from ..state.daemon import Daemon
from ..state.files import Files
from ..state.images import CONFIG, PATH, Image, image_config
from ..state.layers import BadArchive
from ..versions.dialect import Dialect
from ..versions.errors import bad_name
from ..versions.progress import Failed, Values
from .copies import Copying, NotCopied
from .instructions import (
    KNOWN,
    BadInstruction,
    Instruction,
    apply,
    check,
    command,
    expanded,
    split,
    variables_of,
)

# Pulls an image; yields its report, and raises `Failed`.
Pull = Callable[[ImageReference], Values]


@attrs.frozen
class Options:
    """The parameters of a build, without its context."""

    names: list[str]
    dockerfile: str
    quiet: bool
    remove: bool
    force_remove: bool
    pull: bool
    arguments: dict[str, str]
    labels: dict[str, str]
    target: str
    remote: str


@attrs.define
class _Stage:
    """A stage of the build: from one FROM to the next."""

    name: str
    image: Image | None
    config: dict[str, Any]
    arguments: dict[str, str] = attrs.field(factory=dict)
    has_command: bool = False
    author: str = ""

    @property
    def variables(self) -> dict[str, str]:
        return {**self.arguments, **variables_of(self.config["Env"])}


@attrs.define(eq=False)
class Build:
    """One build; `folder` has the context, which the caller removes."""

    _daemon: Daemon
    _dialect: Dialect
    _options: Options
    _folder: Path
    _pull: Pull
    _gone: Callable[[], bool]
    _stages: list[_Stage] = attrs.field(factory=list, init=False)
    _arguments: dict[str, str] = attrs.field(factory=dict, init=False)  # before the first FROM
    _unused: set[str] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._unused = set(self._options.arguments)

    def run(self, instructions: Sequence[Instruction]) -> Values:
        """Run the build, and name the image; yields the report."""
        quiet, told = self._options.quiet and self._dialect.modern, []
        try:
            for value in self._steps(instructions):
                if quiet:
                    told.append(value)  # only reported if the build fails
                else:
                    yield value
        except Failed:
            yield from told
            raise
        image = self._stages[-1].image if self._stages else None
        if image is None:
            raise Failed("No image was generated. Is your Dockerfile empty?")
        finished = list(self._finish(image))
        yield from [_said(f"sha256:{image.id}\n")] if quiet else finished

    def _steps(self, instructions: Sequence[Instruction]) -> Values:
        todo = self._up_to_target(instructions)
        if self._options.labels:
            pairs = " ".join(
                f"{_as_word(key)}={_as_word(one)}"
                for key, one in sorted(self._options.labels.items())
            )
            todo.append(Instruction("LABEL", pairs, f"LABEL {pairs}", 0))
        for number, instruction in enumerate(todo, 1):
            if instruction.name == "FROM" and self._stages and (image := self._stages[-1].image):
                yield {"aux": {"ID": f"sha256:{image.id}"}}
            yield _said(f"Step {number}/{len(todo)} : {instruction.original}")
            yield _said("\n")
            yield from self._do(instruction)

    def _up_to_target(self, instructions: Sequence[Instruction]) -> list[Instruction]:
        target, stage, found = self._options.target.lower(), -1, False
        todo: list[Instruction] = []
        for instruction in instructions:
            if instruction.name == "FROM":
                if found:
                    break
                stage += 1
                found = target in (str(stage), _stage_name(instruction))
            todo.append(instruction)
        if target and not found:
            raise HttpError(400, f'target stage "{target}" could not be found')
        return todo

    def _finish(self, image: Image) -> Values:
        yield {"aux": {"ID": f"sha256:{image.id}"}}
        if self._unused:
            names = " ".join(sorted(self._unused))
            yield _said(f"[Warning] One or more build-args [{names}] were not consumed\n")
        yield _said(f"Successfully built {image.id[:12]}\n")
        for name in self._options.names:
            with self._daemon.lock:
                self._daemon.images.tag(image, name)
                self._daemon.events.tell("image", "tag", f"sha256:{image.id}", name=name)
            if self._dialect.checks_first:
                yield _said(f"Successfully tagged {name}\n")

    # One instruction

    def _do(self, instruction: Instruction) -> Values:
        try:
            if instruction.name == "FROM":
                yield from self._from(instruction)
            elif instruction.name == "ARG" and not self._stages:
                check(instruction)
                self._arguments.update(self._declared(instruction, {}))
            else:
                yield from self._within_stage(instruction)
        except BadInstruction as error:
            words = str(error.args[0])
            raise Failed(words.replace("unknown instruction", "Unknown instruction")) from error
        except OSError as error:
            raise Failed(f"{instruction.name} failed: {error.strerror or error}") from error
        except BadArchive as error:
            raise Failed(f"{instruction.name} failed: {error}") from error

    def _within_stage(self, instruction: Instruction) -> Values:
        name = instruction.name
        if not self._stages:
            if name not in KNOWN:
                check(instruction)
            raise Failed("Please provide a source image with `from` prior to commit")
        stage = self._stages[-1]
        if name == "RUN":
            yield from self._run(stage, instruction)
        elif name in ("COPY", "ADD"):
            check(instruction)
            yield from self._copy(stage, instruction)
        elif name == "ARG":
            check(instruction)
            stage.arguments.update(self._declared(instruction, stage.variables))
            yield from self._commit_words(stage, f"ARG {instruction.rest}")
        elif name == "MAINTAINER":
            check(instruction)
            stage.author = instruction.rest
            yield from self._commit_words(stage, f"MAINTAINER {instruction.rest}")
        else:
            told = apply(stage.config, instruction, stage.variables)
            if name == "CMD":
                stage.has_command = True
            elif name == "ENTRYPOINT" and not stage.has_command:
                stage.config["Cmd"] = None
            folder = stage.config["WorkingDir"] if name == "WORKDIR" else None
            yield from self._commit_words(stage, told, folder)

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

    def _from(self, instruction: Instruction) -> Values:
        check(instruction)
        wanted = expanded(instruction.rest.split()[0], self._arguments)
        image = yield from self._base(wanted)
        config = {**CONFIG} if image is None else image.config
        if not any(one.startswith("PATH=") for one in config["Env"] or []):
            config["Env"] = [*(config["Env"] or []), PATH]
        stage = _Stage(_stage_name(instruction) or "", image, config)
        self._stages.append(stage)
        yield _said(f" ---> {image.id[:12] if image else ''}\n")

    def _base(self, name: str) -> Generator[dict[str, Any], None, Image | None]:
        if name == "scratch":
            return None
        for stage in self._stages:
            if stage.name and stage.name == name.lower():
                return stage.image
        found = self._daemon.images.get(name)
        if found is not None and not self._options.pull:
            return found
        try:
            parsed = ImageReference.parse(name)
        except ValueError:
            raise Failed(bad_name(self._dialect, name).message) from None
        if parsed.tag is None and parsed.digest is None:
            parsed = attrs.evolve(parsed, tag="latest")
        yield from self._pull(parsed)
        return self._daemon.images.get(str(parsed))

    # RUN

    def _run(self, stage: _Stage, instruction: Instruction) -> Values:
        argv = command(instruction, stage.config)
        arguments = {
            name: one
            for name, one in stage.arguments.items()
            if name not in variables_of(stage.config["Env"])
        }
        shown = [f"{name}={one}" for name, one in sorted(arguments.items())]
        by = [f"|{len(shown)}", *shown, *argv] if shown else argv
        container = self._container(stage, argv, arguments)
        yield _said(f" ---> Running in {container.id[:12]}\n")
        keep = True
        try:
            code = yield from self._played(container)
            if code != 0:
                keep = not self._options.force_remove
                if not keep:
                    yield _removed(container.id)
                words = f"The command '{' '.join(argv)}' returned a non-zero code: {code}"
                raise Failed(words, code=code)
            yield from self._commit(stage, by, container.files, container.id)
            keep = not self._options.remove
        finally:
            if not keep:
                self._daemon.containers.remove(container)

    def _container(
        self, stage: _Stage, argv: Sequence[str], arguments: Mapping[str, str]
    ) -> Container:
        """A container for a command, with the stage's configuration and nothing of the image's."""
        with self._daemon.lock:
            image = stage.image or self._daemon.images.derive(None, {**CONFIG})
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

    def _played(self, container: Container) -> Generator[dict[str, Any], None, int]:
        """Run a container, and report its output, with errors in red; returns its exit code."""
        directory = container.config["WorkingDir"] or "/"
        container.files.at(directory).mkdir(parents=True, exist_ok=True)
        subscriber = container.broadcast.listen(frozenset(("stdout", "stderr")))
        decoders = {
            stream: codecs.getincrementaldecoder("utf-8")("replace")
            for stream in ("stdout", "stderr")
        }
        try:
            with self._daemon.lock:
                container.start()
            while (found := subscriber.get(self._gone)) is not None:
                text = decoders[found[0]].decode(found[1])
                if text and (self._dialect.modern or not self._options.quiet):
                    yield _said(f"\x1b[91m{text}\x1b[0m" if found[0] == "stderr" else text)
            if not container.await_(lambda: container.running is None, self._gone):
                raise ClientGone
            return container.exit_code
        except CannotStart as error:
            raise Failed(str(error), code=127) from error
        except BaseException:
            container.kill()
            raise
        finally:
            subscriber.close()

    # COPY and ADD

    def _copy(self, stage: _Stage, instruction: Instruction) -> Values:
        if "chmod" in instruction.flags:
            raise Failed(
                "the --chmod option requires BuildKit. Refer to "
                "https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit "
                "enabled"
            )
        listed = instruction.listed()
        found = listed if listed is not None else split(instruction.rest)
        *sources, target = (expanded(one, stage.variables) for one in found)
        copying = Copying(instruction.name, stage.config["WorkingDir"] or "/")
        source_root = yield from self._source(instruction)
        files = self._files(stage.image)
        try:
            try:
                copying.plan(sources, target, source_root, files)
            except NotCopied as error:
                raise Failed(str(error)) from error
            told = f"#(nop) {instruction.name} {' '.join(sources)} in {target} "
            copying.do(files)
            container = None if self._dialect.checks_first else new_id()
            yield from self._commit(stage, ["/bin/sh", "-c", told], files, container)
        finally:
            files.close()

    def _source(self, instruction: Instruction) -> Generator[dict[str, Any], None, Path]:
        """The source of COPY: the context, an earlier stage, or an image."""
        wanted = instruction.flags.get("from", "")
        if not wanted:
            return self._folder / "context"
        image: Image | None = None
        for number, stage in enumerate(self._stages[:-1]):
            if wanted.lower() in (stage.name, str(number)):
                image = stage.image
                break
        else:
            try:
                image = yield from self._base(wanted)
            except Failed as failed:
                raise Failed(f"invalid from flag value {wanted}: {failed.message}") from failed
        return self._files(image).root

    # Images

    def _files(self, image: Image | None) -> Files:
        folder = self._folder / uuid.uuid4().hex
        return Files(self._daemon.images, image, folder)

    def _commit_words(self, stage: _Stage, told: str, folder: str | None = None) -> Values:
        """Commit a step that only changes the configuration, or also creates a directory."""
        shell = stage.config.get("Shell") or ["/bin/sh", "-c"]
        by = [*shell, "#(nop) ", told] if folder is None else [*shell, f"#(nop) {told}"]
        container = new_id()
        yield _said(f" ---> Running in {container[:12]}\n")
        files = None
        try:
            if folder is not None:
                files = self._files(stage.image)
                files.at(folder).mkdir(parents=True, exist_ok=True)
            yield from self._commit(stage, by, files, container)
        finally:
            if files is not None:
                files.close()

    def _commit(
        self, stage: _Stage, by: Sequence[str], files: Files | None, container: str | None
    ) -> Values:
        layer = None
        if files is not None and files.changes():
            layer = self._daemon.images.store(files.layer())
        image = self._daemon.images.derive(
            stage.image,
            image_config(stage.config),
            layer=layer,
            container=container or "",
            container_config={**stage.config, "Cmd": list(by)},
            author=stage.author,
            created_by=" ".join(by),
        )
        stage.image = image
        if container is not None and self._options.remove:
            yield _removed(container)
        yield _said(f" ---> {image.id[:12]}\n")


def _stage_name(instruction: Instruction) -> str | None:
    parts = instruction.rest.split()
    return parts[2].lower() if len(parts) == 3 else None


def _said(text: str) -> dict[str, Any]:
    return {"stream": text}


def _removed(container: str) -> dict[str, Any]:
    return _said(f" ---> Removed intermediate container {container[:12]}\n")


def _as_word(text: str) -> str:
    """A text in the form of LABEL."""
    return text if re.fullmatch(r"[\w.:/@+-]+", text) else json.dumps(text).replace("$", "\\$")


def new_id() -> str:
    """The id of a container that no request will name."""
    return uuid.uuid4().hex + uuid.uuid4().hex
