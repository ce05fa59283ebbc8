"""The database and nothing else: records, tables, engine, migrations, audit log, directory, what goes out.

Never: a rule of listings or contacts, the form of a source or a message, a Swedish text.
"""
