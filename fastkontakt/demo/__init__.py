"""The demo data set: files as a region could export them, and the profile that maps them.

Dates in it count from the day of the import, so it holds true whenever it is loaded. Everything but the form
of the data is made up; ``docs/demo-data.md`` says which person number shows what.
"""
