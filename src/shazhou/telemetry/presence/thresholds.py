"""Every threshold of presence, each with its reason."""

from __future__ import annotations

# A live minute

TIMES = 2
"""Distinct source times in a minute: one alone cannot be told from a reading that stands still."""
QUIET = 10
"""Minutes for which a machine that tells changes only, and is available, is believed after its last live minute."""
GOOD = 0.8
"""Share of good quality: half a minute of failed reads is a fault, a lost reading among ten is not."""
EXECUTING = 30.0
"""Seconds of executing from which a minute counts as one in which something must change."""

# Challenges

CHALLENGE_HOLDS = 24 * 3_600_000
"""Milliseconds for which an answered challenge speaks: the host asks at least once a day."""

# Standing still

STILL_RUN = 20
"""Minutes, from the first to the last, in which an executing machine changes nothing at all: no tag within a minute,
no count, no energy. Longer than any cycle whose parts would be counted one by one."""
STILL_WORKING = 360
"""Minutes of working time in a day in which a machine in any state changes nothing: a switched-off machine proves as
little as a cache, and a pause is shorter than six hours."""
STILL_REST = 60
"""Minutes at rest in which nothing moves at all, of a machine that otherwise hums at rest."""
HUM = 0.5
"""Share of a day's minutes at rest in which something moved (a meter, an analog value) that makes a machine hum."""
HUM_MINUTES = 60
"""Minutes at rest in a day that are needed to say so."""
HUM_DAYS = 14
"""Days back in which a machine must have hummed on one."""
STILL_DIGESTS = 0.5
"""Distinct digests per minute up to which values between minutes count as still: the number of samples in a minute
wavers, and with it the digest of a value that stands."""
FROZEN_RUN = 10
"""Minutes in which samples come while their source times stand: a sensor's driver repeats what it had."""

# Series that come again

DISTINCT = 3
"""Distinct values of a tag within a minute from which its digest is worth comparing: fewer make the same series by
chance (a machine at rest, a constant speed). Whether a machine's values are rich enough beyond that is seen from how
seldom its own minutes repeat (`SELF_REPEATS`)."""
SAMPLES = 10
"""Samples within such a minute, for the same reason."""
METER_MINUTES = 8
"""Minutes of energy that make a print: as many numbers of a meter as together do not come again by chance."""
METER_DISTINCT = 5
"""Distinct amounts among them: a coarse meter's steps do come again."""
SELF_REPEATS = 0.05
"""Share of a machine's own minutes of a day that may repeat within that day; above it the machine's values are so poor
that equality proves nothing."""
HOUR_MATCHED = 5
"""Minutes in an hour that one machine showed before at one distance: a series, no chance hits."""
HOUR_SHARE = 0.2
"""Share of the hour's comparable minutes in series: above what late delivery lets an original lose to its copy."""
DAY_MATCHED = 10
"""And matched minutes in the day."""
DAY_SHARE = 0.8
"""Share of a day's comparable minutes from which all of the day is doubted: what is a copy wherever it can be compared
is one at rest, too."""
SCRAMBLED_SHARE = 0.5
"""Share of an hour's comparable minutes that one day of one machine showed before, in whatever order."""
SCRAMBLED_MATCHED = 20
"""And how many these must be."""
SOURCES = 8
"""Earlier places of one digest that are looked at, the earliest first; bounds the work when hundreds send the same."""
LOOK_BACK = 62
"""Days for which digests are remembered: a month may be played again in the next."""

# Consumption that follows another's

ECHO_MINUTES = 240
"""Minutes in which both machines execute throughout. The correlation of independent changes then has a standard
deviation of 0.08."""
ECHO_CORRELATION = 0.55
"""Correlation of the minute-to-minute changes of energy: seven of these deviations, so that a million pairs at sixteen
lags give none by chance. A copy moved by a third of a minute still has more than 0.7."""
ECHO_LAG = 15
"""Minutes by which the copy may lag."""
ECHO_LEAN = 0.2
"""By how much the correlation must be higher on one side of no lag to call that machine the later one."""
ECHO_LATER = 0.95
"""Share of minutes in which, at no lag, the copy was received after the original."""
ECHO_DISTINCT = 20
"""Distinct energy values that both must show: a coarse meter's steps agree by chance."""

# Regularity

REGULAR_MINUTES = 120
"""Executing minutes in a day from which regularity is judged."""
PERIODS = 180
"""Minutes up to which a period of consumption is looked for."""
PERIODIC_SHARE = 0.98
"""Share of minutes whose energy equals the one a period before to the last digit."""
PERIODIC_DISTINCT = 4
"""Distinct energy values within a period: fewer are a coarse meter at a constant load."""
SMOOTH = 1e-5
"""Variance of the second differences of energy over its variance. A noise of half a percent, less than any meter's,
gives 1.5e-4; a computed curve less than 1e-6."""
SMOOTH_DISTINCT = 50
"""Distinct energy values that are needed to call a curve smooth."""
EDGES = 8
"""Starts and stops in a day that all fall on whole minutes: by chance 1 in 60 does."""
EDGE_TIMES = 10
"""Source times in a minute from which a start within it would have been seen."""

# Gateways, clocks, sequences

TOGETHER = 2_000
"""Milliseconds within which births or deaths of two nodes count as one occasion."""
OCCASIONS = 5
"""Occasions from which two nodes are doubted."""
OCCASIONS_SHARE = 0.8
"""And their share of both nodes' births and deaths: nodes of different owners seldom fall and rise as one."""
AFTER_STALE = 300_000
"""Milliseconds after the host lost its broker in which births mean nothing: then all come at once."""
ADRIFT = 120_000
"""Milliseconds by which a clock may be wrong: at more than two minutes an hour's minutes are no longer that hour's."""
ADRIFT_TOLD = 3
"""How often in an hour the clock must have been told to be adrift; a message may be late once."""
DUPLICATES = 5
"""Sequence numbers that came twice within an hour: with QoS 0 none should."""
UNSIGNED = 3
"""Minutes without a valid signature in an hour: fewer are a change of key under way."""
