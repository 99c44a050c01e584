"""The commands of containers: played by functions, by processes, or by our own `busybox`."""
