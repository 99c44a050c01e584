"""What bytes and names mean: pure, without a socket, a file or a thread."""
