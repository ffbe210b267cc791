"""Pure numerics: no files, no other room of this house; values in, values out, each with its source."""
