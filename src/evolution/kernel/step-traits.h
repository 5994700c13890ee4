// A tick of a network with traits: network/stateful-neurons.ts, operation for operation in every
// lane.
#pragma once
#include "aggregations.h"
#include "output-processing.h"
#include "plasticity.h"

// Value of the slot in every lane.
INLINE void copy_row(const trait_network *net, f64x2 *to, const f64x2 *from) {
  for (int v = 0; v < net->vectors; v++) to[v] = from[v];
}

// Neuron i answers, then learns, and only then shows its answer: a link to itself still carries the
// one before.
INLINE void fire(const trait_network *net, int i) {
  f64x2 *const out = (f64x2 *)net->plain.values + (net->plain.inputs + i) * net->vectors;
  f64x2 answer[VECTORS_MAX];
  if (net->kind[i] == DELAY) return copy_row(net, out, net->delayed + i * net->vectors);
  sum_of(net, i, answer);
  respond(net, i, answer);
  if (net->rule[i] != NONE) learn(net, i, answer);
  copy_row(net, out, answer);
}

// All neurons have fired: a delay takes in what it will answer next.
static void capture(const trait_network *net, int i) {
  f64x2 *const taken = net->delayed + i * net->vectors;
  sum_of(net, i, taken);
  if (net->rule[i] != NONE) learn(net, i, taken);
}

EXPORT NOINLINE void step_traits(const trait_network *const net) {
  f64x2 *const values = net->plain.values;
  f64x2 *held = values + (net->plain.inputs + net->plain.neurons) * net->vectors;
  for (int h = 0; h < net->plain.held_count; h++, held += net->vectors) {
    copy_row(net, held, values + net->plain.held[h] * net->vectors);
  }
  for (int i = 0; i < net->plain.neurons; i++) fire(net, i);
  if (net->has_delays) {
    for (int i = 0; i < net->plain.neurons; i++) {
      if (net->kind[i] == DELAY) capture(net, i);
    }
  }
  if (net->outputs) process_outputs(net);
}

// An episode begins in every lane.
EXPORT void forget_traits(const trait_network *const net) {
  __builtin_memset(net->memory, 0, net->memory_bytes);
  if (net->learns) __builtin_memcpy(net->weights, net->inherited_weights, net->weight_bytes);
}

// The first answers to what the inputs are now.
static f64x2 *answer_once(const trait_network *net, f64x2 *out) {
  const int vectors = net->vectors;
  const int first = net->plain.inputs + net->plain.neurons - net->plain.outputs;
  forget_traits(net);
  step_traits(net);
  const f64x2 *from = net->outputs;
  if (!from) from = (f64x2 *)net->plain.values + first * vectors;
  for (int n = net->plain.outputs * vectors; n > 0; n--) *out++ = *from++;
  return out;
}

// As `answer` of step.h.
EXPORT void answer_traits(const trait_network *const net, const f64x2 *in, f64x2 *out, int tiles) {
  for (; tiles > 0; tiles--) {
    f64x2 *values = net->plain.values;
    for (int n = net->plain.inputs * net->vectors; n > 0; n--) *values++ = *in++;
    out = answer_once(net, out);
  }
}

// As `answer_each` of step.h.
EXPORT void answer_each_traits(const trait_network *const net, const double *in, f64x2 *out,
                               int samples) {
  for (; samples > 0; samples--) {
    f64x2 *values = net->plain.values;
    for (int i = 0; i < net->plain.inputs; i++, in++) {
      for (int v = 0; v < net->vectors; v++) *values++ = splat(*in);
    }
    out = answer_once(net, out);
  }
}
