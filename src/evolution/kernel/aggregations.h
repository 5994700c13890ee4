// The sum of a neuron's links: network/aggregation.ts and the sums of network/stateful-neuron.ts,
// operation for operation.
#pragma once
#include "traits.h"

// Codes: the places of the names in network/aggregation.ts.
enum aggregation {
  DOT_PRODUCT, MULT_PRODUCT, DIFF_PRODUCT, PRODUCT, MAX, MIN, MAXABS, MEDIAN, MEAN,
};

// --- dot_product, all lanes at once ---

static void dot_product(const trait_network *net, int i, f64x2 *u) {
  switch (net->vectors) {
    case 1: return any_dot_product_x1(net, i, u);
    case 2: return any_dot_product_x2(net, i, u);
    case 4: return any_dot_product_x4(net, i, u);
    default: return any_dot_product_x8(net, i, u);
  }
}

// --- the others, two lanes at once ---

// A neuron's plain links, as two lanes see them.
typedef struct {
  const trait_network *net;
  int begin, end, v;
} links;

INLINE f64x2 term(const links *l, int k) {
  return arrival(l->net, k, l->v) * weight_of(l->net, k, l->v);
}

static f64x2 total(const links *l) {
  f64x2 result = zero_f64;
  for (int k = l->begin; k < l->end; k++) result += term(l, k);
  return result;
}

static f64x2 product(const links *l) {
  f64x2 result = one_f64;
  for (int k = l->begin; k < l->end; k++) result *= term(l, k);
  return result;
}

// These are Math.max and Math.min to the letter, NaN and the sign of zero included.
static f64x2 greatest(const links *l) {
  v128_t result = (v128_t)term(l, l->begin);
  for (int k = l->begin + 1; k < l->end; k++)
    result = wasm_f64x2_max(result, (v128_t)term(l, k));
  return (f64x2)result;
}

static f64x2 least(const links *l) {
  v128_t result = (v128_t)term(l, l->begin);
  for (int k = l->begin + 1; k < l->end; k++)
    result = wasm_f64x2_min(result, (v128_t)term(l, k));
  return (f64x2)result;
}

static f64x2 furthest(const links *l) {
  f64x2 result = term(l, l->begin);
  for (int k = l->begin + 1; k < l->end; k++) {
    const f64x2 next = term(l, k);
    const i64x2 stays = (magnitude(next) <= magnitude(result)) | (result != result);
    result = choose(stays, result, next);
  }
  return result;
}

// Insertion, as in the interpreter, except that a term which has found its place goes on being
// compared, to no effect: two lanes cannot stop at different places.
static f64x2 median(const links *l) {
  f64x2 *const terms = l->net->terms;
  const int count = l->end - l->begin;
  i64x2 is_nan = {0, 0};
  for (int i = 0; i < count; i++) {
    f64x2 next = term(l, l->begin + i);
    is_nan |= next != next;
    for (int at = i; at > 0; at--) {
      const f64x2 before = terms[at - 1];
      const i64x2 moves = before > next;
      terms[at] = choose(moves, before, next);
      next = choose(moves, next, before);
    }
    terms[0] = next;
  }
  const f64x2 middle = terms[count >> 1];
  const f64x2 result = count & 1 ? middle : (terms[(count >> 1) - 1] + middle) / splat(2);
  return choose(is_nan, splat(__builtin_nan("")), result);
}

static f64x2 aggregate(const links *l, int code) {
  const int count = l->end - l->begin;
  if (count == 0) return code == MULT_PRODUCT || code == PRODUCT ? one_f64 : zero_f64;
  switch ((enum aggregation)code) {
    case MULT_PRODUCT:
    case PRODUCT: return product(l);
    case MAX: return greatest(l);
    case MIN: return least(l);
    case MAXABS: return furthest(l);
    case MEDIAN: return median(l);
    case MEAN: return total(l) / splat(count);
    default: return splat(__builtin_nan(""));
  }
}

// diff_product.
static f64x2 change(const links *l, f64x2 bias, f64x2 response) {
  f64x2 *previous = l->net->previous + l->begin * l->net->vectors + l->v;
  f64x2 sum = bias;
  for (int k = l->begin; k < l->end; k++, previous += l->net->vectors) {
    const f64x2 value = arrival(l->net, k, l->v);
    sum += (value - *previous) * (weight_of(l->net, k, l->v) * response);
    *previous = value;
  }
  return sum;
}

// The sum u of neuron i in every lane.
static void sum_of(const trait_network *net, int i, f64x2 *u) {
  const int code = net->aggregation[i];
  if (code == DOT_PRODUCT) return dot_product(net, i, u);
  for (int v = 0; v < net->vectors; v++) {
    const links l = {net, net->plain.row_ptr[i], net->modulatory[i], v};
    const f64x2 bias = number(net, net->bias, i, v);
    const f64x2 response = number(net, net->response, i, v);
    if (code == DIFF_PRODUCT) {
      u[v] = change(&l, bias, response);
      continue;
    }
    const f64x2 aggregated = response * aggregate(&l, code);
    if (code == MULT_PRODUCT) {
      u[v] = choose(bias == zero_f64, aggregated, aggregated * bias);
    } else {
      u[v] = bias + aggregated;
    }
  }
}
