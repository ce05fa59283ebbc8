"""Whether answers can be sent by the schemas in use, and which those are."""

import structlog

from contracts.catalogue import CONTRACTS
from contracts.schemas import SchemaError, Schemas
from mapping.answers.specimens import ANSWERED, specimen

log = structlog.get_logger(__name__)


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
