/* swale.h - everything: train networks, and minimize any loss that can only be evaluated, by sampling.
 *
 * source: N. García Trillos, Z. Kaplan, D. Sanz-Alonso, "Variational Characterizations of Local Entropy and Heat
 * Regularization in Deep Learning", Entropy 21(5):511, 2019.
 */
#ifndef SWALE_SWALE_H
#define SWALE_SWALE_H

#include <swale/data.h>
#include <swale/model.h>
#include <swale/mpi.h>
#include <swale/options.h>
#include <swale/problem.h>
#include <swale/records.h>
#include <swale/registry.h>
#include <swale/report.h>
#include <swale/run.h>
#include <swale/status.h>
#include <swale/trainer.h>

#endif
