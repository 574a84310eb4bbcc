"""figures.py - the SVG figures, by gnuplot."""
import itertools
import os
import statistics
import subprocess

from methods import BY_NAME, METHODS, SCHEMES

COLORS = {'sgd': '#222222', 'is': '#d1495b', 'sgld': '#edae49', 'hr': '#66a182', 'is-subspace': '#d1495b',
          'sgld-control': '#edae49', 'hr-score': '#66a182', 'local-entropy': '#8f2d56', 'heat': '#1b6ca8',
          'adam': '#777777', 'sam': '#9a8c98', 'entropy-sgd': '#b5838d', 'es': '#5c4d7d'}


def style(name):
    """Literal schemes are dashed; every method has its color, a scheme the same in both forms."""
    kind = BY_NAME[name].kind
    dash = {'literal': 'dashtype 2', 'ours': 'dashtype 1', 'baseline': 'dashtype 4'}[kind]
    return f'linewidth 2 {dash} linecolor rgb "{COLORS[name]}"'


def draw(out, name, size, script):
    """One figure; gnuplot's inline data may be anywhere in the script."""
    head = [f'set terminal svg size {size} font "sans-serif,12" background "white"',
            f'set output "{os.path.join(out, name)}"', 'set border 3', 'set tics nomirror',
            'set grid linecolor rgb "#dddddd"', 'set style fill solid 0.8 noborder']
    subprocess.run(['gnuplot'], input='\n'.join(head + script) + '\n', text=True, check=True)


def block(name, lines):
    return [f'${name} << EOD'] + [' '.join(str(cell) for cell in line) for line in lines] + ['EOD']


def across(rows, x):
    """(x, median, least, greatest) of the accuracies in per cent, over seeds, by the number of the evaluation."""
    made = []
    for points in zip(*(row.curve for row in rows)):
        heights = [100 * point[2] for point in points]
        made.append((statistics.median(point[x] for point in points), statistics.median(heights), min(heights),
                     max(heights)))
    return made


def curves(rows, names, x, numbers):
    """Blocks of data, with the next of the numbers as names, and the plot command of medians over seeds, within ranges."""
    data, bands, lines = [], [], []
    for name in names:
        mine = [row for row in rows if row.method == name]
        if not mine:
            continue
        key = f'd{next(numbers)}'
        data += block(key, across(mine, x))
        bands.append(f'${key} using 1:3:4 with filledcurves fillstyle transparent solid 0.15 noborder '
                     f'linecolor rgb "{COLORS[name]}" notitle')
        lines.append(f'${key} using 1:2 with lines {style(name)} title "{BY_NAME[name].label}"')
    return data, 'plot ' + ', '.join(bands + lines)


def training(rows, out, taus):
    """Accuracy against updates: the schemes at each tau, then the recipes."""
    script = [f'set multiplot layout 1,{len(taus) + 1} columnsfirst', 'set key bottom right font ",10"',
              'set xlabel "updates"', 'set yrange [40:100]', 'set ylabel "validation accuracy, %"']
    mine, numbers = [row for row in rows if row.study == 'training'], itertools.count()
    for tau in taus:
        data, plot = curves([r for r in mine if r.tau == tau], [m.name for m in SCHEMES], 0, numbers)
        script += data + [f'set title "the schemes, τ = rate = {tau:g}"', plot]
    data, plot = curves([r for r in mine if r.tau is None], [m.name for m in METHODS if not m.scheme], 0, numbers)
    script += data + ['set title "recipes, each at its own rate"', plot, 'unset multiplot']
    draw(out, 'training.svg', f'{430 * (len(taus) + 1)},420', script)


def budget(rows, out):
    """Accuracy against seconds, where all have the same number of seconds."""
    mine = [row for row in rows if row.study == 'seconds']
    data, plot = curves(mine, [m.name for m in METHODS], 1, itertools.count())
    draw(out, 'seconds.svg', '900,480', data + [
        'set key outside right', 'set xlabel "seconds of training on one core"', 'set logscale x',
        'set ylabel "validation accuracy, %"', 'set yrange [40:100]', plot])


def refining(rows, out):
    """Accuracy with noise on the weights against accuracy without, where each run ended."""
    mine = [row for row in rows if row.study == 'refining']
    start = [(100 * r.start_accuracy, 100 * r.start_noisy) for r in mine if r.method == mine[0].method]
    left = min(clean for clean, _ in start) - 4
    data, plots = block('start', start), ['$start using 1:2 with points pointtype 2 pointsize 1.2 linewidth 2 '
                                          'linecolor rgb "#000000" title "what SGD left"']
    for number, method in enumerate(METHODS):
        key = 'r_' + method.name.replace('-', '_')
        data += block(key, [(100 * r.test_accuracy, 100 * r.noisy_accuracy) for r in mine if r.method == method.name])
        shape = {'literal': 6, 'ours': 7, 'baseline': 5 if number else 9}[method.kind]
        plots.append(f'${key} using 1:2 with points pointtype {shape} pointsize 0.9 '
                     f'linecolor rgb "{COLORS[method.name]}" title "{method.label}"')
    draw(out, 'refining.svg', '900,480', data + [
        'set key outside right', f'set xrange [{left}:*]', 'set xlabel "test accuracy, %"',
        'set ylabel "test accuracy with N(0, 0.01 I) on all weights, %"', 'plot ' + ', '.join(plots)])


def stability(rows, out):
    """Validation error against updates after SGD, first seed."""
    names = ['sgd', 'is', 'sgld', 'hr', 'is-subspace', 'sgld-control', 'hr-score', 'heat', 'adam']
    mine = [row for row in rows if row.study == 'refining' and row.seed == 1]
    worst = 100 - 100 * mine[0].curve[0][2]  # the first, by SGD; what is beyond twice of it is left out
    data, plots = [], []
    for name in names:
        for row in mine:
            if row.method == name:
                key = 's_' + name.replace('-', '_')
                data += block(key, [(point[0], 100 - 100 * point[2]) for point in row.curve])
                plots.append(f'${key} using 1:2 with lines {style(name)} title "{BY_NAME[name].label}"')
    draw(out, 'stability.svg', '900,480', data + [
        'set key outside right', 'set xlabel "updates after SGD"', 'set ylabel "validation error, %"',
        f'set yrange [*:{2 * worst}]', 'plot ' + ', '.join(plots)])


def choice(rows, out):
    """Test accuracy against tau."""
    data, plots = [], []
    mine = [row for row in rows if row.study in ('training', 'tau')]
    for method in SCHEMES:
        key = 't_' + method.name.replace('-', '_')
        lines = []
        for tau in sorted({r.tau for r in mine if r.method == method.name}):
            found = [100 * r.test_accuracy for r in mine if r.method == method.name and r.tau == tau]
            lines.append((tau, statistics.median(found), min(found), max(found)))
        data += block(key, lines)
        plots.append(f'${key} using 1:2 with linespoints pointtype 7 pointsize 0.5 {style(method.name)} '
                     f'title "{method.label}"')
        plots.append(f'${key} using 1:2:3:4 with yerrorbars pointtype 0 linecolor rgb "{COLORS[method.name]}" notitle')
    draw(out, 'tau.svg', '900,440', data + [
        'set key outside right', 'set pointintervalbox 0', 'set logscale x', 'set xlabel "τ = rate"', 'set yrange [0:100]',
        'set ylabel "test accuracy, %"', 'plot ' + ', '.join(plots)])


def all_of(rows, out, taus):
    training(rows, out, taus)
    budget(rows, out)
    refining(rows, out)
    stability(rows, out)
    choice(rows, out)
