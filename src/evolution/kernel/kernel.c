// The WebAssembly SIMD kernel: runs the image of any plan (network/plan-image.ts) over several lanes
// at once. kernel-memory.ts and kernel-network.ts lay out its memory and call it; `npm run
// build:kernel` compiles it into kernel-bytes.ts.
//
// The same bits in every lane as network/interpreter.ts gives (in f64): the same operations in the
// same order, one lane never meeting another; no fused multiply-add, no relaxed SIMD.
#include "activations.h"

#define EXPORT __attribute__((visibility("default")))
#define NOINLINE __attribute__((noinline))

// Laid out by kernel-network.ts; addresses are those of the parts of a plan's image, of weights
// converted to f32, or of weights in rows of lanes.
typedef struct {
  int32_t inputs, outputs, neurons, held_count;
  // Whether an answer depends on earlier ticks.
  int32_t remembers;
  const int32_t *row_ptr, *col, *held;
  const uint8_t *activation;
  const void *bias, *weight;
  // [slot][lane]
  void *values;
} network;

#define REAL f64
#define SCALAR double
#define VECTOR f64x2
#define PER_VECTOR 2
#define SPLAT(x) ((f64x2){x, x})

#define LANES 2
#include "step.h"
#define LANES 4
#include "step.h"
#define LANES 8
#include "step.h"
#define LANES 16
#include "step.h"
#include "step-traits.h"

#undef REAL
#undef SCALAR
#undef VECTOR
#undef PER_VECTOR
#undef SPLAT
#define REAL f32
#define SCALAR float
#define VECTOR f32x4
#define PER_VECTOR 4
#define SPLAT(x) ((f32x4){x, x, x, x})

#define LANES 4
#include "step.h"
#define LANES 8
#include "step.h"
#define LANES 16
#include "step.h"
#define LANES 32
#include "step.h"

// How many multiplications and additions of vectors the machine can do: 40 flops a turn in f64, 80 in
// f32, independent of each other. For bench/kernel.ts.
#define PEAK(name, vector, scalar)                                             \
  EXPORT scalar name(int turns, scalar factor, scalar term) {                  \
    vector x[10], m = (vector){0} + factor, a = (vector){0} + term;            \
    for (int i = 0; i < 10; i++) x[i] = m + (scalar)i * a;                            \
    for (; turns > 0; turns--) {                                               \
      for (int i = 0; i < 10; i++) x[i] = x[i] * m + a;                        \
    }                                                                          \
    for (int i = 1; i < 10; i++) x[0] += x[i];                                 \
    return x[0][0];                                                            \
  }
PEAK(peak_f64, f64x2, double)
PEAK(peak_f32, f32x4, float)

// Every activation at `count` numbers, in place: for tests of their bits.
EXPORT void activate_f64(int code, double *x, int count) {
  for (int i = 0; i < count; i += 2) activate_f64x2(code, (f64x2 *)(x + i));
}
EXPORT void activate_f32(int code, float *x, int count) {
  for (int i = 0; i < count; i += 4) activate_f32x4(code, (f32x4 *)(x + i));
}
