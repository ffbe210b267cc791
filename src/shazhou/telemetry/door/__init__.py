"""The door telemetry: what enters the ledger every day, with the hours that it rests on as its document."""
