"""Errors of the state; `routes.table` converts them to the words of the version."""

from __future__ import annotations


class StateError(Exception):
    """The state forbids a request; `args` has the details."""


class NoContainer(StateError):
    """There is no container with this name or id."""


class NoImage(StateError):
    """There is no image with this name; also says what it was needed for."""


class NoExec(StateError):
    """There is no exec instance with this id."""


class NoCommand(StateError):
    """A container would have no command."""


class NameTaken(StateError):
    """A container has this name already; with its id."""


class NoNetwork(StateError):
    """There is no network with this name or id."""


class NoVolume(StateError):
    """There is no volume with this name."""


class Several(StateError):
    """Several networks match: the word, their number, and what the word is (name or id prefix)."""


class AddressTaken(StateError):
    """Another container of the network has this address."""


class PoolTaken(StateError):
    """Another network has these addresses."""
