"""The ride: everything that turns the sound up or down slowly, planned as one curve.

planning     the order in which the parts below are worked out, and what comes of it
levelling    quiet and loud passages brought closer
fades        beginning and end
rules        what the profile forbids, moment by moment
dips         how intrusions are lowered
target       the static gain, solved together with the limiter
forecast     what the master will measure
"""

from asmrmaster.ride.fades import missed as missed
from asmrmaster.ride.planning import LONGER as LONGER
from asmrmaster.ride.planning import Ride as Ride
from asmrmaster.ride.planning import excess_lu as excess_lu
from asmrmaster.ride.planning import plan as plan
