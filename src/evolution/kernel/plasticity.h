// How the weights of a neuron's links learn: network/plasticity.ts, operation for operation, two
// lanes at a time. What each rule means stands there.
#pragma once
#include "liquid.h"

// Codes: the places of the rules in network/plasticity-rule.ts.
enum rule {
  NONE, HEBBIAN_W, HEBBIAN, OJAS_W, OJAS, SELF_MODULATION_V1, SELF_MODULATION_V2,
  SELF_MODULATION_V3, SELF_MODULATION_V4, SELF_MODULATION_V5, SELF_MODULATION_V6,
  NEUROMODULATION, HEBB, OJA, MODULATED, ELIGIBILITY_TRACE, ABCD, ABCD_W, STDP,
};

#define DXNN_LIMIT splat(6.283185307179586)
#define FABER_LIMIT splat(10)
// GENOTYPE_WEIGHT_MAX of limits.ts.
#define WEIGHT_LIMIT splat(1e6)

// A neuron's links as two lanes see them. Vectors of one lane pair are `stride` apart.
typedef struct {
  const trait_network *net;
  const f64x2 *values;
  f64x2 *weights, *traces;
  const f64x2 *parameters, *link_parameters;
  // Of the neuron; what of its numbers is meant.
  int i, v;
  int begin, end, stride;
} learner;

INLINE learner learner_of(const trait_network *net, int i, int v) {
  const int own = v * net->step;
  const int32_t *const ptr = net->parameter_ptr + 2 * i;
  const f64x2 *const values = net->plain.values;
  return (learner){
      .net = net, .values = values + v, .weights = net->weights + v, .traces = net->traces + v,
      .parameters = net->parameters + ptr[0] * net->width + own,
      .link_parameters = net->link_parameters + ptr[1] * net->width + own,
      .i = i, .v = v, .begin = net->plain.row_ptr[i], .end = net->modulatory[i],
      .stride = net->vectors,
  };
}

// Parameter p of the neuron.
INLINE f64x2 parameter(const learner *l, int p) { return l->parameters[p * l->net->width]; }

// Parameter p of the `count` of link k.
INLINE f64x2 link_parameter(const learner *l, int k, int count, int p) {
  return l->link_parameters[((k - l->begin) * count + p) * l->net->width];
}

INLINE f64x2 came_in(const learner *l, int k) {
  return l->values[l->net->plain.col[k] * l->stride];
}

// For k and its weight *w; x is what came in.
#define EACH_LINK(l, k, w)                                              \
  f64x2 *w = (l)->weights + (l)->begin * (l)->stride;                   \
  for (int k = (l)->begin, end = (l)->end; k < end; k++, w += (l)->stride)

// `next` within +-limit; `weight` where it is not a number.
INLINE f64x2 bounded(f64x2 next, f64x2 weight, f64x2 limit) {
  return choose(next == next, within(next, limit), weight);
}

// m: tanh of the sum of the modulatory links, 1 without any.
static f64x2 modulator(const learner *l) {
  const trait_network *const net = l->net;
  const int end = net->plain.row_ptr[l->i + 1];
  if (l->end == end) return one_f64;
  f64x2 sum = zero_f64;
  for (int k = l->end; k < end; k++) sum += came_in(l, k) * l->weights[k * l->stride];
  return tanh_f64(sum);
}

// tanh of the sum of what came in times parameter p of the `count` of each link.
static f64x2 mixed(const learner *l, int count, int p) {
  f64x2 sum = zero_f64;
  for (int k = l->begin; k < l->end; k++) sum += came_in(l, k) * link_parameter(l, k, count, p);
  return tanh_f64(sum);
}

static void hebb(const learner *l, f64x2 y, f64x2 rate, f64x2 decay, f64x2 limit) {
  const f64x2 kept = one_f64 - decay;
  EACH_LINK(l, k, w) *w = bounded(*w * kept + rate * came_in(l, k) * y, *w, limit);
}

static void hebb_each(const learner *l, f64x2 y) {
  const f64x2 limit = DXNN_LIMIT;
  EACH_LINK(l, k, w) {
    *w = bounded(*w + link_parameter(l, k, 1, 0) * came_in(l, k) * y, *w, limit);
  }
}

static void oja(const learner *l, f64x2 y, f64x2 rate, f64x2 limit) {
  EACH_LINK(l, k, w) *w = bounded(*w + rate * y * (came_in(l, k) - y * *w), *w, limit);
}

static void oja_each(const learner *l, f64x2 y) {
  const f64x2 limit = DXNN_LIMIT;
  EACH_LINK(l, k, w) {
    const f64x2 delta = link_parameter(l, k, 1, 0) * y * (came_in(l, k) - y * *w);
    *w = bounded(*w + delta, *w, limit);
  }
}

// a, b, c and d of the rules that are linear in x, y and their product.
typedef struct {
  f64x2 a, b, c, d;
} coefficients;

INLINE f64x2 abcd_delta(coefficients by, f64x2 x, f64x2 y) {
  return by.a * x * y + by.b * x + by.c * y + by.d;
}

static void abcd(const learner *l, f64x2 y, f64x2 h, coefficients by, f64x2 limit) {
  EACH_LINK(l, k, w) *w = bounded(*w + h * abcd_delta(by, came_in(l, k), y), *w, limit);
}

static void abcd_each(const learner *l, f64x2 y, f64x2 rate) {
  const f64x2 limit = FABER_LIMIT;
  EACH_LINK(l, k, w) {
    const coefficients by = {
        link_parameter(l, k, 4, 0), link_parameter(l, k, 4, 1), link_parameter(l, k, 4, 2),
        link_parameter(l, k, 4, 3),
    };
    *w = bounded(*w + rate * abcd_delta(by, came_in(l, k), y), *w, limit);
  }
}

INLINE coefficients parameters_from(const learner *l, int p) {
  return (coefficients){
      parameter(l, p), parameter(l, p + 1), parameter(l, p + 2), parameter(l, p + 3),
  };
}

static void self_modulation(const learner *l, int rule, f64x2 y) {
  const f64x2 zero = zero_f64;
  const int count = rule == SELF_MODULATION_V6 ? 5 : rule >= SELF_MODULATION_V4 ? 2 : 1;
  const f64x2 h = mixed(l, count, 0);
  coefficients by = {splat(0.1), zero, zero, zero};
  if (rule == SELF_MODULATION_V2) by.a = parameter(l, 0);
  if (rule == SELF_MODULATION_V3) by = parameters_from(l, 0);
  if (count > 1) by.a = mixed(l, count, 1);
  if (rule == SELF_MODULATION_V5) {
    by.b = parameter(l, 0);
    by.c = parameter(l, 1);
    by.d = parameter(l, 2);
  }
  if (rule == SELF_MODULATION_V6) {
    by.b = mixed(l, count, 2);
    by.c = mixed(l, count, 3);
    by.d = mixed(l, count, 4);
  }
  abcd(l, y, h, by, DXNN_LIMIT);
}

#define DEAD_ZONE 0.33

// scaleDzone of network/scaler.ts from the dead zone to DXNN's limit: 0 where m is NaN.
static f64x2 awake(f64x2 m) {
  const f64x2 limit = DXNN_LIMIT;
  const f64x2 low = splat(DEAD_ZONE);
  const f64x2 twice = m * splat(2);
  const f64x2 up = (twice - (limit + low)) / (limit - low);
  const f64x2 down = (twice - (-low + -limit)) / (-low - -limit);
  const f64x2 above = ((up + one_f64) * limit) / splat(2);
  const f64x2 below = ((down - one_f64) * limit) / splat(2);
  return choose(m > low, above, choose(m < -low, below, zero_f64));
}

static void by_trace(const learner *l, f64x2 y, f64x2 rate, f64x2 decay) {
  const f64x2 limit = WEIGHT_LIMIT;
  f64x2 *trace = l->traces + l->begin * l->stride;
  EACH_LINK(l, k, w) {
    *trace = decay * *trace + came_in(l, k) * y;
    *w = bounded(*w + rate * *trace, *w, limit);
    trace += l->stride;
  }
}

// exp in each lane; once where they live one genotype.
static f64x2 exp_each(f64x2 x) {
  const double first = exp_of(x[0]);
  return (f64x2){first, x[0] == x[1] ? first : exp_of(x[1])};
}

static void stdp(const learner *l, f64x2 y) {
  const f64x2 a_plus = parameter(l, 0), a_minus = parameter(l, 1), threshold = parameter(l, 3);
  const f64x2 tau = at_least_f64(parameter(l, 2), splat(0.001));
  const f64x2 decay = exp_each(splat(-l->net->time_step) / tau);
  const f64x2 limit = WEIGHT_LIMIT;
  const f64x2 spike = choose(y > threshold, one_f64, zero_f64);
  f64x2 *const spikes = l->net->spikes + l->i * l->stride + l->v;
  const f64x2 before = *spikes * decay;
  f64x2 *trace = l->traces + l->begin * l->stride;
  EACH_LINK(l, k, w) {
    const f64x2 arrived = choose(came_in(l, k) > threshold, one_f64, zero_f64);
    *trace = *trace * decay + arrived;
    const f64x2 delta = spike * (a_plus * *trace) - arrived * (a_minus * before);
    *w = bounded(*w + delta, *w, limit);
    trace += l->stride;
  }
  *spikes = before + spike;
}

// hebb's own bound; 0 is none.
INLINE f64x2 hebb_limit(f64x2 bound) {
  return choose(bound == zero_f64, WEIGHT_LIMIT, magnitude(bound));
}

// The neuron has answered y.
static void learn_by(const learner *l, int rule, f64x2 y) {
  const f64x2 zero = zero_f64;
  switch ((enum rule)rule) {
    case NONE: break;
    case HEBBIAN_W: return hebb_each(l, y);
    case HEBBIAN: return hebb(l, y, parameter(l, 0), zero, DXNN_LIMIT);
    case OJAS_W: return oja_each(l, y);
    case OJAS: return oja(l, y, parameter(l, 0), DXNN_LIMIT);
    case SELF_MODULATION_V1:
    case SELF_MODULATION_V2:
    case SELF_MODULATION_V3:
    case SELF_MODULATION_V4:
    case SELF_MODULATION_V5:
    case SELF_MODULATION_V6: return self_modulation(l, rule, y);
    case NEUROMODULATION:
      return abcd(l, y, awake(modulator(l)) * parameter(l, 0), parameters_from(l, 1), DXNN_LIMIT);
    case HEBB: return hebb(l, y, parameter(l, 0), parameter(l, 1), hebb_limit(parameter(l, 2)));
    case OJA: return oja(l, y, parameter(l, 0), FABER_LIMIT);
    case MODULATED: {
      const f64x2 reward = (modulator(l) - parameter(l, 1)) * parameter(l, 2);
      return hebb(l, y, parameter(l, 0) * reward, zero, WEIGHT_LIMIT);
    }
    case ELIGIBILITY_TRACE:
      return by_trace(l, y, parameter(l, 0) * modulator(l), parameter(l, 1));
    case ABCD:
      return abcd(l, y, modulator(l) * parameter(l, 0), parameters_from(l, 1), FABER_LIMIT);
    case ABCD_W: return abcd_each(l, y, modulator(l) * parameter(l, 0));
    case STDP: return stdp(l, y);
  }
}

// Neuron i has answered y, in every lane; its value is still that of the tick before.
static void learn(const trait_network *net, int i, const f64x2 *y) {
  for (int v = 0; v < net->vectors; v++) {
    const learner l = learner_of(net, i, v);
    learn_by(&l, net->rule[i], y[v]);
  }
}
