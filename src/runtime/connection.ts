// What carries frames between two kernels: threads of this program (thread-connection.ts), later
// nodes of a network. Whoever writes another one proves it with the suite in
// test/runtime/connection-suite.ts, which holds the contract below against it.
//
// A connection
// - carries each frame whole, once, in the order of `send`, until it ends;
// - never refuses or loses a frame because the peer is slow: what cannot leave yet waits in the
//   backlog, whose size it tells, so that the sender can be slowed down;
// - has taken the bytes of a frame when `send` returns: the caller may reuse them;
// - calls `onFrame` from the event loop, never inside of `send`, and reads no further ahead of its
//   owner than `poll` and the event loop ask it to;
// - calls `onEnd` once, whoever ended it and however, after the last whole frame that arrived;
// - drops, after its end, what is sent.
//
// Whether the peer has read a frame is not its business: signals that have to be answered are
// answered by signals (remote-peer.ts).

export interface ConnectionEvents {
  /** A frame has arrived; it belongs to who is called. Must not throw. */
  onFrame(frame: Uint8Array): void
  /** The peer is lost. Nothing arrives any more. */
  onEnd(): void
}

export interface Connection {
  /** Bytes that could not leave yet. */
  readonly backlog: number
  /** Starts to read. Frames sent by the peer before are handed over first. */
  open(events: ConnectionEvents): void
  /** Sends a frame. */
  send(frame: Uint8Array): void
  /**
   * Reads what waits, within bounds, and sends what had to wait, between two slices; whether there
   * is more to read.
   */
  poll(): boolean
  /** Ends it; `onEnd` follows on both sides. */
  close(): void
}
