"""What serves each route: one file per chapter of the manual."""
