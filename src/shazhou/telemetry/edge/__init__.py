"""The agent at a factory's gateway: readings from machines, roll-ups by the minute, store and forward by Sparkplug B.

- ``source``     what every source of readings can do; one file per kind below ``sources/``
- ``config``     the agent's file: who, where to, which tags mean what, what is disclosed
- ``mapping``    readings as standard metrics of equipment
- ``rollup``     standard metrics as minutes
- ``buffer``     numbered records on disk until the host has them
- ``agent``      sources, roll-up, buffer and publisher running together
"""
