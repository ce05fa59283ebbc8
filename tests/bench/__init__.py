"""How fast and how heavy a load of a whole region is: ``make bench``, or ``python -m tests.bench``."""
