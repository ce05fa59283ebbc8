"""The conformance tester: asks any producer, ours or another's, and tells which rules it keeps.

`cases/` holds the rules, one to a file, in folders that read as the contents of the contracts. What a case
has in hand is a `Probe`; who and what it asks about stands in the tester's data file (`data`). Never: a
rule of our own register, or anything that only our producer does.
"""
