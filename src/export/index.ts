// The door of exports: genotypes as files that others run.
export { OnnxError, type OnnxStatePart, onnxState, toOnnx } from './onnx.ts'
export { toModule } from './standalone-module.ts'
