"""`python -m philtrum` is the command `philtrum`."""

from philtrum.cli import main

raise SystemExit(main())
