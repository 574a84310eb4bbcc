"""summary.py - medians and ranges over seeds, and how they are written."""
import math
import statistics


def values(rows, field):
    """The field of every row that has it; `field` is a name or a function of a row."""
    found = [field(row) if callable(field) else getattr(row, field) for row in rows]
    return [value for value in found if value is not None and not math.isnan(value)]


def median(rows, field):
    found = values(rows, field)
    return statistics.median(found) if found else float('nan')


def percent(rows, field):
    """Median and range in per cent."""
    found = [100 * value for value in values(rows, field)]
    if not found:
        return '—'
    middle = f'{statistics.median(found):.1f}'
    return middle if len(found) == 1 else f'{middle} ({min(found):.1f}–{max(found):.1f})'


def points(rows, field):
    """Median and range of a difference, in percentage points."""
    found = [100 * value for value in values(rows, field)]
    if not found:
        return '—'
    middle = f'{statistics.median(found):+.2f}'.replace('-', '−')
    if len(found) == 1:
        return middle
    return f'{middle} ({min(found):+.2f} to {max(found):+.2f})'.replace('-', '−')


def seconds(value):
    """A duration with two digits."""
    if value < 1e-3:
        return f'{value * 1e6:.0f} µs'
    if value < 1:
        return f'{value * 1e3:.2g} ms' if value < 0.0995 else f'{value * 1e3:.0f} ms'
    return f'{value:.1f} s'


def count(value):
    """A number with commas."""
    return f'{value:,.0f}'


def table(head, rows):
    """A Markdown table; `head` and each of `rows` are lists of texts."""
    lines = ['| ' + ' | '.join(head) + ' |', '|' + ' --- |' * len(head)]
    return '\n'.join(lines + ['| ' + ' | '.join(cells) + ' |' for cells in rows])
