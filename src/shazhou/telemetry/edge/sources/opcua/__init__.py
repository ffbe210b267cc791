"""OPC UA: connecting, browsing within bounds, subscribing within what the server allows, and reading on demand."""
