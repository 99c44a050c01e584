"""What the Engine fetches by itself: a URL for an import, a build, an ADD or an insert."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

from ..versions.dialect import Dialect

BLOCK = 128 * 1024
PATIENCE = 30.0  # seconds


class NotFetched(Exception):
    """A URL that cannot be fetched; the words are for the client."""


def fetched(dialect: Dialect, url: str) -> Iterator[bytes]:
    """What lies under a URL, http or https, in blocks; nothing is asked before the first.

    Proxies of the environment are not used.
    """
    shown = f'"{url}"' if dialect.since("20.10.0") else url
    if not url.startswith(("http://", "https://")):
        raise NotFetched(f"Get {shown}: unsupported protocol scheme; only http and https are")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=PATIENCE) as answer:
            while block := answer.read(BLOCK):
                yield block
    except urllib.error.HTTPError as error:
        error.close()
        raise NotFetched(f"Got HTTP status code >= 400: {error.code} {error.reason}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        words = getattr(reason, "strerror", None) or str(reason)
        raise NotFetched(f"Get {shown}: {words[:1].lower()}{words[1:]}") from error
