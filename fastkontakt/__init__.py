"""The application: settings, command line, wiring, logging and the demo data set."""
