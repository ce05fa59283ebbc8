"""What a resident sees: pages like those of 1177, against any producer of the contracts. For testers.

Everything shown comes from calls of the contracts by the client; nothing is read from a register, but for the
explanations that whoever puts the portal together may hand it. Pages and their words are in ``templates``.
"""
