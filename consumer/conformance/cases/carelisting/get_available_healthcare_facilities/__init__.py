"""Rules of get available healthcare facilities."""
