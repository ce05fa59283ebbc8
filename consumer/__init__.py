"""The other side of the contracts: a client with typed results, and in `outgoing` what is sent by itself.

Never: answering a contract, or a rule of listings or contacts.
"""
