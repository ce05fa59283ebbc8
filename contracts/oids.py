"""OIDs that the contracts write in ``root`` and ``codeSystem``.

The full list, with the fields each is used in and those that must be kept out, is ``data/oids.csv``.
"""

PERSONNUMMER = "1.2.752.129.2.1.3.1"
"""Personal number, 12 digits (carelisting TKB 5.1, GetCareManagers TKB 6.1)."""

SAMORDNINGSNUMMER = "1.2.752.129.2.1.3.3"
"""Coordination number: as a personal number with 60 added to the day (the same sections; conflict C8)."""

NATIONAL_RESERVE_NUMBER = "1.2.752.74.9.1"
"""National reserve number (nationellt reservid, NRID). Allowed in GetCareManagers requests only."""

HSA_ID = "1.2.752.129.2.1.4.1"
"""HSA-id of a person, unit, provider or system."""

COUNTY = "1.2.752.129.2.2.1.18"
"""County code of Statistics Sweden, two digits (homeCounty, listingCounties)."""

LISTING_TYPE = "1.2.752.129.5.1.27"
"""Kv nationella listningstyper; holds one code, PV."""

FIXED_CONTACT_TYPE = "1.2.752.129.5.1.69"
"""Kv typ av fast kontakt. The contract's text prints it with a leading blank by accident (conflict C22)."""

BEFATTNING = "1.2.752.129.2.2.1.4"
"""KV_Befattning, the six-digit codes for posts (practitioner.qualification)."""

CONTACT_POINT_SYSTEM = "2.16.840.1.113883.4.642.1.72"
"""FHIR contact point system (telecom.system)."""

ADDRESS_TYPE = "2.16.840.1.113883.4.642.3.69"
"""FHIR address type (address.type)."""
