"""The first tables.

Not imported from `register.tables`: those change with the program, a revision never does.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("logged_at", sa.DateTime(), nullable=False),
        sa.Column("log_id", _text, nullable=False),
        sa.Column("correlation_id", _text),
        sa.Column("consumer", _text),
        sa.Column("sender", _text),
        sa.Column("on_behalf_of", _text),
        sa.Column("actor_type", _text),
        sa.Column("actor_id", _text),
        sa.Column("person_id", _text, nullable=False),
        sa.Column("contract", _text, nullable=False),
        sa.Column("logical_address", _text, nullable=False),
        sa.Column("outcome", _text, nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_person_id"), "audit", ["person_id", "logged_at"])
    op.create_table(
        "care_provider",
        sa.Column("hsa_key", _text, nullable=False),
        sa.Column("hsa_id", _text, nullable=False),
        sa.Column("name", _text, nullable=False),
        sa.Column("organisation_number", _text),
        sa.PrimaryKeyConstraint("hsa_key", name=op.f("pk_care_provider")),
    )
    op.create_table(
        "listing_type",
        sa.Column("county", _text, nullable=False),
        sa.Column("code", _text, nullable=False),
        sa.Column("code_system", _text, nullable=False),
        sa.Column("display_name", _text, nullable=False),
        sa.CheckConstraint(
            "length(county) = 2 AND trim(county, '0123456789') = ''", name=op.f("ck_listing_type_county")
        ),
        sa.PrimaryKeyConstraint("county", "code", "code_system", name=op.f("pk_listing_type")),
    )
    op.create_table(
        "resident",
        sa.Column("person_id", _text, nullable=False),
        sa.Column("home_county", _text),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("deceased_on", sa.Date()),
        sa.CheckConstraint(
            "length(home_county) = 2 AND trim(home_county, '0123456789') = ''",
            name=op.f("ck_resident_home_county"),
        ),
        sa.CheckConstraint("length(person_id) = 12", name=op.f("ck_resident_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_resident")),
    )
    op.create_index(
        "ix_resident_deceased",
        "resident",
        ["person_id", "deceased_on"],
        sqlite_where=sa.text("deceased_on IS NOT NULL"),
        postgresql_where=sa.text("deceased_on IS NOT NULL"),
    )
    op.create_table(
        "staff",
        sa.Column("hsa_key", _text, nullable=False),
        sa.Column("hsa_id", _text, nullable=False),
        sa.Column("given_name", _text, nullable=False),
        sa.Column("surname", _text, nullable=False),
        sa.Column("middle_name", _text),
        sa.Column("befattning", _text),
        sa.Column("title", _text),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hsa_key", name=op.f("pk_staff")),
    )
    op.create_table(
        "listing_type_county",
        sa.Column("county", _text, nullable=False),
        sa.Column("code", _text, nullable=False),
        sa.Column("code_system", _text, nullable=False),
        sa.Column("agreed_county", _text, nullable=False),
        sa.CheckConstraint(
            "length(agreed_county) = 2 AND trim(agreed_county, '0123456789') = ''",
            name=op.f("ck_listing_type_county_agreed_county"),
        ),
        sa.ForeignKeyConstraint(
            ["county", "code", "code_system"],
            ["listing_type.county", "listing_type.code", "listing_type.code_system"],
            name=op.f("fk_listing_type_county_county"),
        ),
        sa.PrimaryKeyConstraint(
            "county", "code", "code_system", "agreed_county", name=op.f("pk_listing_type_county")
        ),
    )
    op.create_table(
        "out_of_county_listing",
        sa.Column("id", _text, nullable=False),
        sa.Column("person_id", _text, nullable=False),
        sa.Column("county", _text, nullable=False),
        sa.Column("code", _text, nullable=False),
        sa.Column("code_system", _text, nullable=False),
        sa.Column("valid_from", sa.DateTime(), nullable=False),
        sa.Column("valid_to", sa.DateTime()),
        sa.Column("counts_as_change", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "length(county) = 2 AND trim(county, '0123456789') = ''",
            name=op.f("ck_out_of_county_listing_county"),
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_out_of_county_listing_period")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["resident.person_id"], name=op.f("fk_out_of_county_listing_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_out_of_county_listing")),
    )
    op.create_index(op.f("ix_out_of_county_listing_person_id"), "out_of_county_listing", ["person_id"])
    op.create_table(
        "resident_identity",
        sa.Column("other_id", _text, nullable=False),
        sa.Column("person_id", _text, nullable=False),
        sa.CheckConstraint("length(other_id) = 12", name=op.f("ck_resident_identity_other_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["resident.person_id"], name=op.f("fk_resident_identity_person_id")
        ),
        sa.PrimaryKeyConstraint("other_id", "person_id", name=op.f("pk_resident_identity")),
    )
    op.create_index(op.f("ix_resident_identity_person_id"), "resident_identity", ["person_id"])
    op.create_table(
        "unit",
        sa.Column("hsa_key", _text, nullable=False),
        sa.Column("hsa_id", _text, nullable=False),
        sa.Column("name", _text, nullable=False),
        sa.Column("provider_key", _text, nullable=False),
        sa.Column("county", _text, nullable=False),
        sa.Column("care_unit_key", _text),
        sa.Column("listable", sa.Boolean(), nullable=False),
        sa.Column("max_listings", sa.Integer()),
        sa.Column("offers_queue", sa.Boolean(), nullable=False),
        sa.Column("estimated_wait_days", sa.Integer()),
        sa.Column("offers_choice_of_personnel", sa.Boolean(), nullable=False),
        sa.Column("visiting_address", _text),
        sa.Column("visiting_town", _text),
        sa.Column("postal_address", _text),
        sa.Column("postal_code", _text),
        sa.Column("postal_town", _text),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.CheckConstraint(
            "length(county) = 2 AND trim(county, '0123456789') = ''", name=op.f("ck_unit_county")
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_unit_period")),
        sa.ForeignKeyConstraint(
            ["care_unit_key"],
            ["unit.hsa_key"],
            name=op.f("fk_unit_care_unit_key"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["provider_key"], ["care_provider.hsa_key"], name=op.f("fk_unit_provider_key")
        ),
        sa.PrimaryKeyConstraint("hsa_key", name=op.f("pk_unit")),
    )
    op.create_index(op.f("ix_unit_county"), "unit", ["county"])
    op.create_table(
        "employment",
        sa.Column("staff_key", _text, nullable=False),
        sa.Column("unit_key", _text, nullable=False),
        sa.Column("selectable_as_doctor", sa.Boolean(), nullable=False),
        sa.Column("selectable_as_care_contact", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("max_patients", sa.Integer()),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_employment_period")),
        sa.ForeignKeyConstraint(["staff_key"], ["staff.hsa_key"], name=op.f("fk_employment_staff_key")),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.hsa_key"], name=op.f("fk_employment_unit_key")),
        sa.PrimaryKeyConstraint("staff_key", "unit_key", name=op.f("pk_employment")),
    )
    op.create_index(op.f("ix_employment_unit_key"), "employment", ["unit_key"])
    op.create_table(
        "listing",
        sa.Column("id", _text, nullable=False),
        sa.Column("person_id", _text, nullable=False),
        sa.Column("unit_key", _text, nullable=False),
        sa.Column("code", _text, nullable=False),
        sa.Column("code_system", _text, nullable=False),
        sa.Column("valid_from", sa.DateTime(), nullable=False),
        sa.Column("valid_to", sa.DateTime()),
        sa.Column("counts_as_change", sa.Boolean(), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_listing_period")),
        sa.ForeignKeyConstraint(["person_id"], ["resident.person_id"], name=op.f("fk_listing_person_id")),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.hsa_key"], name=op.f("fk_listing_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
    )
    op.create_index(op.f("ix_listing_person_id"), "listing", ["person_id"])
    op.create_index(
        op.f("ix_listing_unit_key"), "listing", ["unit_key", "valid_to", "valid_from", "person_id"]
    )
    op.create_table(
        "queue_place",
        sa.Column("id", _text, nullable=False),
        sa.Column("person_id", _text, nullable=False),
        sa.Column("unit_key", _text, nullable=False),
        sa.Column("code", _text, nullable=False),
        sa.Column("code_system", _text, nullable=False),
        sa.Column("queued_at", sa.DateTime(), nullable=False),
        sa.Column("left_at", sa.DateTime()),
        sa.Column("estimated_wait_days", sa.Integer()),
        sa.CheckConstraint("left_at >= queued_at", name=op.f("ck_queue_place_period")),
        sa.ForeignKeyConstraint(["person_id"], ["resident.person_id"], name=op.f("fk_queue_place_person_id")),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.hsa_key"], name=op.f("fk_queue_place_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_place")),
    )
    op.create_index(op.f("ix_queue_place_person_id"), "queue_place", ["person_id"])
    op.create_index(op.f("ix_queue_place_unit_key"), "queue_place", ["unit_key", "queued_at", "id"])
    op.create_table(
        "team",
        sa.Column("id", _text, nullable=False),
        sa.Column("id_root", _text, nullable=False),
        sa.Column("name", _text, nullable=False),
        sa.Column("unit_key", _text, nullable=False),
        sa.Column("external_notes", _text),
        sa.Column("internal_notes", _text),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.hsa_key"], name=op.f("fk_team_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
    )
    op.create_table(
        "unit_listing_type",
        sa.Column("unit_key", _text, nullable=False),
        sa.Column("code", _text, nullable=False),
        sa.Column("code_system", _text, nullable=False),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.hsa_key"], name=op.f("fk_unit_listing_type_unit_key")),
        sa.PrimaryKeyConstraint("unit_key", "code", "code_system", name=op.f("pk_unit_listing_type")),
    )
    op.create_table(
        "contact_route",
        sa.Column("id", _text, nullable=False),
        sa.Column("system", _text, nullable=False),
        sa.Column("value", _text, nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "patient", "by_choice", "staff", name="audience", native_enum=False, create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("hours", _text),
        sa.Column("staff_key", _text),
        sa.Column("unit_key", _text),
        sa.Column("team_id", _text),
        sa.Column("provider_key", _text),
        sa.CheckConstraint(
            "(staff_key IS NULL OR unit_key IS NOT NULL)"
            " AND 1 = CASE WHEN unit_key IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN team_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN provider_key IS NULL THEN 0 ELSE 1 END",
            name=op.f("ck_contact_route_one_owner"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_key"], ["care_provider.hsa_key"], name=op.f("fk_contact_route_provider_key")
        ),
        sa.ForeignKeyConstraint(["staff_key"], ["staff.hsa_key"], name=op.f("fk_contact_route_staff_key")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_contact_route_team_id")),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.hsa_key"], name=op.f("fk_contact_route_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_route")),
    )
    op.create_index(op.f("ix_contact_route_provider_key"), "contact_route", ["provider_key"])
    op.create_index(op.f("ix_contact_route_team_id"), "contact_route", ["team_id"])
    op.create_index(op.f("ix_contact_route_unit_key"), "contact_route", ["unit_key", "staff_key"])
    op.create_table(
        "fixed_contact",
        sa.Column("id", _text, nullable=False),
        sa.Column("person_id", _text, nullable=False),
        sa.Column("type_code", _text, nullable=False),
        sa.Column("staff_key", _text, nullable=False),
        sa.Column("unit_key", _text, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("documented_at", sa.DateTime(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("team_id", _text),
        sa.Column("external_notes", _text),
        sa.Column("internal_notes", _text),
        sa.Column("direct_number_visible", sa.Boolean(), nullable=False),
        sa.Column("care_process_root", _text),
        sa.Column("care_process_id", _text),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_fixed_contact_period")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["resident.person_id"], name=op.f("fk_fixed_contact_person_id")
        ),
        sa.ForeignKeyConstraint(["staff_key"], ["staff.hsa_key"], name=op.f("fk_fixed_contact_staff_key")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_fixed_contact_team_id")),
        sa.ForeignKeyConstraint(["unit_key"], ["unit.hsa_key"], name=op.f("fk_fixed_contact_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fixed_contact")),
    )
    op.create_index(op.f("ix_fixed_contact_person_id"), "fixed_contact", ["person_id"])
    op.create_index(
        op.f("ix_fixed_contact_unit_key"), "fixed_contact", ["unit_key", "staff_key", "type_code"]
    )
