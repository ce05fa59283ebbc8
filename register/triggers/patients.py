"""When residents are patients of a doctor, as both databases work it out.

A fixed contact with code 2 makes a patient while a PV listing at its unit, or at the care unit above, carries
it, and the resident lives: the rule is that of `contacts.doctors`. Times that meet or overlap are one, so
that a resident counts once, also on the day between two contacts.
"""

from contracts.codes import DOCTOR_CONTACT, PV

NEVER = "'9999-12-31 00:00:00.000000'"
"""When a time ends that has no end."""

IS_PV = f"code = '{PV.code}' AND code_system = '{PV.system}'"

IS_DOCTOR = f"type_code = '{DOCTOR_CONTACT}'"

KIND = "patients"
"""The kind of figure; its ``code`` is the key of the doctor, its ``code_system`` the type of contact."""

KEY = f"unit_key, staff_key, '{DOCTOR_CONTACT}', '{KIND}'"

COLUMNS = "person_id, staff_key, unit_key, begins, ends"

_SAME = (
    "PARTITION BY person_id, staff_key, unit_key ORDER BY begins, ends ROWS BETWEEN UNBOUNDED PRECEDING AND"
)


def periods(
    contact_begins: str, contact_ends: str, died: str, least: str, greatest: str, of: str = ""
) -> str:
    """Return the query that works out the periods.

    Args:
        contact_begins: The moment a contact begins.
        contact_ends: The moment it ends, `NEVER` where it does not.
        died: The moment of the resident's death, likewise.
        least: Name of the function for the earliest of several.
        greatest: Name of that for the latest.
        of: Which residents, by the ``person_id`` of the contact; all when left out.
    """
    also = f" AND contact.person_id {of}" if of else ""
    return (
        f"SELECT person_id, staff_key, unit_key, min(begins), max(ends) FROM ("
        f"SELECT {COLUMNS},"
        f" sum(CASE WHEN covered >= begins THEN 0 ELSE 1 END) OVER ({_SAME} CURRENT ROW) AS time"
        f" FROM (SELECT {COLUMNS}, max(ends) OVER ({_SAME} 1 PRECEDING) AS covered"
        f" FROM (SELECT contact.person_id, contact.staff_key, contact.unit_key,"
        f" {greatest}({contact_begins}, listing.valid_from) AS begins,"
        f" {least}({contact_ends}, coalesce(listing.valid_to, {NEVER}), {died}) AS ends"
        " FROM fixed_contact AS contact JOIN unit ON unit.hsa_key = contact.unit_key"
        " JOIN listing ON listing.person_id = contact.person_id"
        f" AND listing.code = '{PV.code}' AND listing.code_system = '{PV.system}'"
        " AND (listing.unit_key = unit.hsa_key OR listing.unit_key = unit.care_unit_key)"
        " JOIN resident ON resident.person_id = contact.person_id"
        f" WHERE contact.{IS_DOCTOR}{also}"
        ") AS span WHERE begins < ends) AS sorted) AS joined GROUP BY person_id, staff_key, unit_key, time"
    )
