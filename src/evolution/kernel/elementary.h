// exp, expm1, log, sin and cos of network/elementary.ts, operation for operation, on one double.
// The mathematics is explained there.
#pragma once
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

INLINE int64_t bits_of(double x) {
  union { double value; int64_t bits; } u = {.value = x};
  return u.bits;
}

INLINE double double_of(int64_t bits) {
  union { int64_t bits; double value; } u = {.bits = bits};
  return u.value;
}

// 2^n for n from -1074 to 1023.
INLINE double power_of_two(int n) {
  return n < -1022 ? double_of((int64_t)1 << (n + 1074)) : double_of((int64_t)(n + 1023) << 52);
}

#define LN2 0.6931471805599453
#define LN2_HIGH 0.6931471803691238
#define LN2_LOW 1.9082149292705877e-10
#define SQRT2 1.4142135623730951

static double exp_of(double x) {
  if (x > 709.782712893384) return __builtin_inf();
  if (x < -745.1332191019412) return 0;
  if (x != x) return x;
  const double rounded = __builtin_floor(x / LN2 + 0.5);
  const int n = (int)rounded;
  const double y = 0.5 * (x - rounded * LN2_HIGH - rounded * LN2_LOW);
  const double z = y * y;
  const double p = y * (135135 + z * (17325 + z * (378 + z)));
  const double q = 135135 + z * (62370 + z * (3150 + z * 28));
  const int half = n >> 1;
  return ((q + p) / (q - p)) * power_of_two(half) * power_of_two(n - half);
}

static double expm1_of(double x) {
  if (!(x > -0.34 && x < 0.34)) return exp_of(x) - 1;
  const double y = 0.5 * x;
  const double z = y * y;
  const double p = y * (135135 + z * (17325 + z * (378 + z)));
  const double q = 135135 + z * (62370 + z * (3150 + z * 28));
  return (2 * p) / (q - p);
}

static double log_of(double x) {
  if (!(x > 0) || x == __builtin_inf())
    return x == 0 ? -__builtin_inf() : x < 0 ? __builtin_nan("") : x;
  int n = -1022;
  double m = x;
  if (m < 2.2250738585072014e-308) {
    m *= 18014398509481984.0;
    n -= 54;
  }
  const int64_t bits = bits_of(m);
  n += (int)(bits >> 52) - 1;
  m = double_of((bits & 0xfffffffffffffLL) | 0x3ff0000000000000LL);
  if (m > SQRT2) {
    m *= 0.5;
    n += 1;
  }
  const double s = (m - 1) / (m + 1);
  const double z = s * s;
  double tail = 1.0 / 19 + z / 21;
  tail = 1.0 / 17 + z * tail;
  tail = 1.0 / 15 + z * tail;
  tail = 1.0 / 13 + z * tail;
  tail = 1.0 / 11 + z * tail;
  tail = 1.0 / 9 + z * tail;
  tail = 1.0 / 7 + z * tail;
  tail = 1.0 / 5 + z * tail;
  tail = 1.0 / 3 + z * tail;
  tail = z * tail;
  return n * LN2_HIGH + (2 * s + (2 * s * tail + n * LN2_LOW));
}

#define ANGLE_MAX 1e6
#define TURN 6.283185307179586
#define QUARTER 0.7853981633974483
#define TWO_OVER_PI 0.6366197723675814
#define HALF_PI_1 1.5707963267341256
#define HALF_PI_2 6.077100506303966e-11
#define HALF_PI_3 2.0222662487959506e-21

// x % TURN of ECMAScript for |x| > TURN: exact, by long division of the mantissas.
static double modulo_turn(double x) {
  if (!(x - x == 0)) return __builtin_nan("");
  const int64_t sign = bits_of(x) & INT64_MIN;
  const int64_t turn = (bits_of(TURN) & 0xfffffffffffffLL) | 0x10000000000000LL;
  const int turn_exponent = (int)(bits_of(TURN) >> 52);
  int exponent = (int)(bits_of(x) >> 52 & 0x7ff);
  int64_t rest = (bits_of(x) & 0xfffffffffffffLL) | 0x10000000000000LL;
  for (;; exponent--) {
    if (rest >= turn) rest -= turn;
    if (exponent == turn_exponent) break;
    rest <<= 1;
  }
  // The rest times 2^(turn_exponent - 1075), both factors exact and so their product.
  return double_of(bits_of((double)rest * power_of_two(turn_exponent - 1075)) | sign);
}

INLINE double sin_near(double x) {
  const double z = x * x;
  double series = 1.0 / 6227020800 - z / 1307674368000;
  series = 1.0 / 39916800 - z * series;
  series = 1.0 / 362880 - z * series;
  series = 1.0 / 5040 - z * series;
  series = 1.0 / 120 - z * series;
  series = 1.0 / 6 - z * series;
  return x * (1 - z * series);
}

INLINE double cos_near(double x) {
  const double z = x * x;
  double series = 1.0 / 87178291200 - z / 20922789888000;
  series = 1.0 / 479001600 - z * series;
  series = 1.0 / 3628800 - z * series;
  series = 1.0 / 40320 - z * series;
  series = 1.0 / 720 - z * series;
  series = 1.0 / 24 - z * series;
  const double tail = z * z * series;
  const double half = 0.5 * z;
  const double rest = 1 - half;
  return rest + (1 - rest - half + tail);
}

// cos x is sin of a quarter turn more: `quadrants` is 0 for sin, 1 for cos.
static double sine_of(double x, int quadrants) {
  if (x >= -QUARTER && x <= QUARTER) return quadrants == 0 ? sin_near(x) : cos_near(x);
  const double angle = x >= -ANGLE_MAX && x <= ANGLE_MAX ? x : modulo_turn(x);
  if (angle != angle) return angle;
  const double k = __builtin_floor(angle * TWO_OVER_PI + 0.5);
  const double r = angle - k * HALF_PI_1 - k * HALF_PI_2 - k * HALF_PI_3;
  const int quadrant = ((int)k + quadrants) & 3;
  const double value = (quadrant & 1) == 0 ? sin_near(r) : cos_near(r);
  return quadrant < 2 ? value : -value;
}
