#!/usr/bin/env python3
"""peers.py update|check|backprop|inference - the same work in PyTorch; one JSON object per line on stdout.

The opponent is made as strong as PyTorch on a CPU gets: inference mode, preallocated memory, results in place, chunks
tuned, one worker with its own generator per thread (torch fills Gaussians with one thread only), small batched products
by numpy.matmul where torch would loop over them. normal_() stays: Box-Muller from the bits of numpy's fastest generator
takes 10 to 15 % less at best.

The widest instructions that the processor has are asked for by name, because the libraries do not know every processor,
and in place of OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE and ATEN_CPU_CAPABILITY of the caller's environment: Haswell there,
meant for another program, halves the rate of matrix products with AVX-512. SWALE_PEERS_AS_IS=1 keeps the environment.
"""
import argparse
import gzip
import json
import math
import os
import resource
import struct
import sys
import time

CLASSES = 10
PIXELS = 784


def prepare(threads):
    """Before the libraries are loaded: threads of the BLAS, and the instructions that the processor has."""
    os.environ['OPENBLAS_NUM_THREADS'] = os.environ['MKL_NUM_THREADS'] = str(threads)
    os.environ['OMP_NUM_THREADS'] = '1'
    if os.environ.get('SWALE_PEERS_AS_IS', '0') not in ('', '0'):
        return
    try:
        with open('/proc/cpuinfo', encoding='ascii', errors='replace') as stream:
            flags = next((line.split() for line in stream if line.startswith('flags')), [])
    except OSError:
        flags = []
    chosen = {'OPENBLAS_CORETYPE': None, 'OPENBLAS_L2_SIZE': None, 'ATEN_CPU_CAPABILITY': None}
    if 'avx512f' in flags and 'avx512bw' in flags:
        chosen.update(OPENBLAS_CORETYPE='SkylakeX', ATEN_CPU_CAPABILITY='avx512')
    elif 'avx2' in flags:
        chosen.update(OPENBLAS_CORETYPE='Haswell')
    for name, value in chosen.items():  # None: the library's own choice
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def blas_name():
    with open('/proc/self/maps', encoding='utf-8', errors='replace') as stream:
        names = {line.split('/')[-1].strip() for line in stream if 'blas' in line or 'mkl_' in line}
    # liblapack of OpenBLAS maps beside it: the real one has a version in its name.
    return ', '.join(sorted(name for name in names if not name.startswith('liblapack'))) or 'none'


def emit(**fields):
    fields['peak_bytes'] = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(fields), flush=True)


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else 0.5 * (ordered[middle - 1] + ordered[middle])


# Data ---------------------------------------------------------------------------------------------------------------

def read_idx(name):
    """An IDX file of bytes below $SWALE_DATA/mnist, plain or .gz; None if there is none."""
    path = os.path.join(os.environ.get('SWALE_DATA', 'data'), 'mnist', name)
    for candidate, opener in ((path, open), (path + '.gz', gzip.open)):
        if os.path.exists(candidate):
            with opener(candidate, 'rb') as stream:
                raw = stream.read()
            shape = struct.unpack_from('>%dI' % raw[3], raw, 4)
            return numpy.frombuffer(raw, numpy.uint8, offset=4 + 4 * raw[3]).reshape(shape)
    return None


def read_mnist(split):
    """(pixels / 255 as (count, 784) floats, labels), or None."""
    images = read_idx(f'{split}-images-idx3-ubyte')
    labels = read_idx(f'{split}-labels-idx1-ubyte')
    if images is None or labels is None:
        return None
    pixels = torch.from_numpy(images.reshape(len(images), -1).astype(numpy.float32) / 255)
    return pixels, torch.from_numpy(labels.astype(numpy.int64))


def some_images(count):
    """Images of MNIST, or sparse random ones: a fifth of the pixels lit, as there."""
    found = read_mnist('t10k')
    if found:
        return found[0][:count].contiguous(), found[1][:count], 'mnist'
    generator = torch.Generator().manual_seed(1)
    lit = torch.rand(count, PIXELS, generator=generator) < 0.19
    pixels = torch.rand(count, PIXELS, generator=generator) * lit
    return pixels, torch.randint(CLASSES, (count,), generator=generator), 'random'


# One update by importance sampling ----------------------------------------------------------------------------------

class Problem:
    """784-H-10, ReLU, softmax cross-entropy; the matrices hold a unit's incoming weights as rows, its bias last."""

    def __init__(self, batch, hidden, tau):
        pixels, self.labels, self.data = some_images(batch)
        generator = torch.Generator().manual_seed(7)
        self.batch, self.hidden, self.sigma = batch, hidden, math.sqrt(tau)
        self.h = torch.cat([pixels, torch.ones(batch, 1)], 1)
        self.w1 = torch.randn(hidden, PIXELS + 1, generator=generator) * math.sqrt(2 / PIXELS)
        self.w2 = torch.randn(CLASSES, hidden, generator=generator) * math.sqrt(2 / hidden)
        self.b2 = torch.zeros(CLASSES, 1)
        self.w1[:, -1] = 0
        self.picked = torch.nn.functional.one_hot(self.labels, CLASSES).t().flatten() / -batch
        self.base = self.w1 @ self.h.t()

    def gradient(self):
        """The exact gradient by automatic differentiation, flat: first layer, output weights, output biases."""
        parts = [p.clone().requires_grad_() for p in (self.w1, self.w2, self.b2)]
        logits = parts[1] @ (parts[0] @ self.h.t()).relu() + parts[2]
        torch.nn.functional.cross_entropy(logits.t(), self.labels).backward()
        return torch.cat([p.grad.flatten() for p in parts])

    def losses(self, logits, out):
        """logits (chunk, 10, batch) -> mean loss per draw."""
        torch.mv(torch.log_softmax(logits, 1).view(len(out), -1), self.picked, out=out)


class Loop:
    """One draw after another on all parameters: torch.randn, perturb, forward."""

    def __init__(self, problem, draws, seed, chunk, store):
        p = self.problem = problem
        self.draws, self.seed, self.generator = draws, seed, torch.Generator()
        self.x = torch.cat([p.w1.flatten(), p.w2.flatten(), p.b2.flatten()])
        self.z = torch.empty(draws if store else 1, self.x.numel())
        self.store, self.point = store, torch.empty_like(self.x)
        cuts = [p.w1.numel(), p.w1.numel() + p.w2.numel()]
        self.w1t = self.point[:cuts[0]].view_as(p.w1).t()
        self.w2t = self.point[cuts[0]:cuts[1]].view_as(p.w2).t()
        self.b2 = self.point[cuts[1]:]
        self.loss = torch.empty(draws)

    def evaluate(self):
        p, cross_entropy = self.problem, torch.nn.functional.cross_entropy
        self.generator.manual_seed(self.seed)
        for j in range(self.draws):
            z = self.z[j if self.store else 0]
            torch.randn(z.shape, generator=self.generator, out=z)
            torch.add(self.x, z, alpha=p.sigma, out=self.point)
            hidden = torch.mm(p.h, self.w1t).relu_()
            self.loss[j] = cross_entropy(torch.addmm(self.b2, hidden, self.w2t), p.labels)
        return self.loss

    def combine(self, weights):
        if self.store:
            return torch.mv(self.z.t(), weights)
        direction, z = torch.zeros_like(self.x), self.z[0]
        self.generator.manual_seed(self.seed)
        for weight in weights.tolist():
            torch.randn(z.shape, generator=self.generator, out=z)
            direction.add_(z, alpha=weight)
        return direction


class Chunks:
    """Many draws at once. The noise of the first layer's sums is linear in the draws: one product per chunk,

    (chunk × H, k)(k, B), with `factor` (B, k) = the inputs themselves (all weights), or L with L Lᵀ = H Hᵀ (subspace:
    only what the batch sees).
    """

    def __init__(self, problem, draws, seed, chunk, store, factor):
        p = self.problem = problem
        self.draws, self.seed, self.chunk, self.store = draws, seed, min(chunk, draws), store
        self.generator = torch.Generator()
        self.factor = (factor * p.sigma).t().contiguous()
        k, kept = factor.shape[1], draws if store else self.chunk
        self.z1 = torch.empty(kept, p.hidden * k)
        self.z2 = torch.empty(kept, CLASSES * (p.hidden + 1))
        self.w2 = torch.cat([p.w2.flatten(), p.b2.flatten()])
        self.point = torch.empty(self.chunk, self.w2.numel())
        self.sums = torch.empty(self.chunk, p.hidden, p.batch)
        self.logits = torch.empty(self.chunk, CLASSES, p.batch)
        self.loss = torch.empty(draws)

    def pieces(self):
        """(first draw, chunk's noise of both layers), filled in the order of the draws."""
        self.generator.manual_seed(self.seed)
        for begin in range(0, self.draws, self.chunk):
            count = min(self.chunk, self.draws - begin)
            where = slice(begin, begin + count) if self.store else slice(0, count)
            yield (begin, count, self.z1[where].normal_(generator=self.generator),
                   self.z2[where].normal_(generator=self.generator))

    def evaluate(self):
        p, cut = self.problem, CLASSES * self.problem.hidden
        for begin, count, z1, z2 in self.pieces():
            sums, point, logits = self.sums[:count], self.point[:count], self.logits[:count]
            torch.mm(z1.view(count * p.hidden, -1), self.factor, out=sums.view(count * p.hidden, -1))
            sums.add_(p.base).clamp_(min=0)
            torch.add(self.w2, z2, alpha=p.sigma, out=point)
            weights = point[:, :cut].view(count, CLASSES, p.hidden)
            numpy.matmul(weights.numpy(), sums.numpy(), out=logits.numpy())
            p.losses(logits.add_(point[:, cut:].unsqueeze(2)), self.loss[begin:begin + count])
        return self.loss

    def combine(self, weights):
        if self.store:
            return torch.cat([torch.mv(self.z1.t(), weights), torch.mv(self.z2.t(), weights)])
        first, last = torch.zeros(self.z1.shape[1]), torch.zeros(self.z2.shape[1])
        for begin, count, z1, z2 in self.pieces():
            first.addmv_(z1.t(), weights[begin:begin + count])
            last.addmv_(z2.t(), weights[begin:begin + count])
        return torch.cat([first, last])


def gram_factor(h):
    """Lower L with L Lᵀ = H Hᵀ, in double; a jitter of 1e-10 of the mean diagonal for equal or empty images."""
    gram = h.double() @ h.double().t()
    gram.diagonal().add_(1e-10 * gram.diagonal().mean())
    return torch.linalg.cholesky(gram)


def tilt(losses, share):
    """w_j - 1/N with w ~ exp(-beta f_j), beta such that ESS/N = share (bisection); also (beta, ESS/N)."""
    f = losses.numpy().astype(numpy.float64)
    f -= f.min()
    low, high = 0.0, 1.0

    def effective(beta):
        w = numpy.exp(-beta * f)
        return w.sum() ** 2 / (w @ w) / len(f)
    while effective(high) > share and high < 1e12:
        low, high = high, 4 * high
    while high - low > 1e-4 * high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) > share else (low, middle)
    w = numpy.exp(-high * f)
    weights = w / w.sum() - 1 / len(f)
    return torch.from_numpy(weights.astype(numpy.float32)), high, effective(high)


class Update:
    """A whole update: the draws are split over the workers; each runs torch with one thread."""

    def __init__(self, args, variant, draws, chunk, store):
        self.problem, self.variant = Problem(args.batch, args.hidden, args.tau), variant
        self.factor = gram_factor(self.problem.h) if variant == 'subspace' else self.problem.h
        shares = [draws // args.threads + (w < draws % args.threads) for w in range(args.threads)]
        extra = () if variant == 'loop' else (self.factor.float(),)
        kind = Loop if variant == 'loop' else Chunks
        self.shards = [kind(self.problem, share, args.seed * 1000 + w, chunk, store, *extra)
                       for w, share in enumerate(shares)]

    def noise_bytes(self):
        noise = [(s.z,) if self.variant == 'loop' else (s.z1, s.z2) for s in self.shards]
        return sum(4 * z.numel() for pair in noise for z in pair)

    @staticmethod
    def task(call, *values):
        torch.set_num_threads(1)
        with torch.inference_mode():
            return call(*values)

    def each(self, pool, calls):
        if len(calls) == 1:
            return [self.task(*calls[0])]
        return [job.result() for job in [pool.submit(self.task, *call) for call in calls]]

    def step(self, pool):
        if self.variant == 'subspace':  # a new batch has a new factor
            factor = gram_factor(self.problem.h)
            for shard in self.shards:
                shard.factor = (factor.float() * self.problem.sigma).t().contiguous()
        losses = torch.cat(self.each(pool, [(shard.evaluate,) for shard in self.shards]))
        weights, beta, share = tilt(losses, 0.5)
        pieces = weights.split([shard.draws for shard in self.shards])
        direction = sum(self.each(pool, [(s.combine, w) for s, w in zip(self.shards, pieces)]))
        if self.variant == 'subspace':  # the mean of all weights given the sums: Hᵀ L^{-T} Z
            p = self.problem
            cut = p.hidden * p.batch
            tilted = direction[:cut].view(p.hidden, -1).t().double()
            back = torch.linalg.solve_triangular(factor.t(), tilted, upper=True)
            direction = torch.cat([(back.t().float() @ p.h).flatten(), direction[cut:]])
        return direction, losses, beta, share


def seconds_of(update, pool, runs):
    """Times and processor times of whole updates, after one that warms the memory."""
    result, times, busy = update.step(pool), [], []
    for _ in range(runs):
        begin, begin_busy = time.perf_counter(), time.process_time()
        result = update.step(pool)
        times.append(time.perf_counter() - begin)
        busy.append(time.process_time() - begin_busy)
    return times, busy, result


def tuned_chunk(args, variant, pool):
    """The fastest of a few sizes on a short update, by processor time: others on the cores must not decide."""
    if variant == 'loop':
        return 1
    if args.chunk:
        return args.chunk
    sizes, draws = ((2, 4, 8, 16, 64), 192) if variant == 'vectorized' else ((16, 32, 64, 128, 256), 2048)
    return min(sizes, key=lambda size: min(seconds_of(
        Update(args, variant, draws * args.threads, size, False), pool, 2)[1]))


def measure_update(args):
    with ThreadPoolExecutor(args.threads) as pool:
        for variant in args.variant:
            draws = args.draws if variant == 'subspace' else min(args.draws, args.sample)
            chunk = tuned_chunk(args, variant, pool)
            for memory in args.memory:
                update = Update(args, variant, draws, chunk, memory == 'store')
                times, busy, (direction, losses, beta, share) = seconds_of(update, pool, args.runs)
                exact = update.problem.gradient()
                times, busy = ([t * args.draws / draws for t in column] for column in (times, busy))
                emit(what='update', variant=variant, memory=memory, batch=args.batch, hidden=args.hidden,
                     threads=args.threads, draws=args.draws, scaled_from=draws if draws != args.draws else None,
                     noise_bytes_unmeasured=update.noise_bytes() * (args.draws - draws) // draws * (memory == 'store'),
                     chunk=chunk, data=update.problem.data, seconds=median(times), runs=times, cpu=median(busy),
                     ess=share, beta=beta, loss_mean=losses.double().mean().item(),
                     loss_sd=losses.double().std().item(), cosine=-torch.cosine_similarity(direction, exact, 0).item())
                del update


def check(args):
    """The losses of the variants have one law, and stored and regenerated noise give one direction."""
    good = True
    with ThreadPoolExecutor(args.threads) as pool:
        means = []
        for variant in ('loop', 'vectorized', 'subspace'):
            kept, losses, _, _ = Update(args, variant, args.draws, 16, True).step(pool)
            again = Update(args, variant, args.draws, 16, False).step(pool)[0]
            update = Update(args, variant, args.draws, 16, False)
            cosine = -torch.cosine_similarity(kept, update.problem.gradient(), 0).item()
            f = losses.double()
            means.append((f.mean().item(), f.var().item()))
            error = ((kept - again).norm() / kept.norm()).item()
            good &= error < 1e-4 and cosine > 0
            emit(what='check', variant=variant, mean=means[-1][0], variance=means[-1][1],
                 standard_error=(f.var() / len(f)).sqrt().item(), cosine=cosine, store_against_regenerate=error)
        mean, variance = means[0]
        for other_mean, other_variance in means[1:]:
            good &= abs(other_mean - mean) < 4 * math.sqrt(2 * variance / args.draws)
            good &= abs(other_variance / variance - 1) < 6 * math.sqrt(4 / args.draws)
    emit(what='check', variant='all', passed=bool(good))
    if not good:
        sys.exit(1)


# Backpropagation ----------------------------------------------------------------------------------------------------

class Autograd:
    """Sequential, autograd, torch.optim.Adam with its fused loops."""

    def __init__(self, hidden, generator, trace):
        linear = torch.nn.Linear
        model = torch.nn.Sequential(linear(PIXELS, hidden), torch.nn.ReLU(), linear(hidden, CLASSES))
        with torch.no_grad():
            for layer in (model[0], model[2]):
                layer.weight.normal_(generator=generator).mul_(math.sqrt(2 / layer.in_features))
                layer.bias.zero_()
        self.parameters = list(model.parameters())
        self.optimizer = torch.optim.Adam(self.parameters, foreach=True)
        self.model = torch.jit.trace(model, torch.zeros(250, PIXELS)) if trace else model

    def forward(self, inputs):
        return self.model(inputs)

    def step(self, inputs, labels, rate):
        self.optimizer.param_groups[0]['lr'] = rate
        loss = torch.nn.functional.cross_entropy(self.model(inputs), labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()


class Manual:
    """Derivatives and Adam by hand, in place, on one flat vector: no graph, no allocation but the small ones."""

    def __init__(self, hidden, generator, _):
        sizes = [(hidden, PIXELS), (hidden,), (CLASSES, hidden), (CLASSES,)]
        counts = [math.prod(size) for size in sizes]
        self.x, self.g, self.m, self.v, self.t = (torch.zeros(sum(counts)) for _ in range(5))
        self.w1, self.b1, self.w2, self.b2 = (v.view(s) for v, s in zip(self.x.split(counts), sizes))
        self.dw1, self.db1, self.dw2, self.db2 = (v.view(s) for v, s in zip(self.g.split(counts), sizes))
        self.w1.normal_(generator=generator).mul_(math.sqrt(2 / PIXELS))
        self.w2.normal_(generator=generator).mul_(math.sqrt(2 / hidden))
        self.count = 0

    def forward(self, inputs):
        return torch.addmm(self.b2, torch.addmm(self.b1, inputs, self.w1.t()).relu_(), self.w2.t())

    def step(self, inputs, labels, rate):
        hidden = torch.addmm(self.b1, inputs, self.w1.t()).relu_()
        delta = torch.softmax(torch.addmm(self.b2, hidden, self.w2.t()), 1)
        delta.scatter_add_(1, labels.unsqueeze(1), torch.full((len(labels), 1), -1.0)).div_(len(labels))
        torch.mm(delta.t(), hidden, out=self.dw2)
        torch.sum(delta, 0, out=self.db2)
        back = torch.ops.aten.threshold_backward(delta @ self.w2, hidden, 0)
        torch.mm(back.t(), inputs, out=self.dw1)
        torch.sum(back, 0, out=self.db1)
        self.count += 1
        bias1, bias2 = 1 - 0.9 ** self.count, 1 - 0.999 ** self.count
        self.m.lerp_(self.g, 0.1)
        self.v.mul_(0.999).addcmul_(self.g, self.g, value=0.001)
        torch.sqrt(self.v, out=self.t).add_(1e-8 * math.sqrt(bias2))
        self.x.addcdiv_(self.m, self.t, value=-rate * math.sqrt(bias2) / bias1)


def accuracy(model, inputs, labels):
    right = sum((model.forward(i).argmax(1) == l).sum().item() for i, l in zip(inputs.split(1000), labels.split(1000)))
    return right / len(labels)


def train(args, data, seed, way):
    """Trains once; (seconds, validation, test, processor seconds) at each evaluation, whose time does not count."""
    (inputs, labels), validation, test = data
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    kind = Manual if way == 'manual' else Autograd
    model = kind(args.hidden, generator, way == 'jit')
    per_epoch = len(inputs) // args.batch
    total, every = args.epochs * per_epoch, max(1, per_epoch // 4)
    rows, seconds, done = [], 0.0, 0
    picked, names = torch.empty(args.batch, PIXELS), torch.empty(args.batch, dtype=torch.int64)
    begin, busy, begin_busy = time.perf_counter(), 0.0, time.process_time()
    for _ in range(args.epochs):
        order = torch.randperm(len(inputs), generator=generator)
        for k in range(per_epoch):
            which = order[k * args.batch:(k + 1) * args.batch]
            torch.index_select(inputs, 0, which, out=picked)
            torch.index_select(labels, 0, which, out=names)
            model.step(picked, names, 0.5 * args.rate * (1 + math.cos(math.pi * done / total)))
            done += 1
            if done % every == 0 or done == total:
                seconds += time.perf_counter() - begin
                busy += time.process_time() - begin_busy
                with torch.no_grad():
                    rows.append((seconds, accuracy(model, *validation), accuracy(model, *test), busy))
                begin, begin_busy = time.perf_counter(), time.process_time()
    return rows


def measure_backprop(args):
    found, test = read_mnist('train'), read_mnist('t10k')
    if not found or not test:
        sys.exit('peers.py: no MNIST: set SWALE_DATA to the folder that has mnist')
    cut = len(found[0]) - len(found[0]) // 10
    mean = found[0][:cut].mean(0)
    data = [(x.sub(mean), y) for x, y in
            ((found[0][:cut], found[1][:cut]), (found[0][cut:], found[1][cut:]), test)]
    for way in args.way:
        for seed in args.seeds:
            rows = train(args, data, seed, way)
            first = {name: {str(goal): next((r[time_] for r in rows if r[score] >= goal / 100), None)
                            for goal in args.goals}
                     for name, score, time_ in (('validation_reached', 1, 0), ('test_reached', 2, 0),
                                                ('validation_reached_cpu', 1, 3), ('test_reached_cpu', 2, 3))}
            emit(what='backprop', way=way, threads=args.threads, seed=seed, epochs=args.epochs, hidden=args.hidden,
                 batch=args.batch, seconds=rows[-1][0], cpu=rows[-1][3], validation=rows[-1][1], test=rows[-1][2],
                 best_test=max(r[2] for r in rows), **first)


def measure_inference(args):
    model = Manual(args.hidden, torch.Generator().manual_seed(args.seed), None)
    inputs = some_images(args.batch)[0]
    rates = []
    with torch.inference_mode():
        for run in range(args.runs + 1):
            count, begin, now = 0, time.perf_counter(), 0.0
            while now < 0.3:
                model.forward(inputs)
                count, now = count + 1, time.perf_counter() - begin
            if run:
                rates.append(count * args.batch / now)
    emit(what='inference', batch=args.batch, hidden=args.hidden, threads=args.threads, rate=median(rates), runs=rates,
         unit='examples/s')


def measure_version(args):
    a = torch.rand(512, 512)
    best = 1e9
    for _ in range(20):
        begin = time.perf_counter()
        torch.mm(a, a)
        best = min(best, time.perf_counter() - begin)
    emit(what='version', torch=torch.__version__, numpy=numpy.__version__, python=sys.version.split()[0],
         blas=blas_name(), product=2e-9 * 512 ** 3 / best, unit='GFLOP/s', coretype=os.environ.get('OPENBLAS_CORETYPE'))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    commands = parser.add_subparsers(dest='command', required=True)

    def command(name, call, hidden, batch, text):
        sub = commands.add_parser(name, help=text)
        sub.set_defaults(call=call)
        sub.add_argument('--hidden', type=int, default=hidden)
        sub.add_argument('--batch', type=int, default=batch)
        sub.add_argument('--threads', type=int, default=1)
        sub.add_argument('--runs', type=int, default=3)
        sub.add_argument('--seed', type=int, default=1)
        return sub
    for name, call, text in (('update', measure_update, 'one update of local entropy by importance sampling'),
                             ('check', check, 'the variants agree')):
        sub = command(name, call, 200, 20, text)
        sub.add_argument('--variant', nargs='+', default=['loop', 'vectorized', 'subspace'],
                         choices=['loop', 'vectorized', 'subspace'])
        sub.add_argument('--memory', nargs='+', default=['regenerate'], choices=['regenerate', 'store'],
                         help='make the noise again for the combination, or keep all of it')
        sub.add_argument('--draws', type=int, default=10000 if name == 'update' else 2000)
        sub.add_argument('--sample', type=int, default=1000,
                         help='draws on which the slow variants (all but subspace) are measured; scaled to --draws')
        sub.add_argument('--tau', type=float, default=1e-3)
        sub.add_argument('--chunk', type=int, default=0, help='draws at once; 0: tuned')
    sub = command('backprop', measure_backprop, 256, 250, 'time to an accuracy on MNIST')
    sub.add_argument('--epochs', type=int, default=10)
    sub.add_argument('--rate', type=float, default=3e-3)
    sub.add_argument('--seeds', type=int, nargs='+', default=[1])
    sub.add_argument('--goals', type=float, nargs='+', default=[95, 97, 98])
    sub.add_argument('--way', nargs='+', default=['manual'], choices=['autograd', 'jit', 'manual'])
    command('inference', measure_inference, 256, 250, 'forward passes per second')
    command('version', measure_version, 256, 250, 'versions, and the product of 512 × 512 matrices')
    return parser.parse_args()


if __name__ == '__main__':
    ARGS = arguments()
    # Threads are workers in an update and the BLAS's elsewhere: a pool of torch beside it would fight for the cores.
    prepare(1 if ARGS.command in ('update', 'check') else ARGS.threads)
    try:
        import numpy
        import torch
        from concurrent.futures import ThreadPoolExecutor
    except ImportError as problem:
        sys.exit(f'peers.py: {problem}')
    torch.set_num_threads(1)
    ARGS.call(ARGS)
