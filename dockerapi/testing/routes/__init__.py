"""The handlers of the routes: one file per chapter of the manual."""
