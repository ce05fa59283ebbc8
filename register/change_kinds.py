"""The kinds of lines in the feed of changes (docs/changes-out.md)."""

from enum import StrEnum


class ChangeKind(StrEnum):
    """What has happened. The record's period says when it counts, whatever the kind."""

    LISTING_BEGUN = "listing_begun"
    LISTING_ENDED = "listing_ended"
    LISTING_CHANGED = "listing_changed"
    QUEUE_TAKEN = "queue_taken"
    QUEUE_LEFT = "queue_left"
    QUEUE_CHANGED = "queue_changed"
    DOCTOR_BEGUN = "doctor_begun"
    DOCTOR_ENDED = "doctor_ended"
    DOCTOR_CHANGED = "doctor_changed"
    CONTACT_BEGUN = "contact_begun"
    CONTACT_ENDED = "contact_ended"
    CONTACT_CHANGED = "contact_changed"
    RESIDENT_MOVED = "resident_moved"
    RESIDENT_DECEASED = "resident_deceased"
    RESIDENT_HIDDEN = "resident_hidden"
    RESIDENT_SHOWN = "resident_shown"
