"""Tags of trails."""
