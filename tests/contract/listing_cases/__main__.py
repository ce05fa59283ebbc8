"""Write the rows into docs/listing-rules.md anew."""

from tests.contract.listing_cases.page import PAGE, rendered

PAGE.write_text(rendered(PAGE.read_text("utf-8")), "utf-8")
