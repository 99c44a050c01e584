"""What each API version and each release of the Engine has, and a request in its words."""
