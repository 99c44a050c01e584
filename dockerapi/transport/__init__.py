"""Requests and replies: three verbs, one per kind of conversation, over one pool per Engine.

`call` gives a whole reply, `stream` a body that is read as it comes, `hijack` a two-way connection.
Before the first of them the version is negotiated; before each, `versions.fit` translates the
request for that version or refuses it. The rules:

- a route is the manual's literal; its one parameter is quoted in `prepared`, and nowhere else;
- no exception of the layers below leaves this room: `failures` says what it means; only `session`,
  the open door for other requests, raises those of `requests`;
- no environment, no redirects, no cookies;
- nothing is sent twice but a GET or HEAD that met a kept connection which had gone stale, and what
  the caller's `retry` says;
- every wait is bounded: connecting by `connect`, a whole reply by `read`, a stream by `idle`;
- any call may be interrupted by another one of its own thread, from the handler of a signal or
  from `__del__`. So an `Exchange` holds all that it needs; what is shared is changed by a single C
  call; only negotiation holds a lock while bytes move; and no lock is held while code of the caller
  runs.
"""

from .exchange import LARGEST_REPLY as LARGEST_REPLY
from .pool import IDLE_CONNECTIONS as IDLE_CONNECTIONS
from .timeouts import Timeouts as Timeouts
from .verbs import Reply as Reply
from .verbs import Request as Request
from .verbs import Retry as Retry
from .verbs import Transport as Transport
