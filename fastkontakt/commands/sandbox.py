"""``fastkontakt sandbox``: everything a tester needs, offline and at once."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import requests
import typer

from fastkontakt.console import err, out
from fastkontakt.sandbox import write_sandbox
from fastkontakt.stopping import stopped_between

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_LOOK_SECONDS = 0.2


def sandbox(
    folder: Annotated[
        Path, typer.Argument(help="Where settings and registers are kept; made if need be.")
    ] = Path("sandbox"),
    port: Annotated[
        int, typer.Option(min=1024, max=65532, help="Port of the platform; the next three are used too.")
    ] = 8081,
) -> None:
    """Start two regions, a stand-in platform and the portal, to try it all offline, until stopped.

    Each start begins from the demo data.
    """
    producers, platform_file, platform = write_sandbox(folder, port)
    portal_port = str(port + 1 + len(producers))
    config = str(producers[0].config)
    commands: dict[str, tuple[str, ...]] = {
        "platform": ("platform", str(platform_file)),
        **{f"region-{one.county}": ("serve", "--config", str(one.config)) for one in producers},
        "portal": ("portal", "--config", config, "--endpoint", f"{platform}/vp", "--port", portal_port),
    }
    addresses = [
        f"{platform}/passed",
        *(one.endpoint for one in producers),
        f"http://127.0.0.1:{portal_port}/",
    ]
    with stopped_between() as told_to_stop, ExitStack() as stack:
        started = [
            stack.enter_context(_running(command, folder / f"{name}.log"))
            for name, command in commands.items()
        ]
        if not _answering(addresses, started):
            err.print(f"a part did not start; {folder} has the log of each")
            raise typer.Exit(1)
        out.print(f"The sandbox runs; its settings, registers and logs are in {folder}\n")
        out.print(f"  portal      {addresses[-1]}   what a resident sees")
        out.print(f"  platform    {platform}/vp     calls for 14, 17, 5565594230 and the stand-ins")
        out.print(f"              {platform}/passed what has passed;  {platform}/index  what the index has")
        for one in producers:
            out.print(f"  producer    {one.endpoint}       {one.county} and {one.source}")
        out.print("\nTry it from another terminal:")
        out.print(
            f"  {sys.argv[0]} call GetCareManagers --endpoint {platform}/vp --logical-address 5565594230 "
            "--person 195709263080"
        )
        while not told_to_stop(_LOOK_SECONDS):
            if any(one.poll() is not None for one in started):
                err.print(f"a part has ended; {folder} has the log of each")
                raise typer.Exit(1)


@contextmanager
def _running(command: Sequence[str], output_file: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command of ours in a process of its own, and stop it at the end."""
    with output_file.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-m", "fastkontakt", *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            # What waits to be told to stop holds the signals back, and they would be held back in this too.
            preexec_fn=partial(signal.pthread_sigmask, signal.SIG_SETMASK, set()),
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answering(addresses: Sequence[str], processes: Sequence["subprocess.Popen[bytes]"]) -> bool:
    """Wait until everybody answers, whatever; tell whether they do."""
    give_up = time.monotonic() + _START_SECONDS
    left = list(addresses)
    while left and time.monotonic() < give_up and all(one.poll() is None for one in processes):
        try:
            requests.get(left[0], timeout=1)
        except requests.RequestException:
            time.sleep(_LOOK_SECONDS)
        else:
            left.pop(0)
    return not left
