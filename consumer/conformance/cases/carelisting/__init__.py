"""Rules of carelisting."""
