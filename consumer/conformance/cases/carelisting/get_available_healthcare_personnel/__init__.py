"""Rules of get available healthcare personnel."""
