"""Who looks at the pages, as chosen on the first of them and kept in a signed cookie; never in an address."""

from dataclasses import asdict, dataclass

from flask import session

from consumer.portal.settings import View
from contracts import oids
from contracts.codes import ActorType
from contracts.identifiers import PersonId
from contracts.messages import II, Actor

_KEY = "visitor"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose pages are shown, and to whom.

    Attributes:
        person: Person number of whom they are about.
        county: Code of the home county.
        view: As whom they are looked at.
        asker: Person number of the guardian, or HSA-id of the professional; empty for the person.
    """

    person: str
    county: str
    view: View = View.CITIZEN
    asker: str = ""

    @property
    def person_id(self) -> II:
        """The person as the contracts name one."""
        return _person(self.person)

    @property
    def actor(self) -> Actor:
        """Who asks, as carelisting names it.

        A professional asks as the region: its own listings are what it may see (carelisting TKB, actor).
        """
        match self.view:
            case View.CITIZEN:
                return Actor(self.person_id, ActorType.CITIZEN)
            case View.GUARDIAN:
                return Actor(_person(self.asker), ActorType.GUARDIAN)
            case View.PROFESSIONAL:
                return Actor(II(oids.HSA_ID, self.asker), ActorType.REGION)

    @property
    def for_staff(self) -> bool:
        """Whether what only staff may see is shown."""
        return self.view is View.PROFESSIONAL

    def keep(self) -> None:
        """Let the following pages be for this visitor."""
        session[_KEY] = asdict(self)


def present_visitor() -> Visitor | None:
    """Return whom the page is for; None before anybody has been chosen."""
    kept = session.get(_KEY)
    return Visitor(**(kept | {"view": View(kept["view"])})) if kept else None


def forget() -> None:
    """Let nobody be chosen."""
    session.pop(_KEY, None)


def _person(number: str) -> II:
    person = PersonId.from_text(number, check_digits=False)
    return II(person.root, person.extension)
