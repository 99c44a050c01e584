"""What an Engine keeps: images, containers, execs, events. Knows neither HTTP nor versions."""
