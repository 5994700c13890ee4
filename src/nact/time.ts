// Durations in words: `shutdownAfter: 10 * minutes`.
export const millisecond = 1
export const milliseconds = 1
export const second = 1_000
export const seconds = 1_000
export const minute = 60_000
export const minutes = 60_000
export const hour = 3_600_000
export const hours = 3_600_000
/** A count, as in `snapshotEvery: 10 * messages`. */
export const message = 1
export const messages = 1
