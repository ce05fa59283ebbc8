"""The rules, one to a file; the folders are the table of contents of the contracts.

A file's docstring is what a reader of the report sees of the rule: its first sentence the title, the rest
why.
"""
