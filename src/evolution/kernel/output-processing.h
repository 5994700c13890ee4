// What actuators make of outputs: network/output-processing.ts, operation for operation.
#pragma once
#include "traits.h"

// Codes: the places of the names in actuatorProcessings of genotype.ts.
enum processing { AS_IS, THRESHOLD, SOFTMAX, ARGMAX };

// Here and below: outputs of one actuator, in two lanes; they are `stride` vectors apart.
static void threshold(f64x2 *out, int count, int stride) {
  for (int o = 0; o < count; o++, out += stride) *out = choose(*out > zero_f64, one_f64, zero_f64);
}

// The largest and, if wanted, its index; the first of equal ones.
static f64x2 largest(const f64x2 *out, int count, int stride, f64x2 *index) {
  f64x2 result = out[0], at = zero_f64;
  for (int o = 1; o < count; o++) {
    const f64x2 next = out[o * stride];
    const i64x2 is_larger = next > result;
    result = choose(is_larger, next, result);
    at = choose(is_larger, splat(o), at);
  }
  *index = at;
  return result;
}

static void argmax(f64x2 *out, int count, int stride) {
  f64x2 index;
  largest(out, count, stride, &index);
  for (int o = 0; o < count; o++) {
    out[o * stride] = choose(index == splat(o), one_f64, zero_f64);
  }
}

static void softmax(f64x2 *out, int count, int stride) {
  f64x2 index;
  const f64x2 most = largest(out, count, stride, &index);
  f64x2 sum = zero_f64;
  for (int o = 0; o < count; o++) {
    const f64x2 below = out[o * stride] - most;
    out[o * stride] = (f64x2){exp_of(below[0]), exp_of(below[1])};
    sum += out[o * stride];
  }
  for (int o = 0; o < count; o++) out[o * stride] /= sum;
}

static void process_actuator(int code, f64x2 *out, int count, int stride) {
  switch ((enum processing)code) {
    case AS_IS: break;
    case THRESHOLD: return threshold(out, count, stride);
    case SOFTMAX: return softmax(out, count, stride);
    case ARGMAX: return argmax(out, count, stride);
  }
}

// Every actuator's outputs, from the values of the last neurons.
static void process_outputs(const trait_network *net) {
  const int vectors = net->vectors;
  const int outputs = net->plain.outputs;
  const int first = net->plain.inputs + net->plain.neurons - outputs;
  const f64x2 *const values = (f64x2 *)net->plain.values + first * vectors;
  for (int o = 0; o < outputs * vectors; o++) net->outputs[o] = values[o];
  for (int begin = 0, end = 1; begin < outputs; begin = end++) {
    while (end < outputs && net->begins[end] == 0) end++;
    for (int v = 0; v < vectors; v++) {
      f64x2 *const out = net->outputs + begin * vectors + v;
      process_actuator(net->processing[begin], out, end - begin, vectors);
    }
  }
}
