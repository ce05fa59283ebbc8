"""Running loads: from the command line or a watched folder, with progress, log events and reports."""
