"""The context of a build, and the Dockerfile in it."""

from __future__ import annotations

import difflib
import email.parser
import email.policy
import os
import tempfile
from pathlib import Path

from ...archive.context import IGNORE_FILE
from ...protocol import ignore
from ..http.errors import HttpError
from ..http.exchange import HttpExchange
from ..play.paths import inside, leads_out
from ..state.layers import BadArchive, unpack
from ..versions.dialect import Dialect
from ..versions.errors import bad_instruction
from .build import Options
from .instructions import KNOWN, BadInstruction, Instruction, check, parse


def received(dialect: Dialect, exchange: HttpExchange, options: Options, context: Path) -> str:
    """Unpack a request's context; returns the Dockerfile."""
    try:
        if options.remote:
            raise HttpError(500, f"the fake Engine fetches nothing: {options.remote}")
        if not dialect.since("0.4.5"):
            return _multipart(exchange, context)
        unpack(exchange.body, context)
    except BadArchive as error:
        raise HttpError(500, str(error)) from error
    name = options.dockerfile
    if leads_out(name):
        raise HttpError(500, f"forbidden path outside the build context: {name} ()")
    try:
        dockerfile = inside(context, name).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise HttpError(500, f"Cannot locate specified Dockerfile: {name}") from error
    if dialect.since("1.5.0"):
        _leave_out(context, name)
    return dockerfile


def _leave_out(context: Path, dockerfile: str) -> None:
    """Remove `.dockerignore` and the Dockerfile if ignored: they were only sent for reading."""
    try:
        text = inside(context, IGNORE_FILE).read_text("utf-8", "replace")
        rules = ignore.parse(text, IGNORE_FILE)
    except (OSError, ValueError):  # missing, or an error that the client reports
        return
    for name in (IGNORE_FILE, dockerfile):
        if rules.excludes(os.path.normpath(name)):
            inside(context, name).unlink(missing_ok=True)


def _multipart(exchange: HttpExchange, context: Path) -> str:
    """The files `Dockerfile` and `Context` of a form."""
    kind = exchange.headers.get("Content-Type", "")
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1")
    content = head + exchange.body.read()
    form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(content)
    files = {
        part.get_param("name", header="Content-Disposition"): part.get_payload(decode=True)
        for part in form.iter_parts()
    }
    dockerfile, archive = files.get("Dockerfile"), files.get("Context")
    if not isinstance(dockerfile, bytes):
        raise HttpError(500, "http: no such file")
    if isinstance(archive, bytes):
        with tempfile.TemporaryFile() as file:
            file.write(archive)
            file.seek(0)
            unpack(file, context)
    return dockerfile.decode("utf-8", "replace")


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
        if told.startswith("unknown instruction") and dialect.checks_first:
            meant = difflib.get_close_matches(told.rpartition(" ")[2], sorted(KNOWN), 1)
            told += f" (did you mean {meant[0]}?)" if meant else ""
        raise bad_instruction(dialect, told, line) from error
    if dialect.checks_first:
        if not found:
            raise HttpError(400, "failed to parse Dockerfile: file with no instructions")
        if next((one.name for one in found if one.name != "ARG"), "FROM") != "FROM":
            raise HttpError(400, "no build stage in current context")
    return found
