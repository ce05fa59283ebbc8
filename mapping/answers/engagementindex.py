"""What the engagement index should have about a resident, and the messages that make it so.

One post for each resident and accountable organisation whose contacts GetCareManagers would answer with
(residentparticipation TKB 1.0 RC2; facts on RIV-TA section 4.6): both are made from the same records, so that
the index leads to what there is.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import Connection

from contacts import index_posts
from contacts.care_managers import CareManager
from contacts.identity import sent_identity
from contacts.index_posts import Post
from contacts.visibility import is_shown
from contracts.catalogue import RESIDENTPARTICIPATION
from contracts.clock import swedish
from contracts.messages import Engagement, EngagementTransaction
from register.model import CareProvider
from register.residents import find_resident

ReadContacts = Callable[[Connection, str, datetime], Sequence[CareManager]]
"""Returns what GetCareManagers answers about a resident (own identity) at a time (Swedish local)."""

_TIME = "%Y%m%d%H%M%S"
_SECOND = timedelta(seconds=1)

_LENGTHS = {
    "resident": 32,
    "service_domain": 255,
    "categorization": 255,
    "logical_address": 64,
    "business_object": 128,
    "care_process": 128,
    "most_recent_content": 14,
    "source_system": 64,
    "data_controller": 64,
}
"""Longest values the index takes, in characters (SKLTP EI, EngagementValidator)."""

_RESIDENT = re.compile("[0-9]{8}[0-9pPtTfF][0-9]{3}")


@dataclass(frozen=True, slots=True)
class Held:
    """What the source system has of an organisation about a resident.

    Attributes:
        documented_at: When the latest contact was documented, Swedish local time.
        content: What tells these contacts from others: a digest, from which nothing can be read.
    """

    documented_at: datetime
    content: str


@dataclass(frozen=True, slots=True)
class PostChange:
    """A post to send.

    Attributes:
        post: As it is when the index has taken it.
        before: As it was, if there was any.
    """

    post: Post
    before: Post | None


def changes(
    connection: Connection, resident_id: str, changed_at: datetime, now: datetime, contacts: ReadContacts
) -> list[PostChange]:
    """Return the posts to send about a resident: the difference between register and index.

    Args:
        connection: A connection to the register.
        resident_id: The resident's own identity.
        changed_at: When something about the resident changed, naive UTC.
        now: The present, naive UTC.
        contacts: Reads what GetCareManagers answers.
    """
    person_id, held = should_have(connection, resident_id, swedish(now), contacts)
    posts = index_posts.posts(connection, resident_id, person_id)
    return difference(resident_id, person_id, held, posts, swedish(changed_at), now)


def should_have(
    connection: Connection, resident_id: str, now: datetime, contacts: ReadContacts
) -> tuple[str | None, dict[str, Held]]:
    """Return what the index should have about a resident: the identity, and what by data controller.

    Args:
        connection: A connection to the register.
        resident_id: The resident's own identity.
        now: The present, Swedish local time.
        contacts: As in `changes`.

    Returns:
        None and nothing where no identity can be posted, or where who asks with it gets no answer, or
        somebody else's.
    """
    resident = find_resident(connection, resident_id)
    if resident is None or not is_shown(resident, now.date()):
        return None, {}
    identity = sent_identity(resident)
    if identity is None:
        return None, {}
    if identity.extension != resident.person_id:
        owner = find_resident(connection, identity.extension)
        if owner is None or owner.person_id != resident.person_id:
            return None, {}
    by_controller: dict[str, list[CareManager]] = {}
    for contact in contacts(connection, resident.person_id, now):
        by_controller.setdefault(data_controller(contact.provider), []).append(contact)
    return identity.extension, {
        controller: Held(max(one.contact.documented_at for one in found), _digest(found))
        for controller, found in by_controller.items()
    }


def difference(
    resident_id: str,
    person_id: str | None,
    held: Mapping[str, Held],
    posts: Sequence[Post],
    changed_at: datetime,
    now: datetime,
) -> list[PostChange]:
    """Return the posts to send for the index to have what is held.

    mostRecentContent of a post never falls, and rises when its content is another: of two additions that meet
    in the index the one with the greater wins (facts on RIV-TA section 4.3).

    Args:
        resident_id: The resident's own identity.
        person_id: The identity to post, if there is anything to post.
        held: What is held, by data controller.
        posts: What the index has, or may have.
        changed_at: When it changed, Swedish local time.
        now: The present, naive UTC.
    """
    known = {post.key: post for post in posts}
    found = []
    for controller, one in held.items() if person_id is not None else ():
        before = known.get((str(person_id), controller))
        if before is None or before.deleted or before.content != one.content:
            documented = min(one.documented_at, swedish(now))
            time = _recent(before, documented, changed_at)
            post = Post(str(person_id), controller, resident_id, False, time, one.content, now)
            found.append(PostChange(post, before))
    for before in posts:
        gone = before.key not in {(person_id, controller) for controller in held}
        if gone and before.resident_id == resident_id and not (before.deleted and before.content == ""):
            time = _recent(before, None, changed_at)
            post = Post(before.person_id, before.data_controller, resident_id, True, time, "", now)
            found.append(PostChange(post, before))
    return found


def transaction(post: Post, source_system: str) -> EngagementTransaction:
    """Return a post as the index is told of it.

    Args:
        post: The post.
        source_system: HSA-id of this system, which is also the LogicalAddress that GetCareManagers has here.
    """
    return EngagementTransaction(
        post.deleted,
        Engagement(
            resident=post.person_id,
            service_domain=f"riv:{RESIDENTPARTICIPATION}",
            categorization="crr-gcm",
            logical_address=source_system,
            business_object="NA",
            care_process="NA",
            most_recent_content=post.most_recent_content,
            source_system=source_system,
            data_controller=post.data_controller,
        ),
    )


def problem(engagement: Engagement) -> str | None:
    """Return why the index would refuse an engagement, None if it would not; never quotes a value."""
    for part in fields(engagement):
        value, name = getattr(engagement, part.name), part.metadata["element"]
        if not value.strip():
            return f"{name} is empty"
        if value != value.strip():
            return f"{name} has blanks around it"
        if len(value) > _LENGTHS[part.name]:
            return f"{name} is longer than {_LENGTHS[part.name]} characters"
    if _RESIDENT.fullmatch(engagement.resident) is None:
        return "registeredResidentIdentification is none the index takes"
    return None


def data_controller(provider: CareProvider) -> str:
    """Return the organisation that is accountable: SE and its organisation number, or the HSA-id's own."""
    if provider.organisation_number:
        return f"SE{provider.organisation_number}"
    return provider.hsa_id.key.partition("-")[0]


def _recent(before: Post | None, documented: datetime | None, changed_at: datetime) -> str:
    """Return mostRecentContent: when it was documented, or changed if nothing newer was documented."""
    if before is None:
        return f"{documented or changed_at:{_TIME}}"
    earlier = datetime.strptime(before.most_recent_content, _TIME)
    if documented is not None and documented.replace(microsecond=0) > earlier:
        return f"{documented:{_TIME}}"
    if before.content is None:  # the same again, for all that is known
        return before.most_recent_content
    return f"{max(changed_at, earlier + _SECOND):{_TIME}}"


def _digest(found: Sequence[CareManager]) -> str:
    """Return a digest of what the contacts themselves say, in any order; not of staff, units and routes."""
    parts = sorted(
        repr(
            (
                one.contact.id,
                one.contact.type_code,
                str(one.contact.staff),
                str(one.contact.unit),
                one.contact.valid_from,
                one.contact.valid_to,
                one.contact.documented_at,
                one.contact.team,
                one.contact.external_notes,
                one.contact.internal_notes,
                one.contact.direct_number_visible,
                one.contact.care_process_root,
                one.contact.care_process_id,
            )
        )
        for one in found
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
