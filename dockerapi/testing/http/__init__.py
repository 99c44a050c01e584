"""Bytes and connections, without Docker. Imports nothing from the other rooms."""
