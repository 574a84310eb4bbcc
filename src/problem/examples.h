/* examples.h - a range of a table's examples, as a network takes them. */
#ifndef SWL_PROBLEM_EXAMPLES_H
#define SWL_PROBLEM_EXAMPLES_H

#include "data/dataset.h"
#include "network/network.h"

/* Examples first .. first+count-1 of `table`; pointers into it, nothing is copied. */
static inline swl_examples swl_examples_of(const swl_network *network, const swl_table *table, size_t first,
                                           size_t count) {
  return (swl_examples){
      .count = count,
      .inputs = table->inputs + first * network->inputs,
      .labels = table->labels ? table->labels + first : NULL,
      .targets = table->targets ? table->targets + first * network->outputs : NULL,
      .weights = table->weights ? table->weights + first : NULL,
  };
}

#endif
