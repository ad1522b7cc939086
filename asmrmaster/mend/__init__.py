"""Planning repair: what is mended in a take, and how deep."""
