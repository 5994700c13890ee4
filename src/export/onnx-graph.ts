// Builds an ONNX graph node by node (onnx.ai, "ONNX IR": ir_version 8, operator set 17). All tensors
// are of float32, with a first dimension that is the batch.
//
//   const graph = new OnnxGraph()
//   const x = graph.input('input', 2)
//   graph.output('output', graph.op('Tanh', [x]), 2)
//   const bytes = graph.model('brain', { origin: 'arbor' })
import { ProtobufWriter } from './protobuf-writer.ts'

/** A tensor by its name. */
export type Tensor = string

export type Attribute = number | readonly number[]

const IR_VERSION = 8
const OPERATOR_SET = 17
const FLOAT = 1
const INT64 = 7
const ATTRIBUTE_INT = 2
const ATTRIBUTE_INTS = 7

export class OnnxGraph {
  readonly #nodes: ProtobufWriter[] = []
  readonly #constants: ProtobufWriter[] = []
  readonly #inputs: ProtobufWriter[] = []
  readonly #outputs: ProtobufWriter[] = []
  readonly #known: Map<string, Tensor> = new Map()
  #count = 0

  /** An input of the model: [batch, width]. */
  input(name: string, width: number): Tensor {
    this.#inputs.push(valueInfo(name, width))
    return name
  }

  /** Makes a tensor an output of the model: [batch, width]. */
  output(name: string, from: Tensor, width: number): void {
    this.#node('Identity', [from], [name], {})
    this.#outputs.push(valueInfo(name, width))
  }

  /** A constant of some shape; equal ones are one. */
  constant(values: readonly number[], shape: readonly number[]): Tensor {
    return this.#constant(values, shape, FLOAT)
  }

  /** A list of whole numbers, as some operators take them. */
  integers(values: readonly number[]): Tensor {
    return this.#constant(values, [values.length], INT64)
  }

  /** A number. */
  scalar(value: number): Tensor {
    return this.constant([value], [1])
  }

  /** The result of an operator. */
  op(
    type: string,
    inputs: readonly Tensor[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Tensor {
    const [output = ''] = this.ops(type, inputs, attributes, 1)
    return output
  }

  /** The results of an operator that has several. */
  ops(
    type: string,
    inputs: readonly Tensor[],
    attributes: Readonly<Record<string, Attribute>>,
    count: number,
  ): Tensor[] {
    const outputs = Array.from({ length: count }, () => `t${this.#count++}`)
    this.#node(type, inputs, outputs, attributes)
    return outputs
  }

  /** Pieces of a tensor along its second dimension, of these widths. */
  split(tensor: Tensor, widths: readonly number[]): Tensor[] {
    if (widths.length === 1) return [tensor]
    return this.ops('Split', [tensor, this.integers(widths)], { axis: 1 }, widths.length)
  }

  /** Tensors side by side. */
  concat(tensors: readonly Tensor[]): Tensor {
    const [only] = tensors
    if (tensors.length === 1 && only !== undefined) return only
    return this.op('Concat', tensors, { axis: 1 })
  }

  /** The bytes of the model; `metadata` are texts by key. */
  model(name: string, metadata: Readonly<Record<string, string>>): Uint8Array {
    const graph = new ProtobufWriter()
    for (const node of this.#nodes) graph.message(1, node)
    graph.text(2, name)
    for (const constant of this.#constants) graph.message(5, constant)
    for (const input of this.#inputs) graph.message(11, input)
    for (const output of this.#outputs) graph.message(12, output)
    const operators = new ProtobufWriter()
    operators.text(1, '')
    operators.integer(2, OPERATOR_SET)
    const model = new ProtobufWriter()
    model.integer(1, IR_VERSION)
    model.text(2, 'arbor')
    model.message(7, graph)
    model.message(8, operators)
    for (const [key, value] of Object.entries(metadata)) {
      const entry = new ProtobufWriter()
      entry.text(1, key)
      entry.text(2, value)
      model.message(14, entry)
    }
    return model.finish()
  }

  #constant(values: readonly number[], shape: readonly number[], type: number): Tensor {
    const key = `${type} ${shape.join(',')} ${values.map((x) => (Object.is(x, -0) ? '-0' : x))}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const name = `c${this.#count++}`
    const tensor = new ProtobufWriter()
    for (const extent of shape) tensor.integer(1, extent)
    tensor.integer(2, type)
    tensor.text(8, name)
    const raw =
      type === FLOAT ? Float32Array.from(values) : BigInt64Array.from(values, (x) => BigInt(x))
    tensor.bytes(9, new Uint8Array(raw.buffer))
    this.#constants.push(tensor)
    this.#known.set(key, name)
    return name
  }

  #node(
    type: string,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void {
    const node = new ProtobufWriter()
    for (const input of inputs) node.text(1, input)
    for (const output of outputs) node.text(2, output)
    node.text(3, `${type} ${outputs[0]}`)
    node.text(4, type)
    for (const [name, value] of Object.entries(attributes)) {
      const attribute = new ProtobufWriter()
      attribute.text(1, name)
      if (typeof value === 'number') attribute.integer(3, value)
      else for (const one of value) attribute.integer(8, one)
      attribute.integer(20, typeof value === 'number' ? ATTRIBUTE_INT : ATTRIBUTE_INTS)
      node.message(5, attribute)
    }
    this.#nodes.push(node)
  }
}

/** Name and type of an input or output: float32 of [batch, width]. */
function valueInfo(name: string, width: number): ProtobufWriter {
  const batch = new ProtobufWriter()
  batch.text(2, 'batch')
  const columns = new ProtobufWriter()
  columns.integer(1, width)
  const shape = new ProtobufWriter()
  shape.message(1, batch)
  shape.message(1, columns)
  const tensor = new ProtobufWriter()
  tensor.integer(1, FLOAT)
  tensor.message(2, shape)
  const type = new ProtobufWriter()
  type.message(1, tensor)
  const info = new ProtobufWriter()
  info.text(1, name)
  info.message(2, type)
  return info
}
