"""People and their roles, the audit log, and how the deployment is doing: pages, `/health` and `/metrics`."""
