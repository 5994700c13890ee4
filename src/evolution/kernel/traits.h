// A network with traits (network/plan-traits.ts) in the kernel's memory, and how a neuron sees it:
// two lanes at a time, which is one vector, number `v` of the `vectors` that a row of lanes has.
//
// One copy of the code serves every number of lanes; only the sum of the links and tanh, where most
// of the time goes, are unrolled for each (row.h). In f64 only.
#pragma once
#include "activations.h"

// Of 16 lanes.
#define VECTORS_MAX 8

// Numbers of the genotype are rows, too: of one vector, good for all lanes, where these live one
// genotype (width 1, step 0); of all lanes where they live several (width `vectors`, step 1).
// Weights likewise, but a lane has its own, too, where something learns. Filled by
// kernel-traits.ts, in this order.
typedef struct {
  network plain;
  int32_t vectors, width, step, weight_width, weight_step;
  // Whether any sum has a response other than 1; whether weights learn; whether there are delays.
  int32_t has_responses, learns, has_delays;
  const uint8_t *kind, *aggregation, *rule, *processing, *begins;
  const int32_t *modulatory, *coefficient_ptr;
  // Of each neuron, where its parameters and those of its links begin.
  const int32_t *parameter_ptr;
  // `pace` is what the kind of neuron makes of the time constant, the same for all ticks.
  const f64x2 *bias, *response, *pace, *state_bound;
  const f64x2 *coefficients, *parameters, *link_parameters;
  f64x2 *weights;
  // The genotype's, which those that have learnt become again.
  const f64x2 *inherited_weights;
  int32_t weight_bytes;
  // What an episode begins without: the values behind the inputs, and the next four.
  f64x2 *memory;
  int32_t memory_bytes;
  // By neuron, [neuron][vector]: what a delay has taken in, what is left of spikes.
  f64x2 *delayed, *spikes;
  // By link, [link][vector]: what came in at the last firing, what is left of what came in.
  f64x2 *previous, *traces;
  // As many vectors as a neuron that takes the median has links.
  f64x2 *terms;
  // Null where no actuator processes its outputs.
  f64x2 *outputs;
  double time_step;
} trait_network;

_Static_assert(__builtin_offsetof(trait_network, time_step) == 184, "as in kernel-traits.ts");

INLINE f64x2 splat(double x) { return (f64x2){x, x}; }

// Where the mask is set, x, else y.
INLINE f64x2 choose(i64x2 mask, f64x2 x, f64x2 y) {
  return (f64x2)wasm_v128_bitselect((v128_t)x, (v128_t)y, (v128_t)mask);
}

INLINE f64x2 magnitude(f64x2 x) { return (f64x2)wasm_f64x2_abs((v128_t)x); }

// Number `i` of a part of the genotype.
INLINE f64x2 number(const trait_network *net, const f64x2 *part, int i, int v) {
  return part[i * net->width + v * net->step];
}

// What link k carries now.
INLINE f64x2 arrival(const trait_network *net, int k, int v) {
  const f64x2 *const values = net->plain.values;
  return values[net->plain.col[k] * net->vectors + v];
}

INLINE f64x2 weight_of(const trait_network *net, int k, int v) {
  return net->weights[k * net->weight_width + v * net->weight_step];
}

#define VECTORS 1
#define ROW(name) name##_x1
#include "row.h"
#define VECTORS 2
#define ROW(name) name##_x2
#include "row.h"
#define VECTORS 4
#define ROW(name) name##_x4
#include "row.h"
#define VECTORS 8
#define ROW(name) name##_x8
#include "row.h"
