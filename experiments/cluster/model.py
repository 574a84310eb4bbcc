#!/usr/bin/env python3
"""model.py check|network|figure - the communication of ranks: what it should be, what it is, and what follows for many.

  check PROGRAM [--mpirun WORDS]     runs updates under mpirun with 1 to 8 ranks and compares the bytes that rank 0 counts
                                     with the model; a Markdown table
  network PROGRAM --rate RATE        two to four ranks in network namespaces, each behind an interface of RATE (1gbit): the
                                     interfaces' own counters; needs root, ip, tc and MPICH
  figure FILE.svg                    times as fast as one for 1 to 1,024 ranks by the model (gnuplot)

docs/cluster.md has the formulas. Here they are evaluated with the dealing of the program, rank by rank.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

WORTH = 2 ** 21  # multiply-adds that are worth an exchange (src/parallel/share.c)
TILE, ROWS, CHUNK = 1024, 56, 64  # coordinates; rows of a product; examples of the clean pass
PIECE, LEAF = 4096, 128  # coordinates that are stepped together; examples of a leaf, at least


def dealt(items, parts, part):
    """First item of a part, as swl_shard_range has it."""
    return part * (items // parts) + min(part, items % parts)


class Count:
    """Bytes that a rank receives, and exchanges."""

    def __init__(self, ranks, rank=0):
        self.ranks, self.rank, self.bytes, self.exchanges, self.agreements = ranks, rank, 0, 0, 1

    def own(self, items, shards=None):
        """Items that this rank has, dealt in shards."""
        shards = shards or items
        ends = [dealt(shards, self.ranks, self.rank + i) for i in (0, 1)]
        first, end = [dealt(items, shards, s) if s < shards else items for s in ends]
        return end - first

    def gather(self, items, item, total=None, shards=None):
        """Everyone gets the outputs of all; the last item may be short, or long."""
        total = items * item if total is None else total
        bounds = [dealt(shards or items, self.ranks, self.rank + i) for i in (0, 1)]
        at = [total if s >= (shards or items) else dealt(items, shards or items, s) * item for s in bounds]
        self.bytes += total - (at[1] - at[0])
        self.exchanges += 1

    def turn(self, rows, shards, width):
        """The rows of others, of the own columns (tiles of TILE numbers of 4 bytes)."""
        tiles = math.ceil(width / TILE)
        first, end = [min(dealt(tiles, self.ranks, self.rank + i) * TILE, width) for i in (0, 1)]
        self.bytes += (rows - self.own(rows, shards)) * (end - first) * 4
        self.exchanges += 1
        return end - first

    def share(self):
        self.agreements += 1


def own_examples(count, layers, batch, tiles, shards, dim):
    """Each rank has its own examples only, and steps its own pieces of the parameters."""
    pieces = math.ceil(dim / PIECE)
    first, end = [min(dealt(pieces, count.ranks, count.rank + i) * PIECE, dim) for i in (0, 1)]
    count.share()
    for _ in layers[1:]:
        count.gather(tiles, 16 * 4, batch * 4, shards)  # squares of the inputs
    count.share()
    moments = 24 * len(layers[1:])  # of the losses of an example
    count.gather(tiles, 16 * moments, batch * moments, shards)
    count.bytes += (count.ranks - 1) * (end - first) * 4  # roots
    count.exchanges += 1
    count.share()
    count.gather(pieces, PIECE * 4, dim * 4)
    count.gather(pieces, 16)
    return count


def heat(ranks, layers, batch, samples, shards=16, rank=0):
    """Layers smoothed on their own, each example with its own draws (the default)."""
    count = Count(ranks, rank)
    pairs, dim = samples // 2, sum((n + 1) * m for n, m in zip(layers, layers[1:]))
    tiles = math.ceil(batch / 16)
    leaves = 1
    while leaves < 16 and min(tiles, shards) % (2 * leaves) == 0 and batch // (2 * leaves) >= LEAF and tiles >= shards:
        leaves *= 2
    if ranks > 1 and leaves % ranks == 0:
        return own_examples(count, layers, batch, tiles, shards, dim)
    if batch * dim >= WORTH:
        count.share()
        for m in layers[1:]:
            count.gather(math.ceil(batch / CHUNK), CHUNK * 4 * m, batch * 4 * m)
            count.gather(math.ceil(batch / CHUNK), CHUNK * 4, batch * 4)
        count.gather(math.ceil(batch / CHUNK), CHUNK * 8, batch * 8)
    count.share()
    # The layer below the outputs draws 16 pairs at a time, the outputs one.
    steps = [math.ceil(pairs / 16)] * (len(layers) - 2) + [pairs]
    for chunks in [min(math.ceil(shards / tiles), most) for most in steps]:
        units = tiles * chunks
        count.gather(units, 8 * batch * samples / units, shards=min(units, shards))
    for n, m, most in zip(layers, layers[1:], steps):
        chunks = min(math.ceil(shards / tiles), most)
        units = tiles * chunks
        dealt_in = min(units, shards)
        if chunks == 1:
            count.gather(units, 16 * m * 4, shards=dealt_in)
        else:
            mine = count.turn(units, dealt_in, 16 * m)
            count.share()
            count.bytes += tiles * (16 * m - mine) * 4
            count.exchanges += 1
        if n * m * batch >= WORTH:
            count.share()
            count.gather(math.ceil(n / ROWS), ROWS * m * 4, (n + 1) * m * 4)
    return count


def local_entropy(ranks, layers, batch, samples, shards=16, rank=0):
    """Draws shared by the batch, by L Z, all layers together; beta by a pilot."""
    count = Count(ranks, rank)
    pairs, dim = samples // 2, sum((n + 1) * m for n, m in zip(layers, layers[1:]))
    pilot = max(32, min(256, samples // 8))
    if batch * dim >= WORTH:
        count.share()
        for m in layers[1:]:
            count.gather(math.ceil(batch / CHUNK), CHUNK * 4 * m, batch * 4 * m)
            count.gather(math.ceil(batch / CHUNK), CHUNK * 4, batch * 4)
        count.gather(math.ceil(batch / CHUNK), CHUNK * 8, batch * 8)
    count.share()
    count.gather(pilot // 16, 16 * 8)
    count.share()
    units = min(shards, pairs)
    count.gather(units, 8 * samples / units)
    stride = batch * layers[1]
    mine = count.turn(units, units, stride)
    count.share()
    count.bytes += (stride - mine) * 4
    count.exchanges += 1
    if (layers[0] + 1) * layers[1] * batch >= WORTH:
        count.share()
        count.gather(math.ceil((layers[0] + 1) / ROWS), ROWS * layers[1] * 4, (layers[0] + 1) * layers[1] * 4)
    for n, m in zip(layers[1:], layers[2:]):
        count.turn(units, units, (n + 1) * m)
        count.share()
        count.gather(math.ceil((n + 1) * m / TILE), TILE * 4, (n + 1) * m * 4)
    return count


def weights(ranks, layers, samples, rank=0):
    """Noise on every parameter: losses, then the direction."""
    count = Count(ranks, rank)
    dim = sum((n + 1) * m for n, m in zip(layers, layers[1:]))
    block = max(2, min(16, samples // 16 // 2 * 2))
    count.share()
    count.gather(math.ceil(samples / block), block * 8, samples * 8)
    count.share()
    count.gather(math.ceil(dim / TILE), TILE * 4, dim * 4)
    return count


def roots(ranks, shards, rank):
    """Subtrees of the fixed tree that a rank has as a whole."""
    first, end = dealt(shards, ranks, rank), dealt(shards, ranks, rank + 1)
    count = 0
    while first < end:
        width = 1
        while first % (2 * width) == 0 and min(first + 2 * width, shards) <= end and width < shards:
            width *= 2
        first += width
        count += 1
    return count


def langevin(ranks, layers, samples, chains, shards=16, rank=0):
    """Chains: losses, the roots of the shards' tree, the direction."""
    count = Count(ranks, rank)
    dim = sum((n + 1) * m for n, m in zip(layers, layers[1:]))
    shards = min(shards, chains)
    steps = samples // chains
    kept = steps - steps // 2
    count.share()
    for item in (8, 8 * kept, 8):
        count.gather(chains, item, shards=shards)
    tiles = math.ceil(dim / TILE)
    mine = min(dealt(tiles, ranks, rank + 1) * TILE, dim) - dealt(tiles, ranks, rank) * TILE
    others = [roots(ranks, shards, r) for r in range(ranks) if r != rank]
    count.bytes += sum(others) * mine * 8
    count.exchanges += max(others + [roots(ranks, shards, rank)])
    count.share()
    count.gather(tiles, TILE * 4, dim * 4)
    count.gather(tiles, 8)
    return count


NET, WIDE = [784, 256, 10], [784, 200, 10]
CASES = [
    ('heat, 784-256-10, batch 500, 32 samples', 'regularizer=heat batch=500 samples=32', NET,
     lambda r: heat(r, NET, 500, 32)),
    ('heat, 784-256-10, batch 100, 32 samples', 'regularizer=heat batch=100 samples=32', NET,
     lambda r: heat(r, NET, 100, 32)),
    ('local entropy, 784-200-10, batch 20, 1,000 draws', 'regularizer=local-entropy batch=20 samples=1000 group=0 tau=1e-3',
     WIDE, lambda r: local_entropy(r, WIDE, 20, 1000)),
    ('local entropy, 784-200-10, batch 128, 1,000 draws',
     'regularizer=local-entropy batch=128 samples=1000 group=0 tau=1e-3', WIDE,
     lambda r: local_entropy(r, WIDE, 128, 1000)),
    ('noise on all weights, 784-200-10, 256 draws', 'regularizer=local-entropy noise=weights batch=20 samples=256', WIDE,
     lambda r: weights(r, WIDE, 256)),
    ('Langevin, 784-200-10, 32 chains of 4 steps',
     'regularizer=local-entropy sampler=langevin noise=weights batch=20 samples=128 chains=32', WIDE,
     lambda r: langevin(r, WIDE, 128, 32)),
]


def train(launch, program, words, layers, updates, wrapper=(), environment=None):
    """The final record of some updates without evaluations in between."""
    command = launch + list(wrapper) + [program, 'train', '--data=digits:800', '--out=none', '--json', '--threads=1',
                                        '--model=mlp:' + '-'.join(map(str, layers)), f'--updates={updates}',
                                        '--evaluate-every=1000000'] + ['--' + word for word in words.split()]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          env=dict(os.environ, **(environment or {})))
    if done.returncode:
        sys.exit(f'{" ".join(command)}: exit status {done.returncode}\n{done.stderr}')
    return json.loads(done.stdout)


def check(arguments):
    print('| update | ranks | model, kB | counted, kB | exchanges, model | counted |\n| --- | --- | --- | --- | --- | --- |')
    worst = 0
    for name, words, layers, model in CASES:
        for ranks in range(1, 9):
            seen = train(arguments.mpirun.split() + ['-n', str(ranks)], arguments.program, words, layers, 2)
            wanted = model(ranks) if ranks > 1 else Count(1)
            counted = seen.get('bytes', 0)
            if ranks == 1:
                wanted.bytes = 0
            worst = max(worst, abs(counted - wanted.bytes) / max(wanted.bytes, 1))
            print(f'| {name} | {ranks} | {wanted.bytes / 1e3:.1f} | {counted / 1e3:.1f} | '
                  f'{wanted.exchanges} | {seen.get("exchanges", 0):g} |', flush=True)
    print(f'\nLargest deviation of the bytes: {100 * worst:.2f} %')
    return 0 if worst < 0.05 else 1


NAMESPACE = 'swale-rank-'


def run(*words):
    subprocess.run(words, check=True)


def namespaces(ranks, rate):
    """A bridge and a namespace for each rank, behind an interface that sends at most `rate`."""
    run('ip', 'link', 'add', 'swale-bridge', 'type', 'bridge')
    run('ip', 'link', 'set', 'swale-bridge', 'up')
    for r in range(ranks):
        space, outer = f'{NAMESPACE}{r}', f'swale-veth-{r}'
        run('ip', 'netns', 'add', space)
        run('ip', 'link', 'add', outer, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space)
        run('ip', 'link', 'set', outer, 'master', 'swale-bridge', 'up')
        run('ip', '-n', space, 'addr', 'add', f'10.9.0.{r + 1}/24', 'dev', 'eth0')
        run('ip', '-n', space, 'link', 'set', 'eth0', 'up')
        run('ip', '-n', space, 'link', 'set', 'lo', 'up')
        if rate:
            run('tc', '-n', space, 'qdisc', 'add', 'dev', 'eth0', 'root', 'tbf', 'rate', rate, 'burst', '64kb', 'latency',
                '400ms')


def forget(ranks):
    for r in range(ranks):
        subprocess.run(['ip', 'netns', 'del', f'{NAMESPACE}{r}'], check=False)
    subprocess.run(['ip', 'link', 'del', 'swale-bridge'], check=False)


def received(space):
    """Bytes and packets of the interface so far, without its 14 bytes of Ethernet per packet."""
    text = subprocess.run(['ip', 'netns', 'exec', space, 'cat', '/proc/net/dev'], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    return int([line for line in text.splitlines() if 'eth0' in line][0].split(':')[1].split()[0])


def network(arguments):
    updates = 20
    print(f'Each rank behind an interface of {arguments.rate or "no limit"}; {updates} updates more, rank 0.\n')
    print('| update | ranks | counted, kB per update | interface, kB per update | ms per update |')
    print('| --- | --- | --- | --- | --- |')
    shell = f'exec ip netns exec {NAMESPACE}${{PMI_RANK}} "$@"'
    tcp = {'MPIR_CVAR_NOLOCAL': '1', 'UCX_TLS': 'tcp,self', 'UCX_NET_DEVICES': 'eth0'}
    for ranks in (2, 4):
        try:
            namespaces(ranks, arguments.rate)
            for name, words, layers, _ in CASES:
                seen = []
                for count in (1, 1 + updates):  # what starting and the last evaluation take is in both
                    before = received(NAMESPACE + '0')
                    record = train(arguments.mpirun.split() + ['-n', str(ranks)], arguments.program, words, layers, count,
                                   ['/bin/sh', '-c', shell, 'sh'], tcp)
                    seen.append((received(NAMESPACE + '0') - before, record['seconds'], record['bytes']))
                wire, seconds = [(seen[1][i] - seen[0][i]) / updates for i in (0, 1)]
                print(f'| {name} | {ranks} | {seen[1][2] / 1e3:.1f} | {wire / 1e3:.1f} | {1e3 * seconds:.1f} |', flush=True)
        finally:
            forget(ranks)
    return 0


# Seconds of one core on one update: what is dealt, and what every rank does. Measured with one thread (perf, bench_update).
UPDATES = [
    ('heat, batch 500, 32 samples', 5.3e-3, 0.6e-3, lambda r: heat(r, NET, 500, 32, max(16, r))),
    ('heat, batch 8,000, 128 samples', 0.21, 5e-3, lambda r: heat(r, NET, 8000, 128, max(16, r))),
    ('local entropy, batch 128, 10,000 shared draws', 0.205, 4.5e-3, lambda r: local_entropy(r, WIDE, 128, 10000, max(16, r))),
    ('all weights, batch 128, 10,000 draws', 4.3, 0.3e-3, lambda r: weights(r, WIDE, 10000)),
]
# Seconds of a message, seconds per byte, of a link that one rank has for itself.
LINKS = [('25 µs, 10 Gbit/s', 25e-6, 8 / 10e9, '1'), ('2 µs, 100 Gbit/s', 2e-6, 8 / 100e9, '2')]


def seconds(shared, alone, model, link, ranks):
    """By the slowest rank; a gather is ceil(log2 R) messages one after the other, as is an agreement there and back."""
    count = model(ranks)
    hops = math.ceil(math.log2(ranks)) if ranks > 1 else 0
    traffic = 0 if ranks == 1 else count.bytes * link[2]
    return alone + shared / ranks + traffic + (count.exchanges + 2 * count.agreements) * hops * link[1]


def figure(arguments):
    points = [2 ** k for k in range(11)]
    with tempfile.TemporaryDirectory() as folder:
        plots = []
        for k, (name, shared, alone, model) in enumerate(UPDATES):
            for link in LINKS:
                path = os.path.join(folder, f'{k}-{link[3]}')
                one = shared + alone
                with open(path, 'w', encoding='utf-8') as stream:
                    for ranks in points:
                        stream.write(f'{ranks} {one / seconds(shared, alone, model, link, ranks)}\n')
                plots.append(f'"{path}" with lines lw 2 lc {k + 1} dt {link[3]} title "{name}; {link[0]}"')
        script = f'''set terminal svg size 900,640 font "sans-serif,13" background "#ffffff"
set output "{arguments.file}"
set logscale xy
set xlabel "ranks, one core each"
set ylabel "times as fast as one"
set xrange [1:1024]
set yrange [0.5:1024]
set grid
set key below maxcols 2
plot x with lines lc "#aaaaaa" title "ideal", {", ".join(plots)}
'''
        subprocess.run(['gnuplot'], input=script, text=True, check=True)
    for name, shared, alone, model in UPDATES:
        for link in LINKS:
            speed = [(shared + alone) / seconds(shared, alone, model, link, r) for r in points]
            best = max(range(len(points)), key=lambda i: speed[i])
            half = max(r for r, s in zip(points, speed) if s >= r / 2)
            print(f'| {name} | {link[0]} | {half} | {speed[best]:.0f} with {points[best]} |')
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest='command', required=True)
    for name, does in (('check', check), ('network', network)):
        command = commands.add_parser(name)
        command.add_argument('program')
        command.add_argument('--mpirun', default='mpirun.mpich')
        command.set_defaults(does=does)
        if name == 'network':
            command.add_argument('--rate', default='')
    command = commands.add_parser('figure')
    command.add_argument('file')
    command.set_defaults(does=figure)
    arguments = parser.parse_args()
    return arguments.does(arguments)


if __name__ == '__main__':
    sys.exit(main())
