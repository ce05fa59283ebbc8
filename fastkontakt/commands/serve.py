"""``fastkontakt serve``: answer the contracts over HTTP."""

import atexit
import sys
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from threading import Event, Thread
from typing import Annotated

import typer

from consumer.forwarding import Forwarder
from consumer.outgoing.messages import MessageSender
from fastkontakt import demo_data, logs
from fastkontakt.access_file import rereader
from fastkontakt.commands.options import Config
from fastkontakt.console import out
from fastkontakt.loads.printing import print_load
from fastkontakt.monitoring import Monitoring
from fastkontakt.schema_checks import check_schemas, log_schemas
from fastkontakt.schemas import open_schemas
from fastkontakt.settings import CONFIG_VARIABLE, Settings, SettingsError, load
from fastkontakt.wiring import make_index_sender, make_sender
from mapping.sources.report import LoadState
from producer.access import Access, Reread
from producer.documents import offered
from producer.listening import listen
from producer.server import Application
from producer.server import serve as serve_http
from producer.service import Service
from producer.wsgi import Producer
from register.file_modes import refuse_exposed
from register.schema import open_current_register

_STOP_SECONDS = 5
"""How long a worker that stops waits for calls to other regions; what is not done by then is sent again."""


def serve(
    config: Config = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Create the register, load the demo data and serve them.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on; overrides server.host.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; overrides server.port.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Worker processes; overrides server.workers.")
    ] = None,
) -> None:
    """Serve the contracts over HTTP until stopped."""
    settings = demo_data.demo_settings(config) if demo else load(config)
    settings = _with_options(settings, host, port, workers)
    if not settings.regions and settings.care_managers is None:
        raise SettingsError("nothing to serve: set up [regions.NN] for carelisting, or [care_managers]")
    logs.configure(settings.log)
    listener = listen(settings.server)
    schemas = open_schemas(settings)
    check_schemas(schemas)
    log_schemas(schemas)
    Access(settings.access)
    port_of_monitoring = settings.monitoring.port
    monitoring = None if port_of_monitoring is None else Monitoring(settings, port_of_monitoring)
    if demo:  # last of all that may be refused: whoever runs it already keeps what was changed in it
        _load_demo(settings)
    open_current_register(settings.database).dispose()
    refuse_exposed(settings.database)
    reread = rereader(demo_data.settings_file(config) if demo else config, settings.access)
    bases: list[str] = []  # filled before any worker is made
    secret = token_hex(32)  # all workers know the visitors of the portal

    def ready(base: str) -> None:
        bases.append(base)
        _announce(settings, settings.server.public_url or base)
        if demo:
            _announce_demo(base, config)
        if monitoring is not None:
            monitoring.announce()

    def make() -> Application:
        if not demo:
            return _application(settings, reread, monitoring)
        own = _calling_itself(settings, *bases)
        return _with_portal(own, _application(own, reread, monitoring), secret)

    serve_http(
        settings.server,
        make,
        ready,
        listener=listener,
    )


def _application(settings: Settings, reread: Reread, monitoring: Monitoring | None) -> Producer:
    """Make the application of a worker process, and start the process's senders and its monitoring."""
    sender = make_sender(settings)
    if settings.outbox.run_in_serve and settings.regions:
        _run(sender.run, "sender")
    index_sender = make_index_sender(settings) if settings.index.run_in_serve else None
    if index_sender is not None:
        _run(index_sender.run, "index_sender")
    return make_producer(settings, sender, reread, monitoring)


def _with_portal(settings: Settings, producer: Producer, secret: str) -> Application:
    # Here, and not above: the demo alone has it, and it brings what makes pages.
    from fastkontakt.portal import WithPortal, make_portal

    return WithPortal(producer, make_portal(settings, settings.call, producer.register, secret))


def make_producer(
    settings: Settings,
    sender: MessageSender,
    reread: Reread | None = None,
    monitoring: Monitoring | None = None,
) -> Producer:
    """Return the application of a worker process; call it in the process that will use it.

    Args:
        settings: All settings.
        sender: Sends what a request must have an answer to; the register that is served is its.
        reread: Reads ``[access]`` again where it has changed.
        monitoring: Shows an operator how it fares.
    """
    schemas = open_schemas(settings)
    forward = Forwarder(settings.call, settings.regions, schemas).forward
    register = sender.register.for_calls()
    service = Service(settings, register, schemas, deliver=sender.deliver, forward=forward, reread=reread)
    if monitoring is None:
        return Producer(service)
    counting = monitoring.counting()
    producer = Producer(service, counting.answered)
    monitoring.start(producer, sender.register, schemas, counting)
    return producer


def _run(run: Callable[[Event], None], name: str) -> None:
    stop = Event()
    thread = Thread(target=run, args=(stop,), name=name, daemon=True)
    thread.start()
    atexit.register(_stop, stop, thread)


def _stop(stop: Event, thread: Thread) -> None:
    stop.set()
    thread.join(_STOP_SECONDS)


def _calling_itself(settings: Settings, base: str) -> Settings:
    """Return the demo's settings: it has regions that call each other, so calls go to itself if not told."""
    if "endpoint" in settings.call.model_fields_set:
        return settings
    return settings.model_copy(update={"call": settings.call.model_copy(update={"endpoint": base})})


def _with_options(settings: Settings, host: str | None, port: int | None, workers: int | None) -> Settings:
    given = {"host": host, "port": port, "workers": workers}
    changed = {name: value for name, value in given.items() if value is not None}
    return settings.model_copy(update={"server": settings.server.model_copy(update=changed)})


def _load_demo(settings: Settings) -> None:
    report = demo_data.prepare(settings)
    if report.state is not LoadState.LOADED:
        print_load(report)
        raise typer.Exit(1)
    rows, files = sum(one.rows for one in report.files), len(report.files)
    out.print(f"The demo data are loaded: {rows} rows of {files} files. Who is who: docs/demo-data.md")


def _announce(settings: Settings, base: str) -> None:
    """Print where each contract is served."""
    out.print("\nfastkontakt serves")
    for contract in offered(settings):
        out.print(f"  {contract.name:<33}{base}{contract.path}\n  {'':<33}{base}{contract.path}?wsdl")


def _announce_demo(base: str, config: Path | None) -> None:
    """Print commands to paste: a call, and how the commands of staff find the demo's register."""
    named = "demo" if config is None else str(config)
    person = demo_data.LISTED_PERSON
    out.print(f"\nWhat a resident sees: {base}{demo_data.PORTAL_PATH}/ (docs/portal.md)", markup=False)
    out.print("\nTry it from another terminal, in this folder:", markup=False)
    out.print(f"  export {CONFIG_VARIABLE}={named}", markup=False)
    out.print(
        f"  {sys.argv[0]} call GetListing --endpoint {base} --logical-address 14 --person {person}",
        markup=False,
    )
    out.print(f"  {sys.argv[0]} contacts show {person}", markup=False)
