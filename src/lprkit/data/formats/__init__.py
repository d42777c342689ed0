"""One file per way of writing a labelled set down."""
