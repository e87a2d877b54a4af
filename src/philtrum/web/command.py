"""`philtrum web`: open philtrum in the browser."""

from __future__ import annotations

import click

DEFAULT_PORT = 8642


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port on 127.0.0.1; if it is taken, any free one.",
)
@click.option("--browser/--no-browser", default=True, help="Open the sign-in link in the browser.")
@click.option("--profile", default="", metavar="NAME", help="Whose diary and clips (philtrum profile list).")
def web(port: int, browser: bool, profile: str) -> None:
    """Open philtrum in the browser; everything stays on this machine.

    Prints a link that signs in once. Run it again for a new link. Ctrl-C stops it.
    """
    from philtrum.web.server import run

    run(port, opens_browser=browser, profile_name=profile)
