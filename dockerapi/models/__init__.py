"""Values: what the Engine answers and what callers configure, as frozen attrs classes.

Nothing in here does I/O or knows a version. What differs between Engines when *reading* is told
by a field: its wire paths, newest first, and its converter.
"""
