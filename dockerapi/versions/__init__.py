"""What each API version and Engine release supports, and how a request is translated for it."""
