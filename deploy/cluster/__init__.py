"""The second shape of design §9 on one machine: PostgreSQL, Redis, nginx and several app processes on loopback.

`make cluster` runs it; tests/cluster starts the same parts and breaks them. Standard library only.
"""
