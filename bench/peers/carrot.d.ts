// The part of @liquid-carrot/carrot 0.3.20 that the benchmarks use; the package ships no types, and
// its own entry does not load.
declare module '@liquid-carrot/carrot/src/architecture/network.js' {
  interface Network {
    activate(input: ArrayLike<number>, options: { trace: boolean }): number[]
  }
  interface NetworkJson {
    input_size: number
    output_size: number
    dropout: number
    input_nodes: number[]
    output_nodes: number[]
    nodes: { bias: number; type: string; squash: string; mask: number }[]
    connections: { from: number; to: number; weight: number; gater: null }[]
  }
  const Network: { fromJSON(json: NetworkJson): Network }
  export default Network
}
