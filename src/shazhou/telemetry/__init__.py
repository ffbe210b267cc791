"""The machine side: edge agents, Sparkplug host, sample store, presence. Messages in, samples and submissions out.

- ``sparkplug/``  the wire: topics, payloads, data types
- ``edge/``       the agent at a factory's gateway: sources, roll-ups, store and forward
- ``broker/``     the MQTT server that comes along, and the configuration of one that does not
- ``host/``       the Sparkplug host application: sessions, decoding, commands, quarantine
- ``store/``      samples, minutes and events: an fsynced tail, Parquet by day
- ``presence/``   levels by hour, doubts, the rule, the monthly certificate
- ``door/``       what enters the ledger every day
- ``fleet/``      simulated factories and their faults
"""
