"""Pure functions on arrays. Knows nothing of files, meters, stages or presets."""
