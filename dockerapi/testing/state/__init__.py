"""The state of an Engine: images, containers, execs, events. Knows neither HTTP nor versions."""
