"""MTConnect: the device model, SHDR adapters, agents over HTTP, and what the machine's words say about its state."""
