"""Sound as a pull stream of blocks: long curves, cutting and joining."""
