"""Presence: whether an enterprise is online, decided every hour from evidence by a stated rule.

- `thresholds`  every threshold with its reason
- `grid`        minutes as arrays of machines x minutes
- `live`        what makes a minute live
- `frame`       enterprises x hours of a span
- `sessions`    when a node was speaking
- `challenges`  when its last challenge still speaks
- `hours`       the ladder L0 to L4 by enterprise and hour
- `doubts/`     what lowers a level, one file for each kind
- `digests`     what was seen before, so that a series that comes again is known again
- `verdict`     the month by the city's rule
- `reasons`     why not the next level, as codes with sentences
- `compute`     all of it over the store, a day at a time
"""
