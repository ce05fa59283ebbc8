"""How fast loads of a whole region and served calls are: ``make bench``, or ``python -m tests.bench``."""
