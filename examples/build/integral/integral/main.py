"""Each rank sums its part of the circle's area with numpy; rank 0 prints the sum of all, and what each has had."""

import sys

import numpy
from mpi4py import MPI

from integral import _share


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    world = MPI.COMM_WORLD
    mine = world.rank + world.size * numpy.arange(_share.count(world.rank, world.size, steps))
    middles = (mine + 0.5) / steps
    part = numpy.array([(4.0 / (1.0 + middles * middles)).sum() / steps, middles.size])
    total = numpy.empty_like(part)
    world.Allreduce(part, total)
    parts = world.gather(int(part[1]))
    if world.rank == 0:
        print(f"{total[0]:.9f} by {world.size} ranks, which had {parts} of {int(total[1])} steps")
