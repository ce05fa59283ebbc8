"""The schemas that the settings name, and whether answers can be sent by them."""

import structlog

from contracts.catalogue import CONTRACTS
from contracts.schemas import SchemaError, Schemas
from fastkontakt.settings import Settings
from mapping.answers.specimens import ANSWERED, specimen

log = structlog.get_logger(__name__)


def open_schemas(settings: Settings) -> Schemas:
    """Return the schemas in use.

    Raises:
        SchemaError: ``schemas.path`` cannot be used; the text names the setting.
    """
    try:
        return Schemas(settings.schemas.path)
    except SchemaError as error:
        raise SchemaError(f"schemas.path: {error}") from None


def check_schemas(schemas: Schemas) -> None:
    """Compile the schemas under ``schemas.path`` and check a full answer of each contract by them.

    Our own are not looked at: they are checked when the product is tested.

    Args:
        schemas: Those in use.

    Raises:
        SchemaError: One does not compile, or takes no answer of ours; the text names file and element.
    """
    for contract in CONTRACTS:
        if schemas.is_built_in(contract):
            continue
        try:
            schemas.compile(contract)
        except SchemaError as error:
            raise SchemaError(f"schemas.path: {error}") from None
        if contract.name in ANSWERED and not schemas.valid(contract, answer := specimen(contract)):
            problems = schemas.problems(contract, answer)
            first = problems[0] if problems else "an answer of ours is not valid"
            raise SchemaError(
                f"schemas.path: {schemas.schema(contract)} takes no answer of {contract.name} from here: "
                f"{first}. Use a package that fits: `fastkontakt contract diff` tells what differs"
            )


def log_schemas(schemas: Schemas) -> None:
    """Log which schema each contract is answered by, where it is not our own, and which are passed over."""
    for contract in CONTRACTS:
        if not schemas.is_built_in(contract):
            log.info("schema_used", contract=contract.name, file=str(schemas.schema(contract)))
    for file in schemas.passed_over:
        log.warning("schema_passed_over", file=str(file))
