"""The filter `label` of all lists."""

from __future__ import annotations

from collections.abc import Mapping


def has_label(labels: Mapping[str, str] | None, wanted: str) -> bool:
    """Whether a label exists: `key`, or `key=value`."""
    key, equals, value = wanted.partition("=")
    return key in (labels or {}) and (not equals or (labels or {})[key] == value)
