"""Requests and replies: three verbs, one per kind of conversation, over one pool per Engine.

`call` returns a whole reply, `stream` a body that is read as it arrives, `hijack` a two-way
connection. The version is negotiated before the first of them. Before each of them, `versions.fit`
translates the request for that version or refuses it. The rules:

- a route is the manual's literal; its parameter is quoted in `prepared`, and nowhere else;
- no exception of a lower layer leaves this room: `failures` translates it; only `session` raises
  errors of `requests`;
- no environment, no redirects, no cookies;
- a request is repeated only if the caller's `retry` says so, or if it is a GET or HEAD whose kept
  connection turned out to be closed;
- every wait is bounded: connecting by `connect`, a whole reply by `read`, a stream by `idle`;
- a signal handler or `__del__` may interrupt any call by another call in the same thread. So an
  `Exchange` holds all its own state; shared state is changed by a single C call; only negotiation
  holds a lock while bytes move; and no lock is held while code of the caller runs.
"""

from .exchange import LARGEST_REPLY as LARGEST_REPLY
from .pool import IDLE_CONNECTIONS as IDLE_CONNECTIONS
from .timeouts import Timeouts as Timeouts
from .verbs import Reply as Reply
from .verbs import Request as Request
from .verbs import Retry as Retry
from .verbs import Transport as Transport
