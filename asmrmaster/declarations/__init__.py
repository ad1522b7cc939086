"""What no meter hears: what people declare of a sound, laid beside its figures."""
