"""Credentials for registries: the headers that carry them, and where they are stored."""
