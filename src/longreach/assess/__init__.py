"""After action."""
