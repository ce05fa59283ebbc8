"""What the figures of a unit and listing type count; the words are those of both databases."""

FIRST = "'0001-01-01 00:00:00.000000'"
"""The moment that what has been folded stands at; on PostgreSQL to be cast."""

PERIODS = (
    ("listing", "listed", "valid_from", "valid_to"),
    ("queue_place", "queuing", "queued_at", "left_at"),
)
"""Table, kind of figure, and the columns of the moments at which a row begins and ends to count."""

WAITING = {
    "requested": "{0}.state = 'waiting'",
    "requested_from_queue": "{0}.state = 'waiting' AND {0}.queue_place_id IS NOT NULL",
}
"""Kind of figure -> which listing requests it counts."""

INTO = "INSERT INTO figure (unit_key, code, code_system, kind, moment, writer, amount)"

ADDED = (
    "ON CONFLICT (unit_key, code, code_system, kind, moment, writer)"
    " DO UPDATE SET amount = figure.amount + excluded.amount"
)
