"""What callers must not be able to do: bad input, attacks on the parser, and personal data that leak."""
