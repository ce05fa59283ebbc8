"""Loads: records of a source into the register, all of a load or nothing.

A record belongs to the source that brought it. `pipeline` runs a load, `source_reader` stages rows in
temporary tables (`staging`), `intake` compares them with the register, `apply` makes them records, `vanished`
ends what a source no longer has, `known_rows` knows what it had, `batches` lists the loads, `undo` takes the
last back. What they ask the database is written in `statements`.
Never: how a file is read, nor what a call or staff do.
"""
