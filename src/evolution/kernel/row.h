// What neurons with traits do most, on a row of LANES lanes with every vector in a register:
// included once for each number of lanes, with VECTORS and ROW(name), which says so.
#define EACH_VECTOR _Pragma("unroll") for (int v = 0; v < VECTORS; v++)

// The sum of neuron i, weights being the same in all lanes.
static NOINLINE void ROW(dot_product)(const trait_network *net, int i, f64x2 *u) {
  const f64x2 *const values = net->plain.values;
  const f64x2 response = number(net, net->response, i, 0);
  f64x2 sum[VECTORS];
  EACH_VECTOR sum[v] = number(net, net->bias, i, v);
  for (int k = net->plain.row_ptr[i], end = net->modulatory[i]; k < end; k++) {
    const f64x2 *const source = values + net->plain.col[k] * VECTORS;
    const f64x2 weight = net->weights[k] * response;
    EACH_VECTOR sum[v] += source[v] * weight;
  }
  EACH_VECTOR u[v] = sum[v];
}

// The same with weights in rows of lanes; `responses` are 1 if not `scaled`.
INLINE void ROW(own_dot_product)(const trait_network *net, int i, f64x2 *u, const int scaled) {
  const f64x2 *const values = net->plain.values;
  f64x2 sum[VECTORS];
  EACH_VECTOR sum[v] = number(net, net->bias, i, v);
  for (int k = net->plain.row_ptr[i], end = net->modulatory[i]; k < end; k++) {
    const f64x2 *const source = values + net->plain.col[k] * VECTORS;
    const f64x2 *const weight = net->weights + k * VECTORS;
    EACH_VECTOR sum[v] +=
        source[v] * (scaled ? weight[v] * number(net, net->response, i, v) : weight[v]);
  }
  EACH_VECTOR u[v] = sum[v];
}

static NOINLINE void ROW(any_dot_product)(const trait_network *net, int i, f64x2 *u) {
  if (net->weight_width == 1) {
    ROW(dot_product)(net, i, u);
  } else if (net->has_responses) {
    ROW(own_dot_product)(net, i, u, 1);
  } else {
    ROW(own_dot_product)(net, i, u, 0);
  }
}

static NOINLINE void ROW(tanh)(f64x2 *row) { EACH_VECTOR row[v] = tanh_f64(row[v]); }

#undef EACH_VECTOR
#undef ROW
#undef VECTORS
