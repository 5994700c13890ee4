// Every bound and interval of the house: name, unit, reason. A room adds a section of its own; a
// wait, a size, a count or a rate that stands anywhere else belongs here.

// --- cli: what a person may ask for ---

/** Nodes of a brain on one machine: at least one; each is a process of some 100 MB. */
export const NODES_MIN = 1
/** Nodes: beyond 64 processes one machine only swaps. */
export const NODES_MAX = 64
/** Seeds are 32-bit unsigned integers, so that they can be typed and shared. */
export const SEED_MAX = 0xffff_ffff
/** Genotypes of a population: fewer than 4 cannot be selected from. */
export const POPULATION_MIN = 4
/** Genotypes of a population: a generation has to fit in memory and in a minute. */
export const POPULATION_MAX = 100_000
/** Generations of a run: a bound for counters, beyond any run that makes sense. */
export const GENERATIONS_MAX = 10_000_000
/** Threads that evaluate: more than this is no machine we know. */
export const WORKERS_MAX = 256
/** UDP ports. */
export const PORT_MAX = 65_535

// --- evolution: what a genotype may be ---

/** Inputs or outputs of a genotype: a row of a wide table; beyond it every link matrix explodes. */
export const GENOTYPE_SENSORS_MAX = 65_536
/** Hidden and output neurons of a genotype: 20 times what a long run grows; bounds hostile data. */
export const GENOTYPE_NEURONS_MAX = 65_536
/** Links of a genotype: 24 MB packed; bounds hostile data. */
export const GENOTYPE_LINKS_MAX = 1_048_576
/** Magnitude of a weight or bias: with the links' bound every sum of a neuron stays finite. */
export const GENOTYPE_WEIGHT_MAX = 1e6

// --- identity: certificates ---

/** Bytes of a peer's certificate: ours has 350; OpenSSL shall not chew on more than a few times that. */
export const CERTIFICATE_BYTES_MAX = 4096
/** Validity of our certificate: ten years (Macula protocol, section 3); nobody checks, so none expires. */
export const CERTIFICATE_LIFETIME_MS: number = 3650 * 86_400_000
/** A certificate is valid from a day ago: peers' clocks may be behind ours. */
export const CLOCK_SKEW_MS = 86_400_000

// --- mesh: transport ---

/** Wait for a dial: the third Initial packet leaves after 3 s, its answer needs time too. */
export const DIAL_TIMEOUT_MS = 5_000
/** Wait for a free stream: a peer that ends none for so long is stuck. */
export const STREAM_CREDIT_TIMEOUT_MS = 10_000
/** Callers that may wait for a free stream of one session: beyond it they would time out anyway. */
export const STREAM_WAITERS_MAX = 1_024
/** Open bidirectional streams a peer may have (Macula protocol, section 3). */
export const STREAMS_BIDI_MAX = 100
/** Open unidirectional streams a peer may have (Macula protocol, section 3). */
export const STREAMS_UNI_MAX = 3
/** Bytes of a stream that wait for the peer: one frame of the largest size, and a little. */
export const STREAM_SEND_QUEUE_BYTES_MAX = 17_000_000
/** Bytes of a close reason: it must fit into one packet beside everything else. */
export const CLOSE_REASON_BYTES_MAX = 256
