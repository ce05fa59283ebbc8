"""From source files to records, and from records to the elements of the contracts."""
