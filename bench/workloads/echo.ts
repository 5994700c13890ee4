// What benchmarks of transports make their contestants do: one process serves, another asks. A
// stream a request, which the server answers with the bytes it got up to the end, or with one byte
// when they were many.

/** Bytes from which on the server answers with one byte instead of an echo. */
export const UPLOAD_BYTES_MIN = 1_000_000

export interface EchoClient {
  /** Sends bytes on a stream of their own and waits for the whole answer. */
  request(bytes: Uint8Array): Promise<void>
  /** Sends so many bytes on one stream and waits for the byte that says they arrived. */
  upload(sizeBytes: number): Promise<void>
  close(): Promise<void>
}

export interface EchoTransport {
  readonly name: string
  /** Serves on a free UDP or TCP port of 127.0.0.1, and says which. */
  serve(): Promise<number>
  connect(port: number): Promise<EchoClient>
  /** Frees whatever connect left behind. */
  end(): Promise<void>
}

/** The answer to what a stream brought. */
export function answerTo(chunks: readonly Uint8Array[]): Uint8Array {
  const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  return sizeBytes < UPLOAD_BYTES_MIN ? Buffer.concat(chunks) : Uint8Array.of(1)
}
