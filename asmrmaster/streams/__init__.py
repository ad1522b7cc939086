"""Sound as a pull stream of blocks: long curves, prefetching, cutting and joining."""
