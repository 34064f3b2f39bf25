"""What happened: the unit of work and the change log."""
