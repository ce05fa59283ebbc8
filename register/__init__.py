"""The register: internal records of listings and fixed contacts, and where they are kept."""
