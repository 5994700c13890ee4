// Neurons with a state of their own: network/liquid.ts, operation for operation in every lane. The
// equations stand there.
#pragma once
#include "traits.h"

// Codes: the places of the names in network/neuron-type.ts.
enum kind { STANDARD, LTC, CFC, LEAKY, DELAY };

f64x2 half_f64 = TWO(0.5);
f64x2 gate_bounds[] = {TWO(-10.0), TWO(10.0)};

// x within +-bound; NaN if x is.
INLINE f64x2 within(f64x2 x, f64x2 bound) {
  return at_least_f64(at_most_f64(x, bound), -bound);
}

// From u to `out` by the coefficients of backbone (part 0) or head (part 1) of neuron i; u itself
// without any.
INLINE void polynomial(const trait_network *net, int i, int part, const f64x2 *u, f64x2 *out) {
  const int32_t *const ptr = net->coefficient_ptr + 2 * i + part;
  const int begin = ptr[0], last = ptr[1] - 1;
  for (int v = 0; v < net->vectors; v++) {
    const f64x2 x = u[v];
    f64x2 sum = last < begin ? one_f64 : number(net, net->coefficients, last, v);
    for (int c = last - 1; c >= begin; c--) sum = sum * x + number(net, net->coefficients, c, v);
    out[v] = sum * x;
  }
}

INLINE int has_head(const trait_network *net, int i) {
  return net->coefficient_ptr[2 * i + 1] != net->coefficient_ptr[2 * i + 2];
}

// The steps below go over the row again and again, a few operations at a time: those of different
// lanes do not wait for each other, those of one tanh do, and a whole step of two lanes is more
// than the processor looks ahead.

static void tanh_row(f64x2 *row, int vectors) {
  switch (vectors) {
    case 1: return tanh_x1(row);
    case 2: return tanh_x2(row);
    case 4: return tanh_x4(row);
    default: return tanh_x8(row);
  }
}

static NOINLINE void sigmoid_row(f64x2 *row, int vectors) {
  for (int v = 0; v < vectors; v++) row[v] = sigmoid_f64(row[v]);
}

// From the sums u, in place, to the next states; x are the present ones.
static void ltc_step(const trait_network *net, int i, f64x2 *u, const f64x2 *x) {
  const int vectors = net->vectors;
  const f64x2 dt = splat(net->time_step);
  f64x2 f[VECTORS_MAX], a[VECTORS_MAX];
  polynomial(net, i, 0, u, f);
  polynomial(net, i, 1, u, a);
  sigmoid_row(f, vectors);
  if (has_head(net, i)) tanh_row(a, vectors);
  for (int v = 0; v < vectors; v++) {
    const f64x2 bound = number(net, net->state_bound, i, v);
    const f64x2 target = has_head(net, i) ? bound * a[v] : bound;
    const f64x2 leak = number(net, net->pace, i, v);
    u[v] = (x[v] + dt * f[v] * target) / (one_f64 + dt * (leak + f[v]));
  }
}

static void cfc_step(const trait_network *net, int i, f64x2 *u, const f64x2 *x) {
  const int vectors = net->vectors;
  f64x2 gate[VECTORS_MAX];
  polynomial(net, i, 0, u, gate);
  polynomial(net, i, 1, u, u);
  for (int v = 0; v < vectors; v++) {
    const f64x2 a = gate[v] * number(net, net->pace, i, v);
    gate[v] = half_f64 * at_least_f64(at_most_f64(a, gate_bounds[1]), gate_bounds[0]);
  }
  tanh_row(gate, vectors);
  tanh_row(u, vectors);
  for (int v = 0; v < vectors; v++) {
    const f64x2 open = half_f64 - half_f64 * gate[v];
    const f64x2 next = open * x[v] + (one_f64 - open) * u[v];
    u[v] = within(next, number(net, net->state_bound, i, v));
  }
}

static void leaky_step(const trait_network *net, int i, f64x2 *u, const f64x2 *x) {
  const f64x2 dt = splat(net->time_step);
  for (int v = 0; v < net->vectors; v++) {
    u[v] = x[v] + (dt * (u[v] - x[v])) / number(net, net->pace, i, v);
  }
}

// From the sum u of neuron i, in place, to what it answers. The state of a neuron that is no delay
// is what it answered last.
static void respond(const trait_network *net, int i, f64x2 *u) {
  const int vectors = net->vectors;
  const int code = net->plain.activation[i];
  const f64x2 *const x = (f64x2 *)net->plain.values + (net->plain.inputs + i) * vectors;
  switch ((enum kind)net->kind[i]) {
    case LTC: return ltc_step(net, i, u, x);
    case CFC: return cfc_step(net, i, u, x);
    case LEAKY: return leaky_step(net, i, u, x);
    default:
      if (code == TANH) return tanh_row(u, vectors);
      for (int v = 0; v < vectors; v++) activate_f64x2(code, u + v);
  }
}
