"""Loads of sources: rows are staged, compared with the register and applied, all of a load or nothing.

A record belongs to the source that brought it. `staging` holds the rows of a load in temporary tables,
`apply` makes them records, `vanished` ends what a source no longer has, `known_rows` knows what it had,
`batches` lists the loads and `undo` takes the last one back.
"""
