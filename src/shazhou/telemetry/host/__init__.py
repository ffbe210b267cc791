"""The Sparkplug host application: from messages of edge nodes to rows of the store.

`Host` is a state machine: messages and the time go in; rows, events, marks, quarantine and messages to send come out.
It knows neither network nor disk. `Application` puts it between brokers and the store.
"""
