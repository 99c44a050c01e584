"""Tar archives: made of directories, read, unpacked, and put together as a build's context."""
