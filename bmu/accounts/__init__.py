"""Employees, users, sign-in, sessions and access. The only place that knows a role's name."""
