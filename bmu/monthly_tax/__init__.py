"""The monthly tax record of one client company: its fields, rules, lists, pages and API."""
