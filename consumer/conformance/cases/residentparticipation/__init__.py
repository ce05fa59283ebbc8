"""Rules of residentparticipation."""
