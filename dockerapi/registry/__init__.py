"""What is said to registries of who asks, and where that is stored."""
