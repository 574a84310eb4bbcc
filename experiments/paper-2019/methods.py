"""methods.py - what is compared: each method's options, and what one update of it costs.

A *scheme* has a parameter tau, which is also the step: its update is x <- E_q X, or the heat scheme's proximal step, and
SGD with rate = tau is the same step for the bare loss. `literal` schemes are the paper's algorithms as printed, `ours` are
the same updates from the estimators of this project. A *recipe* has its own rate and noise, as one would train.
"""
import collections

# evaluations: of the loss of one example per update and example of the batch; gradients: likewise.
Method = collections.namedtuple('Method', 'name label kind scheme gradients evaluations options')

DRAWS = 1000  # of importance sampling
INNER = 20    # steps of a chain, iterations of Robbins-Monro
PER_EXAMPLE = 32  # draws of each example
LAYERS = 2        # of the network, smoothed one at a time by `heat`

METHODS = [
    Method('sgd', 'SGD, rate = τ', 'baseline', True, 1, 0, lambda tau: [
        '--regularizer=none', '--optimizer=sgd', '--momentum=0', f'--rate={tau}', '--rate-schedule=constant']),
    Method('is', 'IS, literal', 'literal', True, 0, DRAWS, lambda tau: [
        '--regularizer=local-entropy', '--noise=weights', '--weighting=literal', '--antithetic=false', '--beta=1',
        f'--samples={DRAWS}', '--optimizer=matching', f'--tau={tau}']),
    Method('sgld', 'SGLD, one chain', 'literal', True, INNER, 0, lambda tau: [
        '--regularizer=local-entropy', '--sampler=langevin', '--chains=1', '--burn=0', '--control=false',
        f'--samples={INNER}', '--optimizer=matching', f'--tau={tau}']),
    Method('hr', 'heat, Robbins–Monro', 'literal', True, INNER, 0, lambda tau: [
        '--regularizer=heat', '--estimator=pathwise', '--noise=weights', '--antithetic=false', '--samples=1',
        f'--inner={INNER}', '--optimizer=robbins-monro', f'--tau={tau}']),
    Method('is-subspace', 'IS, subspace, centered', 'ours', True, 0, DRAWS, lambda tau: [
        '--regularizer=local-entropy', '--noise=subspace', '--group=0', '--beta=1', f'--samples={DRAWS}',
        '--optimizer=matching', f'--tau={tau}']),
    Method('sgld-control', 'SGLD, control variate', 'ours', True, INNER, 0, lambda tau: [
        '--regularizer=local-entropy', '--sampler=langevin', '--chains=1', '--burn=0', '--control=true',
        f'--samples={INNER}', '--optimizer=matching', f'--tau={tau}']),
    Method('hr-score', 'heat, Robbins–Monro, losses only', 'ours', True, 0, INNER * PER_EXAMPLE, lambda tau: [
        '--regularizer=heat', '--noise=subspace', '--group=1', '--smoothing=joint', f'--samples={PER_EXAMPLE}',
        f'--inner={INNER}', '--optimizer=robbins-monro', f'--tau={tau}']),
    Method('local-entropy', 'local entropy, β by ESS, Adam', 'ours', False, 0, DRAWS, lambda tau: [
        '--regularizer=local-entropy', '--noise=subspace', '--group=0', '--sig=0.1', f'--samples={DRAWS}',
        '--optimizer=adam', '--rate=0.003']),
    Method('heat', 'heat, a draw per example, Adam', 'ours', False, 0, LAYERS * PER_EXAMPLE, lambda tau: [
        '--regularizer=heat', '--noise=subspace', '--group=1', '--smoothing=layerwise', f'--samples={PER_EXAMPLE}',
        '--optimizer=adam', '--rate=0.003']),
    Method('adam', 'Adam', 'baseline', False, 1, 0, lambda tau: [
        '--regularizer=none', '--optimizer=adam', '--rate=0.001']),
    Method('sam', 'SAM, Adam', 'baseline', False, 2, 0, lambda tau: [
        '--regularizer=sharpness', '--optimizer=adam', '--rate=0.001']),
    Method('entropy-sgd', 'Entropy-SGD', 'baseline', False, INNER, 0, lambda tau: [
        '--regularizer=local-entropy', '--sampler=entropy-sgd', f'--samples={INNER}', '--alpha=0.75', '--beta=2e8',
        '--tau=1.6667e-7', '--tau-schedule=scoping', '--scoping-rate=0.001', '--step=0.003', '--optimizer=matching']),
    Method('es', 'evolution strategy, ranks', 'baseline', False, 0, 200, lambda tau: [
        '--regularizer=heat', '--noise=weights', '--shaping=rank', '--tau=0.001', '--samples=200', '--generator=block',
        '--optimizer=adam', '--rate=0.01']),
]
BY_NAME = {method.name: method for method in METHODS}
SCHEMES = [method for method in METHODS if method.scheme]

# One gradient of an example is a forward pass, and two products of the same size backward.
PASSES_OF_A_GRADIENT = 3


def passes(method, batch):
    """Forward passes of one example that an update costs."""
    return batch * (method.evaluations + PASSES_OF_A_GRADIENT * method.gradients)


# Refining: the recipes at the rates for a network that is trained already.
REFINE = {'local-entropy': ['--rate=0.0003'], 'adam': ['--rate=0.0001'], 'sam': ['--rate=0.0001'],
          'heat': ['--smoothing=joint', '--sig=0', '--tau=0.01', '--samples=64', '--rate=0.001'],
          'es': ['--rate=0.001']}
