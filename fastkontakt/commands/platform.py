"""``fastkontakt platform``: what stands between 1177 and a producer, for testers."""

import ssl
from pathlib import Path
from typing import Annotated

import typer
from werkzeug.serving import WSGIRequestHandler, make_server

from consumer.platform.app import StandInPlatform, platform_app
from consumer.platform.settings import PlatformError, PlatformSettings, read_platform
from fastkontakt.commands.options import Config
from fastkontakt.console import out
from fastkontakt.schemas import open_schemas
from fastkontakt.settings import load


def platform(
    file: Annotated[
        Path, typer.Argument(help="TOML file with routes and stand-ins; docs/platform.md has one.")
    ],
    host: Annotated[str | None, typer.Option(help="Address to listen on; overrides the file's.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; overrides the file's.")
    ] = None,
    config: Config = None,
) -> None:
    """Stand in for the national platform, its index and its aggregating service, until stopped.

    For test data only: it keeps nothing and guards nothing.
    """
    told = read_platform(file)
    server = make_server(
        host or told.host,
        told.port if port is None else port,
        platform_app(StandInPlatform(told, open_schemas(load(config)))),
        threaded=True,
        request_handler=_Quiet,
        ssl_context=_tls(told),
    )
    base = f"{'https' if told.certificate else 'http'}://{server.host}:{server.port}"
    out.print(f"The platform takes calls at {base}/vp")
    out.print(f"What has passed: {base}/passed, what the index has: {base}/index")
    for route in told.route:
        out.print(f"  {route.address:<26}{', '.join(route.contracts) or 'all contracts'}: {route.endpoint}")
    for peer in told.stand_in:
        out.print(f"  {peer.address:<26}stand-in that answers: {peer.answers}")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


class _Quiet(WSGIRequestHandler):
    """Answers as HTTP/1.1, so that connections are kept, and logs nothing: a path may name anybody."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        """Log nothing."""


def _tls(told: PlatformSettings) -> ssl.SSLContext | None:
    """Return what secures connections: TLS 1.2 or 1.3, callers by certificate where issuers are named."""
    if told.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(told.certificate, told.key)
        if told.client_ca is not None:
            context.load_verify_locations(told.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise PlatformError(f"certificate, key or client_ca cannot be used: {error}") from None
    return context
