"""Builds the app: `gunicorn wsgi:app`, `flask --app wsgi …`."""

from bmu import create_app

app = create_app()
