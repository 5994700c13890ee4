// The activations of network/activation.ts, operation for operation: the frequent ones on vectors,
// the others on one double. The mathematics is explained there, and for single precision in
// kernel/single-precision.ts.
//
// Constants of vectors lie in memory that the compiler must take for writable: V8 builds a
// v128.const anew at every use, which makes a loop 1.7 times slower.
#pragma once
#include <wasm_simd128.h>
#include "elementary.h"

typedef double f64x2 __attribute__((vector_size(16)));
typedef int64_t i64x2 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));

// Codes: the places of the names in network/activation.ts.
enum activation {
  TANH, SIGMOID, STEEP_SIGMOID, IDENTITY, RELU, SIN, COS, GAUSSIAN, SOFTSIGN, SGN, BIN, TRINARY,
  MULTIQUADRIC, ABSOLUTE, QUADRATIC, CUBIC, SQRT, LOG, ELU, LELU, SELU, CLAMPED, HAT, SQUARE, INV,
  EXP, NEAT_SIGMOID, NEAT_TANH, NEAT_SIN, NEAT_GAUSS, NEAT_SOFTPLUS, NEAT_LOG,
  ORIGINAL_NEAT_SIGMOID, FABER_SIGMOID, FABER_GAUSSIAN, BIP,
};

// --- two doubles ---

#define TWO(x) {x, x}

// x unless it is greater (less) than the bound; NaN if x is, as Math.min (Math.max).
INLINE f64x2 at_most_f64(f64x2 x, f64x2 bound) {
  return (f64x2)wasm_f64x2_pmin((v128_t)x, (v128_t)bound);
}
INLINE f64x2 at_least_f64(f64x2 x, f64x2 bound) {
  return (f64x2)wasm_f64x2_pmax((v128_t)x, (v128_t)bound);
}

i64x2 sign_bit_f64 = TWO(INT64_MIN);
f64x2 tanh_bound_f64 = TWO(19.0615);
f64x2 tanh_p_f64[] = {TWO(238958476.1132344), TWO(1986661.3865718788), TWO(3156.033500950221)};
f64x2 tanh_q_f64[] = {
    TWO(955833904.4529376), TWO(27859851.88905634), TWO(95207.55645751175),
    TWO(71.06893553841122), TWO(0.00677352838123639),
};

// The sign is taken off and put back, where the interpreter takes absolute values: the same bits.
INLINE f64x2 tanh_f64(f64x2 x) {
  const f64x2 *const a = tanh_p_f64;
  const f64x2 *const b = tanh_q_f64;
  const i64x2 sign = (i64x2)x & sign_bit_f64;
  const f64x2 y = at_most_f64((f64x2)((i64x2)x ^ sign), tanh_bound_f64);
  const f64x2 z = y * y;
  const f64x2 p = y * (a[0] + z * (a[1] + z * (a[2] + z)));
  const f64x2 q = b[0] + z * (b[1] + z * (b[2] + z * (b[3] + z * b[4])));
  const f64x2 gap = q - p;
  const f64x2 rest = gap * gap;
  const f64x2 twice = (p + p) * q;
  const f64x2 four = (twice + twice) * (twice + rest);
  return (f64x2)((i64x2)(four / (four + rest * rest)) | sign);
}

f64x2 sigmoid_bounds_f64[] = {TWO(-40.0), TWO(40.0)};
f64x2 sigmoid_scale_f64 = TWO(0.03125);
f64x2 sigmoid_p_f64[] = {TWO(1.0), TWO(17325.0 / 135135), TWO(378.0 / 135135), TWO(1.0 / 135135)};
f64x2 sigmoid_q_f64[] = {TWO(62370.0 / 135135), TWO(3150.0 / 135135), TWO(28.0 / 135135)};
f64x2 steep_slope_f64 = TWO(4.9);

INLINE f64x2 sigmoid_f64(f64x2 x) {
  const f64x2 *const c = sigmoid_p_f64;
  const f64x2 *const d = sigmoid_q_f64;
  const f64x2 within = at_least_f64(at_most_f64(x, sigmoid_bounds_f64[1]), sigmoid_bounds_f64[0]);
  const f64x2 y = sigmoid_scale_f64 * within;
  const f64x2 z = y * y;
  const f64x2 p = y * (c[0] + z * (c[1] + z * (c[2] + z * c[3])));
  const f64x2 q = c[0] + z * (d[0] + z * (d[1] + z * d[2]));
  f64x2 a = q + p;
  f64x2 b = q - p;
  for (int doubling = 0; doubling < 4; doubling++) {
    a *= a;
    b *= b;
  }
  return a / (a + b);
}

f64x2 zero_f64 = TWO(0.0);
f64x2 one_f64 = TWO(1.0);

// The sum turns -0 into 0 and nothing else.
INLINE f64x2 relu_f64(f64x2 x) { return at_least_f64(x, zero_f64) + zero_f64; }

// --- four floats ---

#define FOUR(x) {x, x, x, x}

INLINE f32x4 at_most_f32(f32x4 x, f32x4 bound) {
  return (f32x4)wasm_f32x4_pmin((v128_t)x, (v128_t)bound);
}
INLINE f32x4 at_least_f32(f32x4 x, f32x4 bound) {
  return (f32x4)wasm_f32x4_pmax((v128_t)x, (v128_t)bound);
}

i32x4 sign_bit_f32 = FOUR(INT32_MIN);
f32x4 tanh_bound_f32 = FOUR(9.02f);
f32x4 tanh_p_f32[] = {FOUR(8746.48654452f), FOUR(260.44742234f)};
f32x4 tanh_q_f32[] = {
    FOUR(17492.973089f), FOUR(1978.64200176f), FOUR(21.1126887539f), FOUR(0.0215277794175f),
};
f32x4 half_f32 = FOUR(0.5f);
f32x4 steep_slope_f32 = FOUR(4.9f);
f32x4 zero_f32 = FOUR(0.0f);
f32x4 one_f32 = FOUR(1.0f);

// For y from 0 to the bound: tanh y = twice / (twice + rest).
INLINE void tanh_parts_f32(f32x4 y, f32x4 *twice, f32x4 *rest) {
  const f32x4 *const a = tanh_p_f32;
  const f32x4 *const b = tanh_q_f32;
  const f32x4 z = y * y;
  const f32x4 p = y * (a[0] + z * (a[1] + z));
  const f32x4 q = b[0] + z * (b[1] + z * (b[2] + z * b[3]));
  const f32x4 gap = q - p;
  *rest = gap * gap;
  *twice = (p + p) * q;
}

INLINE f32x4 tanh_f32(f32x4 x) {
  const i32x4 sign = (i32x4)x & sign_bit_f32;
  f32x4 twice, rest;
  tanh_parts_f32(at_most_f32((f32x4)((i32x4)x ^ sign), tanh_bound_f32), &twice, &rest);
  return (f32x4)((i32x4)(twice / (twice + rest)) | sign);
}

INLINE f32x4 sigmoid_f32(f32x4 x) {
  const f32x4 y = half_f32 * x;
  const i32x4 sign = (i32x4)y & sign_bit_f32;
  f32x4 twice, rest;
  tanh_parts_f32(at_most_f32((f32x4)((i32x4)y ^ sign), tanh_bound_f32), &twice, &rest);
  const f32x4 whole = twice + rest;
  // 0 for negative x.
  const f32x4 more = (f32x4)((i32x4)(twice + twice) & ~(sign >> 31));
  return (more + rest) / (whole + whole);
}

INLINE f32x4 relu_f32(f32x4 x) { return at_least_f32(x, zero_f32) + zero_f32; }

// --- one double ---

INLINE double absolute(double x) { return __builtin_fabs(x); }

// x within +-limit; NaN if x is.
INLINE double clip(double x, double limit) {
  return x > limit ? limit : x < -limit ? -limit : x;
}

// Math.sign(x) + 0
INLINE double sign_of(double x) { return x > 0 ? 1 : x < 0 ? -1 : x + 0; }

INLINE double tanh_of(double x) { return tanh_f64((f64x2){x, x})[0]; }

#define FABER_BASE_EXCESS 5.668855775254493e-10
#define SELU_SCALE 1.0507009873554805
#define SELU_ALPHA 1.6732632423543772

INLINE double neat_gauss(double x) {
  const double z = clip(x, 3.4);
  return exp_of(-5 * (z * z));
}

INLINE double faber_gaussian(double x) {
  const double z = clip(x, 10);
  const double y = z * z;
  return exp_of(-y) * exp_of(-y * FABER_BASE_EXCESS);
}

static __attribute__((noinline)) double activate_rare(int code, double x) {
  switch ((enum activation)code) {
    case SIN: return sine_of(x, 0);
    case COS: return sine_of(x, 1);
    case GAUSSIAN: return exp_of(-x * x);
    case SOFTSIGN: return x / (1 + absolute(x));
    case SGN: return sign_of(x);
    case BIN: return x > 0 ? 1 : x != x ? x : 0;
    case TRINARY: return absolute(x) >= 0.33 ? sign_of(x) : x != x ? x : 0;
    case MULTIQUADRIC: return __builtin_sqrt(x * x + 0.01);
    case ABSOLUTE: return absolute(x);
    case QUADRATIC: return x * absolute(x);
    case CUBIC: return x * x * x;
    case SQRT: return x < 0 ? -__builtin_sqrt(-x) : __builtin_sqrt(x);
    case LOG: return x == 0 ? 0 : x < 0 ? -log_of(-x) : log_of(x);
    case ELU: return x > 0 ? x : 1 + expm1_of(x) - 1;
    case LELU: return x > 0 ? x : 0.005 * x;
    case SELU: return x > 0 ? SELU_SCALE * x : SELU_SCALE * SELU_ALPHA * (1 + expm1_of(x) - 1);
    case CLAMPED: return clip(x, 1);
    case HAT: return 1 - absolute(x) < 0 ? 0 : 1 - absolute(x);
    case SQUARE: return x * x;
    case INV: return x == 0 ? 0 : 1 / x;
    case EXP: return exp_of(clip(x, 60));
    case NEAT_SIGMOID: return 1 / (1 + exp_of(-clip(5 * x, 60)));
    case NEAT_TANH: return tanh_of(clip(2.5 * x, 60));
    case NEAT_SIN: return sine_of(clip(5 * x, 60), 0);
    case NEAT_GAUSS: return neat_gauss(x);
    case NEAT_SOFTPLUS: return 0.2 * log_of(1 + exp_of(clip(5 * x, 60)));
    case NEAT_LOG: return log_of(x < 1e-7 ? 1e-7 : x);
    case ORIGINAL_NEAT_SIGMOID: return 1 / (1 + exp_of(-(4.924273 * x)));
    case FABER_SIGMOID: return 1 / (1 + exp_of(-clip(x, 10)));
    case FABER_GAUSSIAN: return faber_gaussian(x);
    case BIP: return x > 0 ? 1 : x != x ? x : -1;
    default: return __builtin_nan("");
  }
}
