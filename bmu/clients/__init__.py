"""The firm's client companies."""
