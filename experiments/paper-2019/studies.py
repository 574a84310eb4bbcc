"""studies.py - which runs are made, and what each of them gives: rows for results.csv and curves.csv."""
import dataclasses
import functools
import statistics

from methods import BY_NAME, METHODS, REFINE, SCHEMES, passes

TAUS = [0.1, 0.01]
SWEEP = [0.001, 0.01, 0.1, 1.0]
SLOW = 'is'  # its noise is on every weight: one seed where the sweep leaves the two values of tau
NOISE = 0.01  # variance of the noise on the weights under which what was refined is measured


@dataclasses.dataclass
class Sizes:
    """How much is done."""
    updates: int = 500
    every: int = 10
    passes: int = 1_000_000
    seconds: float = 10
    pretrain: int = 2700
    refine: int = 250
    refine_every: int = 5
    monotone: int = 100
    batch: int = 20
    model: str = 'mlp:784-200-10'


QUICK = Sizes(updates=10, every=2, refine_every=2, passes=20_000, seconds=0.05, pretrain=40, refine=5, monotone=2)


@dataclasses.dataclass
class Row:
    """One run."""
    study: str
    method: str
    tau: float | None
    seed: int
    updates: int
    seconds: float
    passes: float
    test_accuracy: float
    validation_accuracy: float
    stop: str
    noisy_accuracy: float | None = None
    start_accuracy: float | None = None
    start_noisy: float | None = None
    held: int | None = None
    undecided: int | None = None
    violated: int | None = None
    curve: list = dataclasses.field(default_factory=list, repr=False)  # (update, seconds, validation accuracy, ESS / N)

    def reached(self, update):
        """Validation accuracy at an update; where the run stopped before, the last there is."""
        return next((point[2] for point in reversed(self.curve) if point[0] <= update), float('nan'))


def common(data, seed, sizes, updates, every):
    return [f'--data={data}', f'--model={sizes.model}', f'--batch={sizes.batch}', f'--updates={updates}',
            f'--evaluate-every={every}', f'--seed={seed}', '--restores=0']


def row(study, method, tau, seed, found, sizes):
    """A Row of the records of a run."""
    final = found[-1]
    curve = [(r['update'], r['seconds'], r['validation_accuracy'], r['ess']) for r in found
             if r['event'] == 'evaluation']
    return Row(study, method.name, tau, seed, final['updates'], final['seconds'],
               final['updates'] * passes(method, sizes.batch), final['test_accuracy'], final['validation_accuracy'],
               final['stop'], held=final.get('held'), undecided=final.get('undecided'),
               violated=final.get('violated'), curve=curve)


class Studies:
    """All studies on one data set."""

    def __init__(self, runner, data, seeds, sizes):
        self.runner, self.data, self.seeds, self.sizes = runner, data, range(1, seeds + 1), sizes

    def train(self, study, method, tau, seed, updates, every, *more):
        options = common(self.data, seed, self.sizes, updates, every) + method.options(tau) + list(more)
        name = '-'.join([study, method.name] + ([f'tau{tau:g}'] if method.scheme else []) + [f'seed{seed}'])
        found, _ = self.runner.train(name, options)
        return row(study, method, tau if method.scheme else None, seed, found, self.sizes)

    def training(self):
        """The same number of updates from the same initial weights."""
        return self.runner.together('training', [
            functools.partial(self.train, 'training', method, tau, seed, self.sizes.updates, self.sizes.every)
            for method in METHODS for tau in (TAUS if method.scheme else TAUS[:1]) for seed in self.seeds])

    def budgets(self, study, trained, updates_of):
        """A budget other than updates; schemes at the tau at which they did better on validation examples."""
        calls = []
        for method in METHODS:
            rows = [r for r in trained if r.method == method.name]
            tau = max(TAUS, key=lambda t: statistics.median([r.validation_accuracy for r in rows if r.tau == t] or [0]))
            updates = max(1, round(updates_of(method, [r for r in rows if r.tau in (tau, None)])))
            calls += [functools.partial(self.train, study, method, tau, seed, updates, max(1, updates // 25))
                      for seed in self.seeds]
        return self.runner.together(study, calls)

    def by_passes(self, trained):
        return self.budgets('passes', trained, lambda method, _: self.sizes.passes / passes(method, self.sizes.batch))

    def by_seconds(self, trained):
        def affordable(_, rows):
            return self.sizes.seconds / statistics.median(r.seconds / r.updates for r in rows)
        return self.budgets('seconds', trained, affordable)

    def pretrained(self, seed):
        """The folder of what SGD left, and its accuracy on test examples without and with noise on the weights."""
        options = common(self.data, seed, self.sizes, self.sizes.pretrain, self.sizes.pretrain)
        found, folder = self.runner.train(f'start-seed{seed}', options + BY_NAME['sgd'].options(0.1))
        return folder, found[-1]['test_accuracy'], self.noisy(folder)

    def noisy(self, folder):
        said = self.runner.evaluate(folder, [f'--perturb-taus={NOISE:g}', '--perturb-relative=0.2', '--bits=4',
                                             '--perturb-draws=10', '--examples=100', '--directions=1', '--taus=1e-4'])
        return said['noise'][0]['accuracy']

    def refined(self, method, seed, start):
        """One run from what SGD left, and how well it stands noise."""
        folder, clean, noisy = start
        options = common(self.data, seed, self.sizes, self.sizes.refine, self.sizes.refine_every)
        options = [o for o in options if not o.startswith('--model=')] + [f'--model={folder}/model.safetensors']
        own = {o.split('=')[0]: o for o in method.options(NOISE) + REFINE.get(method.name, [])}
        found, folder = self.runner.train(f'refining-{method.name}-seed{seed}', options + list(own.values()))
        made = row('refining', method, NOISE if method.scheme else None, seed, found, self.sizes)
        return dataclasses.replace(made, noisy_accuracy=self.noisy(folder), start_accuracy=clean, start_noisy=noisy)

    def refining(self):
        starts = self.runner.together('start', [functools.partial(self.pretrained, seed) for seed in self.seeds])
        return self.runner.together('refining', [
            functools.partial(self.refined, method, seed, start)
            for method in METHODS for seed, start in zip(self.seeds, starts)])

    def monotone(self):
        """Each update's decrease of the objective against the one that the theory promises."""
        return self.runner.together('monotone', [
            functools.partial(self.train, 'monotone', BY_NAME[name], tau, seed, self.sizes.monotone,
                              self.sizes.monotone, '--monotone')
            for name in ('is', 'is-subspace', 'hr-score') for tau in TAUS
            for seed in (self.seeds if name != SLOW else self.seeds[:1])])

    def sweep(self):
        """More values of tau = rate."""
        return self.runner.together('tau', [
            functools.partial(self.train, 'tau', method, tau, seed, self.sizes.updates, self.sizes.every)
            for method in SCHEMES for tau in SWEEP if tau not in TAUS
            for seed in (self.seeds if method.name != SLOW else self.seeds[:1])])


def all_of(runner, data, seeds, quick):
    """Every study's rows."""
    sizes = QUICK if quick else Sizes()
    studies = Studies(runner, data, seeds, sizes)
    trained = studies.training()
    rows = (trained + studies.by_passes(trained) + studies.by_seconds(trained) + studies.refining() +
            studies.monotone() + studies.sweep())
    return {'data': data, 'seeds': seeds, 'sizes': sizes, 'rows': rows, 'minutes': runner.minutes()}
