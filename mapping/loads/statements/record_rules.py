"""What holds between the rows of a load and the register, whatever the source."""

from typing import Any

from sqlalchemy import Column, Select, Table, and_, exists, func, or_, select

from contracts.codes import DOCTOR_CONTACT, PV
from mapping.loads.statements.shared import about
from register.tables import (
    fixed_contact,
    import_batch,
    import_file,
    listing,
    listing_type,
    listing_type_county,
    unit,
)


def without_reference(staged: Table, column: str, reference: Column[Any]) -> Select[int, int]:
    """Find rows that refer to a record which the register does not have.

    Cost: n; each record is found by its key.

    Args:
        staged: The rows.
        column: Column of the rows that refers.
        reference: What it refers to.
    """
    return (
        select(staged.c.loaded_from, staged.c.loaded_line)
        .where(
            staged.c[column].is_not(None),
            ~exists().where(reference == staged.c[column]).correlate(staged),
        )
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )


def without_reference_of_own(staged: Table, column: str, reference: Column[Any]) -> Select[int, int]:
    """Find rows that refer to a record of their own type which neither register nor load has.

    A working unit's care unit may come with it. Cost: n; the keys of the rows are gathered once, those of the
    register are found one by one.
    """
    return (
        select(staged.c.loaded_from, staged.c.loaded_line)
        .where(
            staged.c[column].is_not(None),
            ~exists().where(reference == staged.c[column]).correlate(staged),
            staged.c[column].not_in(select(staged.alias("load").c[reference.name])),
        )
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )


def of_other_sources(staged: Table, target: Table, source: str) -> Select[Any]:
    """Find rows about a record that another source has brought, and the name of that source.

    Cost: n; record, file and load are found by their keys.
    """
    return (
        select(staged.c.loaded_from, staged.c.loaded_line, import_batch.c.source)
        .join_from(staged, target, about(staged, target))
        .join(import_file, import_file.c.id == target.c.loaded_from)
        .join(import_batch, import_batch.c.id == import_file.c.batch_id)
        .where(import_batch.c.source != source)
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )


def not_offered_by_unit(staged: Table) -> Select[Any]:
    """Find rows with a type that the county of their unit does not offer, and the county.

    PV is offered everywhere. Cost: n; units and types are found by their keys.
    """
    offered = exists().where(
        listing_type.c.county == unit.c.county,
        listing_type.c.code == staged.c.code,
        listing_type.c.code_system == staged.c.code_system,
    )
    return (
        select(staged.c.loaded_from, staged.c.loaded_line, unit.c.county)
        .join_from(staged, unit, unit.c.hsa_key == staged.c.unit_key)
        .where(
            or_(staged.c.code != PV.code, staged.c.code_system != PV.system),
            ~offered.correlate(staged, unit),
        )
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )


def not_offered_by_county(staged: Table) -> Select[Any]:
    """Find notes about listings in another county with a type that is not offered there, and the county.

    A note may also have a type that is agreed with that county (carelisting TKB, GetListingTypes). Cost: n;
    types are found by the beginning of their keys, and agreed ones among the region's few.
    """
    offered = exists().where(
        listing_type.c.county == staged.c.county,
        listing_type.c.code == staged.c.code,
        listing_type.c.code_system == staged.c.code_system,
    )
    agreed = exists().where(
        listing_type_county.c.agreed_county == staged.c.county,
        listing_type_county.c.code == staged.c.code,
        listing_type_county.c.code_system == staged.c.code_system,
    )
    return (
        select(staged.c.loaded_from, staged.c.loaded_line, staged.c.county)
        .where(
            or_(staged.c.code != PV.code, staged.c.code_system != PV.system),
            ~offered.correlate(staged),
            ~agreed.correlate(staged),
        )
        .order_by(staged.c.loaded_from, staged.c.loaded_line)
    )


def two_doctors_at_a_time(staged: Table) -> Select[Any]:
    """Find pairs of doctors' contacts of one resident that overlap, after the rows have been written.

    A resident has one fast läkarkontakt at a time (requirement row S000-019). Two may share one day, the last
    of the one and the first of the other: the day of the change.

    Cost: n; the residents of the load with several contacts are counted from ix_fixed_contact_person_id, and
    their contacts are met with each other by it.

    Returns:
        The statement for the ids of both, of which one or both may not be of the load.
    """
    one, other = fixed_contact.alias("one"), fixed_contact.alias("other")
    with_several = (
        select(fixed_contact.c.person_id)
        .where(fixed_contact.c.person_id.in_(select(staged.c.person_id)))
        .group_by(fixed_contact.c.person_id)
        .having(func.count() > 1)
    )
    return (
        select(one.c.id, other.c.id)
        .join_from(one, other, and_(other.c.person_id == one.c.person_id, other.c.id > one.c.id))
        .where(
            one.c.person_id.in_(with_several),
            one.c.type_code == DOCTOR_CONTACT,
            other.c.type_code == DOCTOR_CONTACT,
            or_(other.c.valid_to.is_(None), one.c.valid_from < other.c.valid_to),
            or_(one.c.valid_to.is_(None), other.c.valid_from < one.c.valid_to),
        )
    )


def two_listings_at_a_time(staged: Table) -> Select[Any]:
    """Find pairs of listings of one type and resident that overlap, after the rows have been written.

    A listing that ends the moment it begins overlaps none. Cost, plan and result are as those of
    `two_doctors_at_a_time`, by ix_listing_person_id.
    """
    one, other = listing.alias("one"), listing.alias("other")
    with_several = (
        select(listing.c.person_id)
        .where(listing.c.person_id.in_(select(staged.c.person_id)))
        .group_by(listing.c.person_id)
        .having(func.count() > 1)
    )
    return (
        select(one.c.id, other.c.id)
        .join_from(one, other, and_(other.c.person_id == one.c.person_id, other.c.id > one.c.id))
        .where(
            one.c.person_id.in_(with_several),
            one.c.code == other.c.code,
            one.c.code_system == other.c.code_system,
            or_(one.c.valid_to.is_(None), one.c.valid_from < one.c.valid_to),
            or_(other.c.valid_to.is_(None), other.c.valid_from < other.c.valid_to),
            or_(other.c.valid_to.is_(None), one.c.valid_from < other.c.valid_to),
            or_(one.c.valid_to.is_(None), other.c.valid_from < one.c.valid_to),
        )
    )
