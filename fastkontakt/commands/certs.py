"""``fastkontakt certs``: certificates."""

import json
from pathlib import Path
from typing import Annotated

import typer

from contracts.identifiers import HsaId, IdentifierError
from fastkontakt.certificates import write_demo
from fastkontakt.console import err, out

app = typer.Typer(help="Certificates for trying TLS out.", no_args_is_help=True)

_CLIENTS = ("SE2321000131-1177", "SE2321000131-OTHER")


@app.callback()
def certs() -> None:
    """Certificates for trying TLS out."""


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; it is made if need be.")],
    client: Annotated[
        list[str] | None, typer.Option(help="HSA-id of a client; may be given more than once.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=825, help="How long the certificates are good.")] = 90,
) -> None:
    """Write a test CA, and certificates of a server and of clients. Never for production."""
    hsa_ids = tuple(_hsa_id(one) for one in client or _CLIENTS)
    for file in write_demo(folder, hsa_ids, days):
        out.print(str(file), markup=False)
    err.print("For trying out, never for production: whoever reads this folder can pass for any of these.")
    here = folder.absolute()
    out.print(
        f'\n[server.tls]\ncertificate = "{here / "server.pem"}"\nkey = "{here / "server.key"}"\n'
        f'client_ca = "{here / "ca.pem"}"\n\n'
        f"[access]\nconsumers = {json.dumps(hsa_ids)}\n\n"
        f'[call]\nclient_certificate = "{here / f"{hsa_ids[0]}.pem"}"\n'
        f'client_key = "{here / f"{hsa_ids[0]}.key"}"\nca_bundle = "{here / "ca.pem"}"',
        markup=False,
    )


def _hsa_id(text: str) -> str:
    """Return an HSA-id; what is none could not be the name of a file."""
    try:
        return str(HsaId.parse(text))
    except IdentifierError as error:
        raise typer.BadParameter(f"{text}: {error}", param_hint="--client") from None
