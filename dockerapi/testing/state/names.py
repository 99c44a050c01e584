"""Generated names and ids: for containers without a name, and for objects that always exist."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Container

_ADJECTIVES = (
    "agile amber bold brave brisk calm clever cosy curious eager early fair fond frosty gentle "
    "glad golden happy honest humble jolly keen kind lively lucky mellow merry mild modest neat "
    "noble patient plain proud quick quiet rapid ready round shy silent sincere sleepy smooth "
    "steady sunny swift tidy tiny vivid warm wise witty young zealous"
).split()
_NOUNS = (
    "acorn anchor badger barge beacon birch bridge brook candle canal cedar cloud clover comet "
    "compass cove crane dolphin dune falcon ferry fjord forest garden glacier harbor heron hill "
    "island kettle lagoon lantern lark lemon linden maple meadow mill moon otter owl pebble pine "
    "pond quarry raven reef river robin sail sparrow spruce stone thistle tower tulip walnut willow"
).split()


def free_name(taken: Container[str]) -> str:
    """A free name; with a number at its end once free names are rare."""
    for tries in range(1_000_000):
        name = f"{random.choice(_ADJECTIVES)}_{random.choice(_NOUNS)}"
        if tries >= 6:
            name += str(random.randrange(tries))
        if name not in taken:
            return name
    raise RuntimeError("no name is left")


def derived_id(*words: str) -> str:
    """64 hex digits that are always the same for these words."""
    return hashlib.sha256(" ".join(words).encode()).hexdigest()
