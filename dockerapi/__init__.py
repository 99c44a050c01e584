"""A synchronous client for the Docker Engine API, every version of it."""

__version__ = "0.1.0"
