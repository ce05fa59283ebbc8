"""What the national contracts are: catalogue, identifiers, codes, messages, schemas, rules beyond them.

Never: SQL, HTTP, or anything that is so in one region only.
"""
