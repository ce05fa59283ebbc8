"""``fastkontakt portal``: what a resident sees, for testers."""

from contextlib import nullcontext
from typing import Annotated

import typer
from werkzeug.serving import make_server

from fastkontakt import demo_data
from fastkontakt.commands.common import opened
from fastkontakt.commands.options import Config
from fastkontakt.console import out
from fastkontakt.portal import make_portal
from fastkontakt.settings import load


def portal(
    endpoint: Annotated[
        str | None, typer.Option(help="Address of the producer or platform; overrides call.endpoint.")
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="With the settings of the demo, for a `serve --demo` that runs.")
    ] = False,
    own: Annotated[
        bool,
        typer.Option(
            "--own", help="The producer serves this register: tell staff why something is not shown."
        ),
    ] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on; overrides portal.host.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; overrides portal.port.")
    ] = None,
    config: Config = None,
) -> None:
    """Show what a resident sees of a producer's answers, as web pages for testers.

    Whoever reaches the pages can be anybody: they are for test data and a closed network.
    """
    settings = demo_data.demo_settings(config) if demo else load(config)
    call = settings.call if endpoint is None else settings.call.model_copy(update={"endpoint": endpoint})
    with opened(settings) if own else nullcontext() as register:
        pages = make_portal(settings, call, register)
        server = make_server(
            host or settings.portal.host,
            settings.portal.port if port is None else port,
            pages,
            threaded=True,
        )
        out.print(f"The portal calls {call.endpoint}; look at it at http://{server.host}:{server.port}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()
