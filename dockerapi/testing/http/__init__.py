"""Bytes and connections, and nothing of Docker. Imports nothing of the other rooms."""
