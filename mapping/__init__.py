"""Between forms: `answers` makes elements of records, `sources` records of rows, `loads` takes records in.

Never: HTTP, nor a rule of a subject, which lives in `contacts` or `listings`.
"""
