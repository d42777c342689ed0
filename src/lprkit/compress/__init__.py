"""The same model, smaller."""
