"""Records to elements of the contracts, one module for each domain, and the Swedish texts that go with them.

Never: SQL, and the question who may be shown.
"""
