"""The changes of the register's tables, in order."""
