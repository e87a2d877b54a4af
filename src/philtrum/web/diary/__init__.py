"""The diary: rows, pages and the command; what an entry means is decided in `philtrum.diary`."""
