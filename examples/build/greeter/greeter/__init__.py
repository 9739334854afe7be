"""A web service with a template of its own."""
