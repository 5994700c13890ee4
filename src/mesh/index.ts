// The door `arbor/mesh`: identity, frames and transport, for people who bring their own process
// model.

export { decode } from '../identity/canonical-decoder.ts'
export { encode, encodeOnce } from '../identity/canonical-encoder.ts'
export {
  type Certificate,
  CertificateError,
  nodeIdOfCertificate,
  selfSignedCertificate,
} from '../identity/certificate.ts'
export {
  createKeyFile,
  decodeKeyFile,
  encodeKeyFile,
  KeyFileError,
  openKeyFile,
  readKeyFile,
} from '../identity/key-file.ts'
export {
  isNodeId,
  KeyError,
  type KeyPair,
  keyPairFromSeed,
  type NodeId,
  nodeIdOf,
  parseNodeId,
  publicKeyOf,
} from '../identity/key-pair.ts'
export { nodeIdFromText, nodeIdToDnsLabel, nodeIdToText } from '../identity/node-id.ts'
export { generateKeyPair, isHardened, puzzleEvidence } from '../identity/puzzle.ts'
export { INFRASTRUCTURE_REALM, type Realm, realmTag } from '../identity/realm.ts'
export {
  isUsableNodeId,
  signatureDomain,
  signBytes,
  signValue,
  verifyBytes,
  verifyValue,
} from '../identity/signature.ts'
export {
  CborError,
  type Encodable,
  Encoded,
  Float,
  IllFormedText,
  type Key,
  type Value,
  type ValueMap,
} from '../identity/value.ts'
export { formatAddr, parseAddr, resolveAddr } from './address.ts'
export {
  type DecodedFrame,
  decodeFrame,
  encodeFrame,
  type FrameBounds,
  FrameError,
  type FrameFields,
  type UnsentFields,
} from './frame.ts'
export { FrameReader } from './frame-reader.ts'
export {
  signFrame,
  type Verdict,
  verifyFrame,
  verifyPublisher,
  withEncodedPayload,
  withPublisherSignature,
} from './frame-signature.ts'
export { type Stamp, stampAt } from './frames/fields.ts'
export {
  type Frame,
  fieldsOf,
  type MalformedFrame,
  parseFrame,
  type UnknownFrame,
} from './frames/frame-type.ts'
export {
  CAPABILITY_STATION,
  expireHandshake,
  type HandshakeEffect,
  type HandshakeFailure,
  type HandshakeOptions,
  type HandshakeState,
  type HandshakeStep,
  type Peer,
  type PuzzlePolicy,
  receiveFrame,
  startClient,
  startServer,
} from './handshake.ts'
export { type LinkOptions, MemoryNetwork } from './memory-network.ts'
export { QuicTransport, type QuicTransportInit } from './quic-transport.ts'
export {
  type Addr,
  type CloseInfo,
  type DialOptions,
  type OpenOptions,
  type Session,
  type Stream,
  type StreamKind,
  type Transport,
  TransportError,
  type TransportErrorCode,
} from './transport.ts'
export { uuidV7 } from './uuid.ts'
