"""The meaning of bytes and names: pure, without a socket, a file or a thread."""
