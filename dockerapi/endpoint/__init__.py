"""The address of the Engine, and connections to it."""
