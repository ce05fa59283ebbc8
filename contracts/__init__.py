"""What the national service contracts are: names, identifiers, codes, messages and rules. No SQL, no HTTP."""
