"""Where the Engine is, and a socket to it."""
