// The part of neataptic 1.4.7 that the benchmarks use; the package ships no types.
declare module 'neataptic' {
  interface Network {
    noTraceActivate(input: ArrayLike<number>): number[]
  }
  interface NetworkJson {
    input: number
    output: number
    dropout: number
    nodes: {
      bias: number
      type: 'input' | 'hidden' | 'output'
      squash: 'TANH' | 'LOGISTIC'
      mask: number
    }[]
    connections: { from: number; to: number; weight: number; gater: null }[]
  }
  const neataptic: { Network: { fromJSON(json: NetworkJson): Network } }
  export default neataptic
  export type { Network }
}
