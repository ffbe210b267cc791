"""The store of samples, minutes and events: an fsynced Arrow tail, compacted to Parquet by day."""
