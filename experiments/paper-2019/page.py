"""page.py - results.csv, curves.csv, and README.md: the tables, and what they say in plain words."""
import csv
import os
import platform
import shutil
import statistics

import figures
from findings import findings
from methods import BY_NAME, METHODS, SCHEMES, passes
from studies import NOISE, SWEEP, TAUS
from summary import count, median, percent, points, seconds, table, values

FIELDS = ['study', 'method', 'tau', 'seed', 'updates', 'seconds', 'passes', 'test_accuracy', 'validation_accuracy',
          'stop', 'noisy_accuracy', 'start_accuracy', 'start_noisy', 'held', 'undecided', 'violated']


def write_csv(rows, out):
    with open(os.path.join(out, 'results.csv'), 'w', encoding='utf-8', newline='') as stream:
        writer = csv.writer(stream, lineterminator='\n')
        writer.writerow(FIELDS)
        writer.writerows([getattr(row, field) for field in FIELDS] for row in rows)
    with open(os.path.join(out, 'curves.csv'), 'w', encoding='utf-8', newline='') as stream:
        writer = csv.writer(stream, lineterminator='\n')
        writer.writerow(['study', 'method', 'tau', 'seed', 'update', 'seconds', 'validation_accuracy', 'ess'])
        for row in rows:
            writer.writerows([row.study, row.method, row.tau, row.seed, update, f'{spent:.4g}', f'{accuracy:.5g}',
                              '' if ess is None else f'{ess:.4g}'] for update, spent, accuracy, ess in row.curve)


def groups(rows, study):
    """(method, tau, rows of all seeds) in the order of the methods."""
    for method in METHODS:
        mine = [row for row in rows if row.study == study and row.method == method.name]
        for tau in sorted({row.tau for row in mine}, key=lambda t: -(t or 0)):
            yield method, tau, [row for row in mine if row.tau == tau]


def name(method, tau):
    return method.label.replace('τ', f'τ = {tau:g}') if method.name == 'sgd' else (
        method.label + (f', τ = {tau:g}' if tau else ''))


def result(rows):
    """Test accuracy, and how many runs diverged: theirs is that of the last good parameters."""
    gone = sum(row.stop == 'diverged' for row in rows)
    return percent(rows, 'test_accuracy') + (f', diverged: {gone} of {len(rows)}' if gone else '')


def table_training(rows, sizes):
    at = [round(sizes.updates * fraction / 5) for fraction in range(1, 6)]
    base = median([r for r in rows if r.study == 'training' and r.method == 'sgd'], lambda r: r.seconds / r.updates)
    body = []
    for method, tau, mine in groups(rows, 'training'):
        each = median(mine, lambda r: r.seconds / r.updates)
        body.append([method.kind, name(method, tau)] + [f'{100 * median(mine, lambda r, u=u: r.reached(u)):.1f}' for u in at]
                    + [result(mine), seconds(each), f'{each / base:.3g} ×',
                       count(passes(method, sizes.batch))])
    return table(['', 'method'] + [f'{u}' for u in at] + ['test accuracy, %', 'an update', 'of SGD', 'its passes'], body)


def table_budgets(rows):
    body = []
    for method, tau, mine in groups(rows, 'seconds'):
        same = [r for r in rows if r.method == method.name and r.tau == tau]
        by = {study: [r for r in same if r.study == study] for study in ('training', 'passes', 'seconds')}
        body.append([method.kind, name(method, tau), result(by['training']),
                     result(by['passes']), count(median(by['passes'], 'updates')),
                     result(mine), count(median(mine, 'updates'))])
    return table(['', 'method', 'same updates', 'same passes', 'updates', 'same seconds', 'updates'], body)


def gained(row):
    return row.test_accuracy - row.start_accuracy


def gained_noisy(row):
    return row.noisy_accuracy - row.start_noisy


def table_refining(rows):
    body = [[method.kind, name(method, tau), result(mine), points(mine, gained),
             percent(mine, 'noisy_accuracy'), points(mine, gained_noisy), seconds(median(mine, 'seconds'))]
            for method, tau, mine in groups(rows, 'refining')]
    return table(['', 'method', 'test accuracy, %', 'change', 'with noise, %', 'change', 'seconds'], body)


def rises(row):
    """The fraction of evaluations whose error is above that of the evaluation before."""
    found = [1 - point[2] for point in row.curve]
    return sum(b > a for a, b in zip(found, found[1:])) / max(1, len(found) - 1)


def unrest(row):
    """Standard deviation of the change of the error from one evaluation to the next."""
    found = [point[2] for point in row.curve]
    changes = [b - a for a, b in zip(found, found[1:])]
    return statistics.pstdev(changes) if changes else float('nan')


def worst(row):
    """How far the accuracy fell below that of the first evaluation."""
    found = [point[2] for point in row.curve]
    return found[0] - min(found)


def table_stability(rows):
    body = []
    for method, tau, mine in groups(rows, 'refining'):
        body.append([method.kind, name(method, tau), f'{100 * median(mine, rises):.0f} %',
                     f'{100 * median(mine, unrest):.2f}', f'{100 * median(mine, worst):.2f}'])
    return table(['', 'method', 'evaluations that were worse than the one before', 'standard deviation of a change',
                  'worst fall'], body)


def table_monotone(rows):
    body = [[method.kind, name(method, tau)] + [count(sum(values(mine, field)))
                                                for field in ('held', 'undecided', 'violated')]
            for method, tau, mine in groups(rows, 'monotone')]
    return table(['', 'method', 'held', 'undecided', 'violated'], body)


def table_sweep(rows):
    body = []
    for method in SCHEMES:
        mine = [r for r in rows if r.method == method.name and r.study in ('training', 'tau')]
        body.append([method.kind, method.label] + [result([r for r in mine if r.tau == tau])
                                                   for tau in SWEEP])
    return table(['', 'method'] + [f'τ = {tau:g}' for tau in SWEEP], body)


def machine():
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as stream:
            model = next(line.split(':')[1].strip() for line in stream if line.startswith('model name'))
    except (OSError, StopIteration):
        model = platform.machine()
    return f'{os.cpu_count()} processors of type {model}'


PAGE = """# García Trillos, Kaplan, Sanz-Alonso (2019), section 6, again

Written by `experiments/paper-2019/run` in {minutes:.0f} minutes on {machine}, each run on one thread, data {data}. Network
{model} (ReLU, He initialization), batches of {batch}, {seeds} seeds: the median, and the range in parentheses. Runs of one
seed begin at the same weights and see the same batches. Accuracies in tables over updates and in the figures are those of the
validation examples, which decide every choice; the test examples are looked at once per run. A run that diverges ends there, with its last good parameters. Seconds are those of
training, without evaluation. A pass is one forward pass of one example; a gradient counts as three. `results.csv` has
every run, `curves.csv` every evaluation.

A scheme has one parameter, τ, which is its step: x ← E_q X, or the heat scheme's proximal step; β = 1. *Literal* are the
paper's algorithms as printed: importance sampling (IS) with {draws} draws on the weights, one Langevin chain (SGLD) of
{inner} steps, Robbins–Monro with {inner} gradients. *Ours* are the same updates from other estimators: draws in the subspace
that the losses see, centered weights; the control variate of the chain; losses in the place of gradients with a draw for each example.
Recipes have rates and noise of their own (methods.py has every option).

## What was found

{findings}

## Training from random initial weights

{training}

![Validation accuracy against updates](training.svg)

## The same budget: updates, passes, seconds

{updates} updates; {passes} forward passes; {seconds:g} seconds of one core (updates = seconds / the time of an update above).
Schemes at the better τ of the two on validation examples. Test accuracy, %.

{budgets}

![Validation accuracy against seconds](seconds.svg)

## Refining after SGD

{refine} updates after {pretrain} of SGD at rate 0.1 (test accuracy {start} %, with N(0, {noise:g} I) on all weights and biases
{start_noisy} %). Schemes at τ = {noise:g}; recipes at a tenth of their rate, heat with all layers together at τ = {noise:g}
and 64 draws. Changes in points of test accuracy, seed by seed; the figure leaves out what fell by more than 4.

{refining}

![Accuracy with noise on the weights against accuracy without](refining.svg)

## Stability and monotonicity

Of the validation error while refining, every {refine_every} updates, in points (the figure leaves out what is beyond twice the first):

{stability}

![Validation error against updates after SGD, seed 1](stability.svg)

The theory promises that each update decreases the objective of its batch by at least |x' − x|²/(2τ). Measured with fresh
draws during {monotone} updates from random initial weights, less the part of the step that is sampling error; held or violated
beyond three standard errors (`monotone = true`):

{monotone_table}

## The choice of τ

Test accuracy after {updates} updates, % (literal IS: one seed at the first and last τ).

{sweep}

![Test accuracy against τ](tau.svg)
"""


def write(found, out):
    rows, sizes = found['rows'], found['sizes']
    write_csv(rows, out)
    plots = bool(shutil.which('gnuplot'))
    if plots:
        figures.all_of(rows, out, TAUS)
    refined = [r for r in rows if r.study == 'refining' and r.method == 'sgd']
    text = PAGE.format(
        minutes=found['minutes'], machine=machine(), data=found['data'], model=sizes.model, batch=sizes.batch,
        seeds=found['seeds'], draws=BY_NAME['is'].evaluations, inner=BY_NAME['hr'].gradients,
        findings='\n'.join(f'- {sentence}' for sentence in findings(rows)), training=table_training(rows, sizes),
        updates=count(sizes.updates), passes=count(sizes.passes), seconds=sizes.seconds, budgets=table_budgets(rows),
        refine=sizes.refine, pretrain=count(sizes.pretrain), start=percent(refined, 'start_accuracy'), noise=NOISE,
        start_noisy=percent(refined, 'start_noisy'), refining=table_refining(rows), refine_every=sizes.refine_every,
        stability=table_stability(rows), monotone=sizes.monotone, monotone_table=table_monotone(rows),
        sweep=table_sweep(rows))
    if not plots:
        text += '\ngnuplot was not found: there are no figures, and curves.csv has their numbers.\n'
    with open(os.path.join(out, 'README.md'), 'w', encoding='utf-8') as stream:
        stream.write(text)
