"""Words that every stage shares."""
