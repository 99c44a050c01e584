"""Tar archives: written from directories, read, unpacked, and assembled as a build's context."""
