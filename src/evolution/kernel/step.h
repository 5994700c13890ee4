// A tick of a network over LANES lanes of REAL numbers: included once for each combination, with
//   LANES, REAL (f64 or f32), SCALAR, VECTOR, PER_VECTOR (scalars of a vector), SPLAT
//
// Operations and their order are those of network/interpreter.ts, in every lane.
#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define WITH_LANES_(a, real, lanes) a##_##real##x##lanes
#define WITH_LANES(a, real, lanes) WITH_LANES_(a, real, lanes)
#define NAMED(name) WITH_LANES(name, REAL, LANES)
#define OF_REAL(name) JOIN(name, REAL)
#define VECTORS (LANES / PER_VECTOR)
#define EACH_VECTOR _Pragma("unroll") for (int v = 0; v < VECTORS; v++)

// Out of line, as tanh is not: what every network has shall not carry what few have.
static NOINLINE void NAMED(activate_other)(const int code, VECTOR *const row) {
  if (code == SIGMOID || code == STEEP_SIGMOID) {
    const VECTOR slope = code == SIGMOID ? OF_REAL(one) : OF_REAL(steep_slope);
    EACH_VECTOR row[v] = OF_REAL(sigmoid)(slope * row[v]);
  } else if (code == RELU) {
    EACH_VECTOR row[v] = OF_REAL(relu)(row[v]);
  } else if (code != IDENTITY) {
    SCALAR *const lane = (SCALAR *)row;
    for (int l = 0; l < LANES; l++) lane[l] = (SCALAR)activate_rare(code, lane[l]);
  }
}

INLINE void NAMED(activate)(const int code, VECTOR *const row) {
  if (code == TANH) {
    EACH_VECTOR row[v] = OF_REAL(tanh)(row[v]);
  } else {
    NAMED(activate_other)(code, row);
  }
}

// With `each`, weights and biases are those of a genotype a lane.
INLINE void NAMED(tick)(const network *const net, const int each) {
  VECTOR *const values = net->values;
  const VECTOR *const lane_weight = net->weight;
  const VECTOR *const lane_bias = net->bias;
  const SCALAR *const weight = net->weight;
  const SCALAR *const bias = net->bias;
  VECTOR *out = values + (net->inputs + net->neurons) * VECTORS;
  for (int h = 0; h < net->held_count; h++, out += VECTORS) {
    const VECTOR *const source = values + net->held[h] * VECTORS;
    EACH_VECTOR out[v] = source[v];
  }
  out = values + net->inputs * VECTORS;
  int k = 0;
  for (int i = 0; i < net->neurons; i++, out += VECTORS) {
    VECTOR sum[VECTORS];
    EACH_VECTOR sum[v] = each ? lane_bias[i * VECTORS + v] : SPLAT(bias[i]);
    for (const int end = net->row_ptr[i + 1]; k < end; k++) {
      const VECTOR *const source = values + net->col[k] * VECTORS;
      if (each) {
        EACH_VECTOR sum[v] += source[v] * lane_weight[k * VECTORS + v];
      } else {
        const VECTOR w = SPLAT(weight[k]);
        EACH_VECTOR sum[v] += source[v] * w;
      }
    }
    EACH_VECTOR out[v] = sum[v];
    NAMED(activate)(net->activation[i], out);
  }
}

EXPORT NOINLINE void NAMED(step)(const network *const net) { NAMED(tick)(net, 0); }

EXPORT NOINLINE void NAMED(step_each)(const network *const net) { NAMED(tick)(net, 1); }

// A network that remembers forgets.
INLINE void NAMED(begin)(const network *const net) {
  if (net->remembers) {
    const int slots = net->inputs + net->neurons + net->held_count;
    __builtin_memset(net->values, 0, slots * LANES * sizeof(SCALAR));
  }
}

INLINE VECTOR *NAMED(outputs)(const network *const net) {
  return (VECTOR *)net->values + (net->inputs + net->neurons - net->outputs) * VECTORS;
}

// The first answers to samples of their own in each lane: inputs[tile][input][lane],
// outputs[tile][output][lane].
EXPORT void NAMED(answer)(const network *const net, const VECTOR *in, VECTOR *out, int tiles) {
  for (; tiles > 0; tiles--) {
    NAMED(begin)(net);
    VECTOR *const values = net->values;
    for (int n = net->inputs * VECTORS, i = 0; i < n; i++) values[i] = *in++;
    NAMED(step)(net);
    const VECTOR *const answers = NAMED(outputs)(net);
    for (int n = net->outputs * VECTORS, i = 0; i < n; i++) *out++ = answers[i];
  }
}

// The first answers of a genotype a lane to the same samples: inputs[sample][input].
EXPORT void NAMED(answer_each)(const network *const net, const SCALAR *in, VECTOR *out,
                               int samples) {
  for (; samples > 0; samples--) {
    NAMED(begin)(net);
    VECTOR *values = net->values;
    for (int i = 0; i < net->inputs; i++, in++) {
      EACH_VECTOR *values++ = SPLAT(*in);
    }
    NAMED(step_each)(net);
    const VECTOR *const answers = NAMED(outputs)(net);
    for (int n = net->outputs * VECTORS, i = 0; i < n; i++) *out++ = answers[i];
  }
}

#undef JOIN_
#undef JOIN
#undef WITH_LANES_
#undef WITH_LANES
#undef NAMED
#undef OF_REAL
#undef VECTORS
#undef EACH_VECTOR
#undef LANES
