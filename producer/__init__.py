"""The SOAP service: access, parse gate, envelope, faults, schema checks, an operation each, the server.

Never: SQL, nor a rule of listings or contacts: an operation calls those rooms.
"""
