"""Secrets and configs of a swarm."""

from __future__ import annotations

import datetime
import re
from typing import Any

from ..errors import shown
from .base import Model, integer, model, one, text, when, wire
from .kinds import LABELS, line, nested
from .settings import Labels, setting
from .spec import BASE64, Spec, spec
from .swarm import Driver


def _name(value: Any) -> str:
    if not isinstance(value, str):  # never shown: it may be the content
        raise TypeError(f"a string was expected, not {type(value).__name__}")
    if not re.fullmatch(r"[a-zA-Z0-9](?:[\w.-]{0,62}[a-zA-Z0-9])?", line(value), re.ASCII):
        raise ValueError(
            "up to 64 letters, digits, and '-', '_' and '.' within were expected, not "
            f"{shown(value)}"
        )
    return str(value)


@spec
class SecretSpec(Spec):
    """A secret without its content, which no Engine returns. Only its labels can be changed.

    Args:
        name: up to 64 characters.
        labels: a mapping, or a list of `name` and `name=value`.
        driver: the plugin that provides the content instead of the swarm; API 1.31 and later.
        templating: the template engine for the content; API 1.37 and later.
    """

    name: str = wire("Name", read=text, required=True, converter=_name)
    labels: Labels = setting("Labels", LABELS)
    driver: Driver | None = setting("Driver", nested(Driver))
    templating: Driver | None = setting("Templating", nested(Driver))


@spec
class ConfigSpec(Spec):
    """A config with its content. Only its labels can be changed.

    Args:
        name: up to 64 characters.
        data: its content; in no repr.
        labels: a mapping, or a list of `name` and `name=value`.
        templating: the template engine for the content; API 1.37 and later.
    """

    name: str = wire("Name", read=text, required=True, converter=_name)
    data: bytes | None = setting("Data", BASE64, repr=False)
    labels: Labels = setting("Labels", LABELS)
    templating: Driver | None = setting("Templating", nested(Driver))


@model
class Secret(Model):
    """A secret of a swarm; API 1.25 and later.

    Attributes:
        id: the secret's id, which never belongs to another secret; its name may.
        version: changes with every update; an update must send it.
        created: when it was created.
        updated: when it was last changed.
        spec: its name and labels, never its content.
    """

    id: str = wire("ID", read=text, required=True)
    version: int = wire("Version.Index", read=integer, required=True)
    created: datetime.datetime | None = wire("CreatedAt", read=when)
    updated: datetime.datetime | None = wire("UpdatedAt", read=when)
    spec: SecretSpec = wire("Spec", read=one(SecretSpec), required=True)


@model
class Config(Model):
    """A config of a swarm; API 1.30 and later.

    Attributes:
        id: the config's id, which never belongs to another config; its name may.
        version: changes with every update; an update must send it.
        created: when it was created.
        updated: when it was last changed.
        spec: its name, labels and content.
    """

    id: str = wire("ID", read=text, required=True)
    version: int = wire("Version.Index", read=integer, required=True)
    created: datetime.datetime | None = wire("CreatedAt", read=when)
    updated: datetime.datetime | None = wire("UpdatedAt", read=when)
    spec: ConfigSpec = wire("Spec", read=one(ConfigSpec), required=True)
