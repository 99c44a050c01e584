"""What each release says: keys, shapes, words. The one place that compares versions; pure."""
