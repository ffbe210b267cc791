"""The connection certificate: a month of one enterprise, signed by the city, with what it proves and what it does not.

- ``certificate``  what it says, from the store and the ledger
- ``claims``       what a mode can prove, what no certificate proves, and what else would settle it
- ``signature``    the city's key, signing, and finding every changed byte
- ``embedded``     the certificate within its PDF
"""
