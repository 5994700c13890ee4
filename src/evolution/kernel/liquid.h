// Neurons with a state of their own: network/liquid.ts, operation for operation, two lanes at a
// time. The equations stand there.
#pragma once
#include "traits.h"

// Codes: the places of the names in network/neuron-type.ts.
enum kind { STANDARD, LTC, CFC, LEAKY, DELAY };

f64x2 half_f64 = TWO(0.5);
f64x2 time_constant_least = TWO(0.001);
f64x2 gate_bounds[] = {TWO(-10.0), TWO(10.0)};

// x within +-bound; NaN if x is.
INLINE f64x2 within(f64x2 x, f64x2 bound) {
  return at_least_f64(at_most_f64(x, bound), -bound);
}

// Of backbone (part 0) or head (part 1) of neuron i; `none` without coefficients.
INLINE f64x2 polynomial(const trait_network *net, int i, int part, int v, f64x2 u, f64x2 none) {
  const int32_t *const ptr = net->coefficient_ptr + 2 * i + part;
  if (ptr[0] == ptr[1]) return none;
  f64x2 sum = number(net, net->coefficients, ptr[1] - 1, v);
  for (int c = ptr[1] - 2; c >= ptr[0]; c--)
    sum = sum * u + number(net, net->coefficients, c, v);
  return sum * u;
}

INLINE int has_head(const trait_network *net, int i) {
  return net->coefficient_ptr[2 * i + 1] != net->coefficient_ptr[2 * i + 2];
}

INLINE f64x2 ltc_step(const trait_network *net, int i, int v, f64x2 u, f64x2 x) {
  const f64x2 dt = splat(net->time_step);
  const f64x2 tau = number(net, net->time_constant, i, v);
  const f64x2 bound = number(net, net->state_bound, i, v);
  const f64x2 f = sigmoid_f64(polynomial(net, i, 0, v, u, u));
  f64x2 a = bound;
  if (has_head(net, i)) a = bound * tanh_f64(polynomial(net, i, 1, v, u, u));
  return (x + dt * f * a) / (one_f64 + dt * (one_f64 / tau + f));
}

INLINE f64x2 cfc_step(const trait_network *net, int i, int v, f64x2 u, f64x2 x) {
  const f64x2 tau = at_least_f64(number(net, net->time_constant, i, v), time_constant_least);
  const f64x2 a = polynomial(net, i, 0, v, u, u) * (splat(net->time_step) / tau);
  const f64x2 gated = at_least_f64(at_most_f64(a, gate_bounds[1]), gate_bounds[0]);
  const f64x2 gate = half_f64 - half_f64 * tanh_f64(half_f64 * gated);
  const f64x2 head = tanh_f64(polynomial(net, i, 1, v, u, u));
  return within(gate * x + (one_f64 - gate) * head, number(net, net->state_bound, i, v));
}

INLINE f64x2 leaky_step(const trait_network *net, int i, int v, f64x2 u, f64x2 x) {
  const f64x2 dt = splat(net->time_step);
  return x + (dt * (u - x)) / number(net, net->time_constant, i, v);
}

// From the sum u of neuron i, in place, to what it answers. The state of a neuron that is no delay
// is what it answered last.
static void respond(const trait_network *net, int i, f64x2 *u) {
  const int vectors = net->vectors;
  const f64x2 *const x = (f64x2 *)net->plain.values + (net->plain.inputs + i) * vectors;
  switch ((enum kind)net->kind[i]) {
    case LTC:
      for (int v = 0; v < vectors; v++) u[v] = ltc_step(net, i, v, u[v], x[v]);
      break;
    case CFC:
      for (int v = 0; v < vectors; v++) u[v] = cfc_step(net, i, v, u[v], x[v]);
      break;
    case LEAKY:
      for (int v = 0; v < vectors; v++) u[v] = leaky_step(net, i, v, u[v], x[v]);
      break;
    default:
      for (int v = 0; v < vectors; v++) activate_f64x2(net->plain.activation[i], u + v);
  }
}
