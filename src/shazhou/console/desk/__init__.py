"""The desk: what people have to report, filled in and reviewed in the browser before it enters the ledger."""
