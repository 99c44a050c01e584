"""What the mixins of all chapters have in common: a transport, and views on another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..registry.credentials import StoredCredentials
    from ..transport import Transport


class Operations:
    """Operations over one transport, with what the docker command has stored."""

    _transport: Transport
    _credentials: StoredCredentials

    def _view(self) -> Self:
        """The same, for changes that are not to be those of everybody."""
        view = type(self).__new__(type(self))
        view.__dict__.update(self.__dict__)
        return view

    def _ending(self, ends: float | None) -> Self:
        """The same, all of whose waits end by this time of `time.monotonic()`, if there is one."""
        view = self._view()
        view._transport = self._transport.until(ends)
        return view
