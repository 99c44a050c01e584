"""What an Engine does not have, or has already; `routes.table` says it in the version's words."""

from __future__ import annotations


class StateError(Exception):
    """Something that was asked of the state cannot be; what is about it is in `args`."""


class NoContainer(StateError):
    """There is no container of this name or id."""


class NoImage(StateError):
    """There is no image of this name; with what was to be done with it."""


class NoExec(StateError):
    """There is no exec instance of this id."""


class NoCommand(StateError):
    """A container would have nothing to run."""


class NameTaken(StateError):
    """A container has this name; with its id."""
