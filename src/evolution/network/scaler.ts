// What stands between a scape's numbers and a network's: scaling to a range, saturation, dead
// zones, and the statistics that choose the range. Names and order of arguments are DXNN2's
// (functions.erl; Sher, Handbook of Neuroevolution Through Erlang, chapter 18).
//
//   scale(7, 10, 0)          // 0.4: from 0 .. 10 to -1 .. 1
//   scaleTo(7, 0, 10, 0, 1)  // 0.7

/** From min .. max to -1 .. 1; 0 when the range is a point. */
export function scale(value: number, max: number, min: number): number {
  return max === min ? 0 : (value * 2 - (max + min)) / (max - min)
}

/** From one range to another, linearly; values outside stay outside. */
export function scaleTo(
  value: number,
  fromMin: number,
  fromMax: number,
  toMin: number,
  toMax: number,
): number {
  return toMin + ((value - fromMin) / (fromMax - fromMin)) * (toMax - toMin)
}

/** Within min .. max. */
export function sat(value: number, max: number, min: number): number {
  return value > max ? max : Math.max(value, min)
}

/** 0 strictly inside the dead zone, elsewhere as `sat`. */
export function satDzone(
  value: number,
  max: number,
  min: number,
  deadMax: number,
  deadMin: number,
): number {
  return value < deadMax && value > deadMin ? 0 : sat(value, max, min)
}

/** Within ±spread. */
export function saturation(value: number, spread = 1000): number {
  return sat(value, spread, -spread)
}

/**
 * 0 up to ±threshold, then growing linearly to ±magnitude at ±magnitude: how DXNN2 keeps a weak
 * modulator from teaching at all.
 */
export function scaleDzone(value: number, threshold: number, magnitude: number): number {
  if (value > threshold) return ((scale(value, magnitude, threshold) + 1) * magnitude) / 2
  if (value < -threshold) return ((scale(value, -threshold, -magnitude) - 1) * magnitude) / 2
  return 0
}

/** Arithmetic mean; NaN of nothing. */
export function avg(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Standard deviation of a whole population (divided by n); NaN of nothing. */
export function std(values: readonly number[]): number {
  const mean = avg(values)
  return Math.sqrt(avg(values.map((value) => (mean - value) * (mean - value))))
}
