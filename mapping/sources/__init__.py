"""Source files to records: readers, profiles (one TOML file per source system), checks and reports.

A file goes through a row of small steps, one module each: `readers` read rows, `profile` says which column
feeds which field, `rows` makes records of them (`records` knows their fields, `values` what each can hold),
`checks` looks at the records, `pipeline` puts them in the register, and `report` tells what happened.
"""
