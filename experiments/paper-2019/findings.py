"""findings.py - what the numbers say, in sentences that are computed from them."""
from methods import BY_NAME, METHODS, SCHEMES
from studies import NOISE, SWEEP, TAUS
from summary import median

PAIRS = [('is', 'is-subspace'), ('sgld', 'sgld-control'), ('hr', 'hr-score')]
SAME = 0.003  # a difference of medians of less than 0.3 points is called the same


def pick(rows, study, name, tau=None):
    return [r for r in rows if r.study == study and r.method == name and (tau is None or r.tau == tau)]


def accuracy(rows):
    return median(rows, 'test_accuracy')


def ranked(rows, study, tau=None, among=METHODS):
    """[(test accuracy, method)], best first."""
    found = [(accuracy(pick(rows, study, method.name, tau)), method) for method in among]
    return sorted((pair for pair in found if pair[0] == pair[0]), key=lambda pair: -pair[0])


def written(order):
    return '; '.join(f'{method.label.replace(", rate = τ", "")} {100 * value:.1f}' for value, method in order)


def free(method):
    return method.gradients == 0


def equal_updates(rows):
    for tau in TAUS:
        order = ranked(rows, 'training', tau, SCHEMES)
        yield f'**Same updates, τ = {tau:g}.** In order: {written(order)} %.'
    for literal, ours in PAIRS:
        gains = [100 * (accuracy(pick(rows, 'training', ours, tau)) - accuracy(pick(rows, 'training', literal, tau)))
                 for tau in TAUS]
        taus = ' and '.join(f'{gain:+.1f} at τ = {tau:g}' for gain, tau in zip(gains, TAUS)).replace('-', '−')
        yield (f'{BY_NAME[ours].label} in the place of {BY_NAME[literal].label}, the same update otherwise: '
               f'{taus} points.')
    ahead = [f'{tau:g}' for tau in TAUS if ranked(rows, 'training', tau, SCHEMES)[0][1].name == 'sgd']
    if len(ahead) == len(TAUS):
        yield ('No scheme makes more of an update than SGD with rate = τ does: the smoothing costs the early progress '
               'that it takes from the noise.')
    elif ahead:
        yield f'SGD with rate = τ makes the most of an update at τ = {", ".join(ahead)}, and not at the other.'
    else:
        yield 'Some scheme makes more of an update than SGD with rate = τ at every τ.'


def cost(rows):
    def update(name):
        return median(pick(rows, 'training', name), lambda r: r.seconds / r.updates)
    base = update('sgd')
    parts = '; '.join(f'{BY_NAME[name].label} {update(name) / base:.3g}'
                      for name in ('is', 'is-subspace', 'sgld', 'hr', 'hr-score', 'heat'))
    yield f'**Cost of an update** in those of SGD: {parts}.'


def budgets(rows):
    for study, what in (('passes', 'forward passes'), ('seconds', 'seconds')):
        order = ranked(rows, study)
        best, first = order[0]
        value, method = next(pair for pair in order if free(pair[1]))
        schemes = ranked(rows, study, among=[m for m in SCHEMES if m.name != 'sgd'])
        sentence = f'**Same {what}.** {first.label} is first with {100 * best:.1f} %'
        if method is not first:
            gap = best - value
            sentence += (f'; the best without a gradient is {method.label} with {100 * value:.1f} %'
                         + (', the same within 0.3 points' if gap < SAME else f', {100 * gap:.1f} points behind'))
        else:
            sentence += ', without a gradient'
        yield f'{sentence}. Of the schemes {schemes[0][1].label} is best with {100 * schemes[0][0]:.1f} %.'


def sgd_wins(rows):
    """Where plain backpropagation, SGD or Adam, is ahead of everything that samples, and where it is not."""
    wins, losses = [], []
    for study, what in (('training', 'updates'), ('passes', 'passes'), ('seconds', 'seconds')):
        order = ranked(rows, study)
        plain = next(value for value, method in order if method.name in ('sgd', 'adam'))
        rival, method = next(pair for pair in order if pair[1].name not in ('sgd', 'adam', 'sam'))
        told = f'{what} ({100 * plain:.1f} against {100 * rival:.1f} % of {method.label})'
        (wins if plain >= rival else losses).append(told)
    if wins:
        yield f'**Where SGD or Adam wins**: at the same {"; ".join(wins)}.'
    if losses:
        yield f'Where sampling wins: at the same {"; ".join(losses)}.'


def refining(rows):
    better, worse, robust = [], [], []
    for method in METHODS:
        mine = pick(rows, 'refining', method.name)
        clean = median(mine, lambda r: r.test_accuracy - r.start_accuracy)
        noisy = median(mine, lambda r: r.noisy_accuracy - r.start_noisy)
        if method.kind != 'baseline' and clean >= 0:
            better.append(f'{method.label} ({100 * clean:+.1f})')
        if method.kind != 'baseline' and clean < -SAME:
            worse.append(f'{method.label} ({100 * clean:+.1f})'.replace('-', '−'))
        if noisy > 0.01:
            robust.append(f'{method.label} ({100 * noisy:+.1f})')
    yield f'**Refining after SGD**: without loss of accuracy: {"; ".join(better) or "none of the sampling methods"}.'
    if worse:
        yield f'Refining loses more than 0.3 points with {"; ".join(worse)}.'
    yield (f'By more than a point of accuracy with N(0, {NOISE:g} I) on the weights gain: '
           f'{"; ".join(robust) or "none"}.')


def monotone(rows):
    counts = {}
    for row in (r for r in rows if r.study == 'monotone'):
        kept = counts.setdefault(BY_NAME[row.method].label, [0, 0, 0])
        for at, field in enumerate(('held', 'undecided', 'violated')):
            kept[at] += getattr(row, field) or 0
    told = '; '.join(f'{label}: {held:,} held, {undecided:,} undecided, {violated:,} violated'
                     for label, (held, undecided, violated) in counts.items())
    yield f'**Monotonicity** of the objective on its batch: {told}.'


def choice(rows):
    told = []
    for method in SCHEMES:
        mine = [r for r in rows if r.method == method.name and r.study in ('training', 'tau')]
        best = max(SWEEP, key=lambda tau: accuracy([r for r in mine if r.tau == tau]))
        told.append(f'{method.label.replace(", rate = τ", "")} {best:g}')
    yield f'**The choice of τ** after this number of updates, best of {", ".join(f"{t:g}" for t in SWEEP)}: {"; ".join(told)}.'


def findings(rows):
    for part in (equal_updates, cost, budgets, sgd_wins, refining, monotone, choice):
        yield from part(rows)
