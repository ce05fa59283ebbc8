"""Rows of a source to records: readers, profiles (one TOML file per source system), checks, reports.

A file goes through a row of small steps, one module each: `readers` read rows, `profile` says which column
feeds which field, `row_mapper` makes records of them (`records` knows their fields, `values` what each can
hold), `checks` looks at the records, `report` tells what happened. Never: what becomes of a record.
"""
