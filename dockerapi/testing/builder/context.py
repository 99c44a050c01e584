"""What comes in for a build: the context, and the Dockerfile in it."""

from __future__ import annotations

import difflib
import email.parser
import email.policy
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

import attrs

from ...archive.context import IGNORE_FILE
from ...protocol import ignore
from ..http.errors import HttpError
from ..play.paths import inside, leads_out
from ..state.layers import BadArchive, is_archive, unpack
from ..versions import words
from ..versions.dialect import Dialect
from ..versions.errors import bad_archive, bad_instruction
from .build import Options
from .downloads import NotFetched, fetched
from .instructions import KNOWN, BadInstruction, Instruction, check, parse


@attrs.frozen
class Source:
    """Where it comes from: the body of the request."""

    dialect: Dialect
    body: BinaryIO
    content_type: str


def received(source: Source, options: Options, context: Path) -> str:
    """Unpack the context; gives the Dockerfile."""
    dialect = source.dialect
    try:
        if options.remote:
            if found := _remote(source, options.remote, context):
                return found
        elif not dialect.since("0.4.5"):
            return _multipart(source, context)
        else:
            unpack(source.body, context)
    except BadArchive as error:
        raise bad_archive(dialect, str(error)) from error
    name = options.dockerfile
    if leads_out(name):
        raise HttpError(500, f"forbidden path outside the build context: {name} ()")
    try:
        dockerfile = inside(context, name).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise HttpError(500, words.no_dockerfile(dialect, name)) from error
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


def _multipart(source: Source, context: Path) -> str:
    """The files `Dockerfile` and `Context` of a form."""
    head = f"Content-Type: {source.content_type}\r\n\r\n".encode("latin-1")
    form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + source.body.read())
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
        raise HttpError(500, "http: no such file")
    if isinstance(archive, bytes):
        with tempfile.TemporaryFile() as file:
            file.write(archive)
            file.seek(0)
            unpack(file, context)
    return dockerfile.decode("utf-8", "replace")


def _remote(source: Source, url: str, context: Path) -> str | None:
    """Fetch a context: the Dockerfile if that is all, None if it was an archive."""
    source.body.read()
    if not url.startswith(("http://", "https://")) or url.partition("#")[0].endswith(".git"):
        raise HttpError(
            500, f"the fake Engine fetches http and https contexts, not a repository: {url}"
        )
    with tempfile.TemporaryFile() as file:
        try:
            for block in fetched(source.dialect, url):
                file.write(block)
        except NotFetched as error:
            words_ = f"error downloading remote context {url}: {error}"
            raise HttpError(500, words_) from error
        file.seek(0)
        if is_archive(file):
            unpack(file, context)
            return None
        return file.read().decode("utf-8", "replace")


def checked(dialect: Dialect, options: Options, dockerfile: str) -> list[Instruction]:
    if not dockerfile and dialect.since("1.0.0"):
        status = 400 if dialect.checks_first else 500
        raise HttpError(status, f"the Dockerfile ({options.dockerfile}) cannot be empty")
    try:
        found = parse(dockerfile)
        if dialect.checks_first:
            for instruction in found:
                check(instruction)
    except BadInstruction as error:
        told, line = error.args
        if told.startswith("unknown instruction") and dialect.since("26.0.0"):
            meant = difflib.get_close_matches(told.rpartition(" ")[2], sorted(KNOWN), 1)
            told += f" (did you mean {meant[0]}?)" if meant else ""
        raise bad_instruction(dialect, told, line) from error
    if dialect.checks_first:
        if not found:
            raise HttpError(400, "failed to parse Dockerfile: file with no instructions")
        if next((one.name for one in found if one.name != "ARG"), "FROM") != "FROM":
            raise HttpError(400, "no build stage in current context")
    return found
