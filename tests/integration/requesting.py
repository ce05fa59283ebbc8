"""What the oracles ask, as elements of a request."""

from contracts import oids
from tests.integration.oracle_of_contacts import Filters
from tests.integration.worlds import PROCESS
from tests.messages import code, hsa, identity


def elements(asked: Filters) -> list[str]:
    """Return the filters of GetCareManagers as elements of a request."""
    return [
        *([hsa("careGiverId", asked.giver)] if asked.giver else []),
        *([hsa("careUnitId", asked.at)] if asked.at else []),
        *(code("careManagerType", one, oids.FIXED_CONTACT_TYPE) for one in asked.types),
        *([identity("careProcessId", PROCESS, "7")] if asked.process else []),
    ]
