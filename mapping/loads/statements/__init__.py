"""What a load asks the database: every statement whole, in the module named as the one that runs it.

In the docstrings n is the rows of the load that are staged when the statement runs. A plan is that of SQLite
without statistics, which nobody makes; `tests/integration/test_load_plans.py` holds each to what it says.
Never: running a statement, or what follows from what it finds.
"""
