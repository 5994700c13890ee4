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
/** Most evaluations a run is given. */
export const EVALUATIONS_MAX = 1_000_000_000_000
/** Threads that evaluate: more than this is no machine we know. */
export const WORKERS_MAX = 256
/** Milliseconds without a change after which a saved file counts: editors save in steps. */
export const DEV_QUIET_MS = 30
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
/** Bytes of an encoded genotype: 16 MiB, as faber; more would not pass the mesh either. */
export const GENOTYPE_BYTES_MAX = 16_777_216
/** Sensors, or actuators, of a morphology: each is a name and a length. */
export const GENOTYPE_SENSOR_GENES_MAX = 4_096
/** Bytes of a name in a genotype: of a sensor, an actuator, an operator. */
export const GENOTYPE_NAME_BYTES_MAX = 255
/** Coefficients of a backbone or head: of degree 7 at most. */
export const GENOTYPE_COEFFICIENTS_MAX = 8
/** Mutation operators with a weight of their own in a genotype: there are some 40. */
export const GENOTYPE_OPERATORS_MAX = 64
/** Dimensions of a substrate: two in nearly all of the literature. */
export const SUBSTRATE_DIMENSIONS_MAX = 4
/** Hidden layers of a substrate. */
export const SUBSTRATE_LAYERS_MAX = 16
/** Divisions of ES-HyperNEAT; how many links may be found binds earlier (GENOTYPE_LINKS_MAX). */
export const SUBSTRATE_DEPTH_MAX = 8
/** Times that ES-HyperNEAT asks the nodes it has found where they lead. */
export const SUBSTRATE_ITERATIONS_MAX = 16
/** Genes an immigrant may have beyond four times the largest genotype of its new population. */
export const IMMIGRANT_GENES_SPARE = 1_000
/** Species of a population: each is compared with every child, and few members cannot evolve. */
export const SPECIES_MAX = 100
/** Genotypes waiting to enter a population: more than a generation's would displace its own. */
export const IMMIGRANTS_MAX = 64

/** Plants, prey or predators of a flatland: each is compared with every other in each tick. */
export const FLATLAND_BODIES_MAX = 1_000
/** Units of a side of a flatland: a prey of 20 has to fit, and to be able to move. */
export const FLATLAND_SIDE_MIN = 40
/** Units of a side: beyond it bodies never meet. */
export const FLATLAND_SIDE_MAX = 100_000

// --- evolution: optimisers of weights ---

/** Numbers an optimiser may search for: the weights and biases of the largest genotype. */
export const OPTIMISER_DIMENSIONS_MAX = 1_114_112
/** Rows of a full covariance matrix: 8 MB, and some seconds to decompose; beyond it a diagonal. */
export const OPTIMISER_MATRIX_MAX = 1_024
/** Candidates of an iteration: ten doublings of an ordinary one. */
export const OPTIMISER_POPSIZE_MAX = 65_536

// --- evolution: what a strategy remembers ---

/** Islands of one run: each needs genotypes enough to evolve. */
export const ISLANDS_MAX = 1_024
/** Behaviours in an archive: each new genotype is compared with all of them. */
export const BEHAVIOURS_MAX = 100_000
/** Cells of MAP-Elites: as many genotypes are held at most. */
export const CELLS_MAX = 10_000
/** Dimensions of a behaviour that cells divide: a grid of more would be empty. */
export const CELL_DIMENSIONS_MAX = 64
/** Generations over which complexity is averaged: a state holds as many numbers. */
export const REGULATION_WINDOW_MAX = 10_000
/** Attempts in a row that may fail before tuning ends, whatever an agent from elsewhere asks for. */
export const TUNING_ATTEMPTS_MAX = 1_000
/** Evaluations of one tuning: gains without end, each smaller than the last, must not hold up all. */
export const TUNING_EVALUATIONS_MAX = 10_000
/** Updates a meta-controller remembers: ten times its default and more. */
export const META_HISTORY_MAX = 1_000
/** Hidden layers, and neurons of one, in a level of a meta-controller: it is run every generation. */
export const META_LAYERS_MAX = 8
export const META_LAYER_MAX = 64
/** Champions of a hall of fame, and opponents kept from the past. */
export const HALL_OF_FAME_MAX = 10_000

// --- evolution: evaluating, and tables of the user's own ---

/** Work one job of a pool should hold (ms): its overhead of some 15 us is then one percent. */
export const EVALUATION_JOB_MS = 1.5
/**
 * Bytes of the kernel's memory in a thread: 16 lanes with weights of their own of the largest
 * genotype take 160 MB. What does not fit runs in the interpreter.
 */
export const KERNEL_MEMORY_BYTES_MAX = 536_870_912
/** Bytes of a table, which is scaled in memory; 64 MB are a million rows of ten columns. */
export const TABLE_BYTES_MAX = 67_108_864
/** Rows of a table: every evaluation passes over three quarters of them. */
export const TABLE_ROWS_MAX = 1_000_000
/** Columns of a table: each becomes one input or, with names in it, several. */
export const TABLE_COLUMNS_MAX = 1_024
/** Different names in an input column: more are identifiers, from which nothing can be learnt. */
export const TABLE_CATEGORIES_MAX = 32
/** Classes of a target: one output each. */
export const TABLE_CLASSES_MAX = 32

// --- identity: certificates ---

/** Bytes of a peer's certificate: ours has 350, and OpenSSL shall not chew on many times that. */
export const CERTIFICATE_BYTES_MAX = 4096
/** Validity of our certificate, ten years (Macula protocol, section 3): nobody checks it anyway. */
export const CERTIFICATE_LIFETIME_MS: number = 3650 * 86_400_000
/** A certificate is valid from a day ago: peers' clocks may be behind ours. */
export const CLOCK_SKEW_MS = 86_400_000

// --- mesh: transport ---

/** UDP port of a station (Macula protocol, section 3). */
export const DEFAULT_PORT = 4433
/** The protocol's name in the TLS handshake (Macula protocol, section 3). */
export const ALPN = 'macula'
/** Wait for a dial: the third Initial packet leaves after 3 s, its answer needs time too. */
export const DIAL_TIMEOUT_MS = 5_000
/**
 * A session ends after so long a silence: above the 15 s in which Macula peers keep alive, and
 * short enough that a killed peer is noticed before a person wonders. Failure detection proper is
 * not the transport's.
 */
export const IDLE_TIMEOUT_MS = 20_000
/** A session silent for so long asks for a sign of life: three may be lost, and NATs hold 15 s. */
export const KEEP_ALIVE_MS = 5_000
/** Wait for a free stream: a peer that ends none for so long is stuck. */
export const STREAM_CREDIT_TIMEOUT_MS = 10_000
/** Callers that may wait for a free stream of one session: beyond it they would time out anyway. */
export const STREAM_WAITERS_MAX = 1_024
/**
 * Streams of a kind a peer may have open, more than the Macula protocol's 100 and 3 (section 3): quiche
 * 0.18 never repeats leave that was lost, so whoever uses up what it has may wait for ever.
 */
export const STREAMS_MAX = 256
/** Streams of a kind we have open at a time: leaves as many again for leave that is lost. */
export const STREAMS_OPEN_MAX = 128
/** Bytes of a stream that wait for the peer: one frame of the largest size, and a little. */
export const STREAM_SEND_QUEUE_BYTES_MAX = 17_000_000
/** Writes of a stream that wait for the peer: each costs some 100 bytes beside its own. */
export const STREAM_SEND_QUEUE_WRITES_MAX = 16_384
/** Bytes of a stream the peer may send ahead of our reading: 20 MB/s at 50 ms. */
export const STREAM_WINDOW_BYTES = 1_048_576
/** Datagrams that wait on either side; more are dropped, oldest kept. */
export const DATAGRAM_QUEUE_MAX = 64
/** Bytes of a datagram of the simulator: what QUIC carries in a packet of 1,350. */
export const MEMORY_DATAGRAM_BYTES_MAX = 1_306
/**
 * Beside two latencies, what the simulator takes to notice a loss: QUIC's delays and granularity.
 */
export const MEMORY_RETRANSMISSION_MS = 30
/** The simulator knocks again after as long as quiche waits for the answer to its first packet. */
export const MEMORY_DIAL_RETRY_MS = 1_000
/** Bytes of all streams of a session together: what a peer can make us hold. */
export const SESSION_WINDOW_BYTES = 8_388_608
/** Bytes of a UDP packet we send: fits every path of 1,400 without probing for more. */
export const UDP_PACKET_BYTES = 1_350
/** Bytes of a first packet (RFC 9000, section 14.1): to shorter ones we might answer with more. */
export const INITIAL_PACKET_BYTES_MIN = 1_200
/** Bytes the system holds of packets: a burst of a thousand; less where it allows less. */
export const UDP_BUFFER_BYTES = 4_194_304
/** Packets after which an acknowledgement leaves at once: at 2, a megabyte costs twice the CPU. */
export const ACK_PACKETS_MAX = 16
/** Packets sent at once: 170 KB, which fits a receiver's socket and holds up nobody for 2 ms. */
export const BURST_PACKETS_MAX = 128
/** Wait for more packets to acknowledge together: below every round trip but the machine's own. */
export const ACK_DELAY_MS = 1
/** A dialler that has not proved itself after so long is dropped: four retransmissions. */
export const HALF_OPEN_TIMEOUT_MS = 5_000
/** Half-open sessions from which on strangers must prove their address: above honest bursts. */
export const HALF_OPEN_RETRY = 64
/** Half-open sessions: each holds some 50 KB. */
export const HALF_OPEN_MAX = 256
/** Half-open sessions of an address: a restarting machine full of nodes. */
export const HALF_OPEN_PER_ADDRESS_MAX = 64
/** Sessions: 100 KB each. */
export const SESSIONS_MAX = 4_096
/** Sessions of an address: a household or a company behind one, or a machine of test nodes. */
export const SESSIONS_PER_ADDRESS_MAX = 1_024
/** A retry token is good for one dial. */
export const RETRY_TOKEN_LIFETIME_MS = 10_000
/** Bytes of a stateless reset: long enough to look like any small packet. */
export const STATELESS_RESET_BYTES_MAX = 43
/** Stateless resets a second: a restarted station has few peers to tell, a flood gets no echo. */
export const STATELESS_RESETS_PER_SECOND_MAX = 200
/** Bytes of a close reason: it must fit into one packet beside everything else. */
export const CLOSE_REASON_BYTES_MAX = 256

// --- identity: keys and canonical CBOR ---

/** Leading zero bits a key's puzzle evidence needs by default (Macula protocol, section 1). */
export const PUZZLE_DIFFICULTY_BITS = 8
/** Highest difficulty we draw keys for: 24 bits take some 20 minutes of one core. */
export const PUZZLE_DIFFICULTY_BITS_MAX = 24
/** Key draws per expected draw: a good source of bytes fails once in e^40 attempts. */
export const PUZZLE_DRAWS_PER_EXPECTED = 40
/** Imported public keys kept for verifying: some 1 KB each. */
export const VERIFYING_KEYS_MAX = 1_024
/** Nesting of a CBOR value: no frame needs a quarter; both codecs recurse. */
export const CBOR_DEPTH_MAX = 64
/** Keys and values of a CBOR value: 256 Ki empty maps are some 50 MB on the heap. */
export const CBOR_ITEMS_MAX = 262_144
/** Pairs of one CBOR map: integer keys that collide in the engine's hash cost their square. */
export const CBOR_PAIRS_MAX = 1_024

// --- mesh: frames and handshake ---

/** Bytes of a frame's body (Macula protocol, section 3). */
export const FRAME_BYTES_MAX = 0xff_ffff
/** Bytes of a frame before its sender is known: CONNECT and HELLO have hundreds. */
export const HANDSHAKE_FRAME_BYTES_MAX = 65_536
/** Keys and values of a frame before its sender is known: CONNECT with 100 addresses has 700. */
export const HANDSHAKE_ITEMS_MAX = 4_096
/** Wait for the other side's CONNECT or HELLO (Macula protocol, section 3). */
export const HANDSHAKE_TIMEOUT_MS = 30_000

// --- runtime: turns, time, supervision ---

/**
 * Messages a process may handle in one turn: at 512 those who flood it sit out half as many turns
 * as at 256, and a turn is still far below a slice.
 */
export const TURN_MESSAGES_MAX = 512
/** Reductions (messages handled and sent) of a turn; what is used beyond, later turns owe. */
export const TURN_REDUCTIONS_MAX = 512
/**
 * Sending costs a reduction more for each 2^5 messages that wait already: a hundred senders then
 * keep some 1,600 waiting, which the cache holds, in place of 13,000 at 2^7.
 */
export const BACKLOG_SHIFT = 5
/** Messages a mailbox can be told to hold at most: a bound beyond memory is none. */
export const MAILBOX_MESSAGES_MAX = 100_000_000
/** Messages a generator may be handed within one step of its turn, of those it had passed over. */
export const GENERATOR_STEPS_MAX = 256
/** Of the turns of normal and low processes that wait, one in so many is a low one's, as in OTP. */
export const LOW_PRIORITY_TURNS = 8
/**
 * Milliseconds of processes between two visits of Node's event loop: keeps timers and sockets under
 * 5 ms.
 */
export const SLICE_MS = 1
/** Reductions between two looks at the clock, which cost as much as a message. */
export const CLOCK_CHECK_REDUCTIONS = 128
/** Milliseconds a call waits: OTP's default; longer means that the design waits. */
export const CALL_TIMEOUT_MS = 5_000
/**
 * Timeouts from here on are measured from the start of the slice: saves a look at the clock for
 * each call.
 */
export const COARSE_TIMEOUT_MS = 1_000
/** Slots of the timer wheel, one a millisecond: most timeouts fit into few rounds. */
export const TIMER_WHEEL_SLOTS = 1_024
/** Milliseconds a timer may run: what a Node timer can, 24.8 days. */
export const TIMER_MS_MAX = 2_147_483_647
/** Milliseconds a child has to stop before it is killed: OTP's default for workers. */
export const SHUTDOWN_MS = 5_000
/**
 * Restarts a supervisor allows within RESTART_PERIOD_MS before it gives up: one bad minute, not a
 * crash loop.
 */
export const RESTART_INTENSITY = 3
/**
 * Events a state machine makes for itself and handles in one go: a turn of the scheduler; a machine
 * that never stops making them still lets others have theirs.
 */
export const STATEM_EVENTS_MAX = 256
/** Milliseconds in which RESTART_INTENSITY restarts are allowed. */
export const RESTART_PERIOD_MS = 5_000
/** Restarts a supervisor can be told to allow: each is a number remembered. */
export const RESTART_INTENSITY_MAX = 1_000_000
/** Each wait of a supervisor's back-off is so many times the one before: seven waits to a hundred. */
export const BACK_OFF_FACTOR = 2
/** The part of a supervisor's back-off that chance may take away: enough to spread a crowd. */
export const BACK_OFF_JITTER = 0.5
/** Children of a DynamicSupervisor unless told otherwise: a leak shows before memory is gone. */
export const DYNAMIC_CHILDREN_MAX = 1_000_000
/** Partitions of a PartitionSupervisor: beyond it a process for each key is simpler. */
export const PARTITIONS_MAX = 65_536
/** Reports a logger gets in a second: a person reads no more, and a crash loop makes 200,000. */
export const LOG_REPORTS_PER_SECOND_MAX = 100
/** Wait for a task, as for a call: whoever waits longer has forgotten it. */
export const TASK_AWAIT_MS = 5_000
/** Results of an ordered stream of tasks that wait for a slow one: then no more are started. */
export const TASK_STREAM_RESULTS_MAX = 1_024
/** Characters of a report's line on stderr: a few lines of a terminal, whatever a message holds. */
export const LOG_LINE_CHARACTERS_MAX = 500
/** Dead letters told to subscribers at a time: a flood of them must not become another flood. */
export const DEAD_LETTERS_TOLD_MAX = 1_000
/** Dead letters kept as a hint for a person who looks. */
export const DEAD_LETTERS_KEPT = 16
/** Bytes of a line from an operating-system process: beyond it the line is cut, and said to be. */
export const PORT_LINE_BYTES_MAX = 65_536
/** Milliseconds an operating-system process has between SIGTERM and SIGKILL. */
export const PORT_TERMINATE_MS = 2_000
/** Messages that may wait at a receiver of lines before the program is made to wait. */
export const PORT_BACKLOG_MAX = 4_096
/** Milliseconds between two looks whether a port's receiver has caught up. */
export const PORT_PAUSE_MS = 10
/** Milliseconds a port waits, after its program's end, for output a grandchild may hold open. */
export const PORT_DRAIN_MS = 1_000
/** Versions of a module in a thread: each stays in memory until the thread ends. */
export const MODULE_VERSIONS_MAX = 10_000
/** Milliseconds an upgrade waits at a time for servers in async callbacks; callers wait for 5 s. */
export const UPGRADE_HOLD_MS = 1_000
/** How often an upgrade waits so: between two waits all go on, and whoever waits gets its reply. */
export const UPGRADE_ATTEMPTS = 3
/** Jobs that may wait for a thread of a dirty pool: each holds its input. */
export const DIRTY_POOL_QUEUE_MAX = 4_096
/** Threads of a dirty pool: more is no machine we know. */
export const DIRTY_POOL_THREADS_MAX = 256

// --- runtime: several threads ---

/** Scheduler threads: more than this is no machine we know. */
export const SCHEDULERS_MAX = 64
/** Bytes of the ring from one thread to another (a power of two): some 10,000 small messages. */
export const RING_BYTES = 262_144
/** Bytes a thread writes to another before they leave; a slice of small messages and a half. */
export const FLUSH_BYTES = 16_384
/** Signals to another thread before they leave: more would only wait. */
export const FLUSH_SIGNALS = 256
/** Bytes an empty out-buffer keeps: a flush and the largest of ordinary messages. */
export const OUT_BUFFER_BYTES = 32_768
/** Bytes of frames read in one go when nobody is runnable: half a millisecond of decoding. */
export const READ_BYTES_MAX = 65_536
/** Bytes that wait for a thread from which on its senders are held up: a second of reading. */
export const BUSY_BACKLOG_BYTES = 4_194_304
/** Milliseconds a flush waits for such a thread: as long as a slice. */
export const BUSY_WAIT_MS = 1
/** Bytes that wait for a thread from which on messages to it are refused: it must be stuck. */
export const BACKLOG_BYTES_MAX = 134_217_728
/** Named timers of a process that are kept before those that have sent are looked for. */
export const NAMED_TIMERS_SWEEP_MIN = 64
/** Calls to other threads that are kept before those given up are looked for. */
export const OPEN_CALLS_SWEEP_MIN = 1_024
/** Names of all threads together: names are for well-known processes. */
export const NAMES_MAX = 8_192
/** Bytes of a name that all threads see. */
export const NAME_BYTES_MAX = 104
/** Milliseconds after which the lock of the names is taken from its holder, which was killed. */
export const NAME_LOCK_MS = 2_000
/** Milliseconds `spawn` waits for a scheduler that is restarting. */
export const SCHEDULER_WAIT_MS = 5_000
/** Milliseconds a new scheduler thread has to load its modules. */
export const SCHEDULER_START_MS = 30_000
/** Milliseconds a scheduler thread has to stop its processes before it is ended with them. */
export const SCHEDULER_STOP_MS = 5_000
/** Times `spawn` chooses another scheduler when the one it chose was just lost. */
export const SPAWN_ATTEMPTS_MAX = 3

// --- inspection: a person looks into a running node ---

/** Connections to an inspection socket: a few terminals. */
export const INSPECTION_CONNECTIONS_MAX = 16
/** Bytes of a request to it: a word and a number. */
export const INSPECTION_LINE_BYTES_MAX = 4_096
/** Bytes of an answer: a tree of INSPECTED_PROCESSES_MAX. */
export const INSPECTION_ANSWER_BYTES_MAX = 67_108_864
/** Processes shown at a time: beyond that nobody reads, and a million would hold the node up. */
export const INSPECTED_PROCESSES_MAX = 10_000
/** Characters of a state or message shown: two screens. */
export const INSPECTED_CHARACTERS_MAX = 8_192
/** Events of a trace a second: beyond it they are counted, or the trace would slow the node down. */
export const TRACED_EVENTS_PER_SECOND_MAX = 1_000
/** Processes that one connection traces: each traced message is a line for each of them. */
export const TRACES_PER_CONNECTION_MAX = 16
/** Milliseconds between two pictures of `arbor top`. */
export const TOP_INTERVAL_MS = 1_000

// --- testing ---

/** Orders of turns a test tries: most bugs of order show within a few dozen. */
export const INTERLEAVINGS = 100

// --- brain: what is shared ---

/** Milliseconds between two publications of our bests: bounds a burst of small improvements. */
export const PUBLISH_INTERVAL_MS = 250
/** Milliseconds after which we answer once more to nodes that ask for the best. */
export const ANSWER_INTERVAL_MS = 1_000
/** Milliseconds an answer is put off at most, so that one answers and the others hear it. */
export const ANSWER_DELAY_MS_MAX = 250
/** Records whose id is remembered, so that each is looked at once. */
export const RECORDS_REMEMBERED = 1_024
/** Records being measured at once: a flood must not take the evaluators from the population. */
export const IMMIGRANTS_WAITING_MAX = 8
/** Bytes of a published genotype: 160,000 links; it has to fit into an event. */
export const GENOTYPE_RECORD_BYTES_MAX = 4_000_000
/** Age of a record that is still news, milliseconds: a day. */
export const RECORD_AGE_MS_MAX = 86_400_000
/** Milliseconds until a listener looks for its restarted brain: a restart takes less. */
export const RESUBSCRIBE_MS = 50
/** How far a signer's clock may be ahead of ours, milliseconds. */
export const RECORD_AHEAD_MS_MAX = 300_000

// --- cli: programs of a brain ---

/** Milliseconds in which a signal's repetition is the same wish: npm passes Ctrl-C on once more. */
export const SIGNAL_REPEAT_MS = 1_000
/** Bytes of a line from a program of ours: the JSON of a genotype of 700,000 links. */
export const PROGRAM_LINE_BYTES_MAX = 67_108_864
/** Characters shown of a line that is no event: a complaint is a sentence. */
export const COMPLAINT_LENGTH_MAX = 500
/** Megabytes of a program's young generation: at V8's own 32 a node takes 150 MB more, for 1 %. */
export const PROGRAM_SEMI_SPACE_MB = 4

/** Milliseconds a program has between SIGTERM and SIGKILL: all of a brain stop within 3 s. */
export const PROGRAM_TERMINATE_MS = 1_000
/** Milliseconds in which two restarts a program are forgiven: people kill, broken set-ups loop. */
export const PROGRAM_RESTARTS_PERIOD_MS = 10_000

// --- mesh: connections ---

/** Events and publishes that wait for a slow peer: beyond it the oldest go, being stale. */
export const OUTBOUND_EVENTS_MAX = 4_096
/** Bytes of events and publishes that wait for a slow peer; one larger frame may wait alone. */
export const OUTBOUND_EVENT_BYTES_MAX = 4_194_304
/** Other frames that wait for a slow peer: a connection's subscriptions, repeated, and more. */
export const OUTBOUND_CONTROL_FRAMES_MAX = 16_384
/** Bytes read and not looked at yet; beyond it reading pauses, and the peer is held back. */
export const INBOUND_BYTES_WAITING_MAX = 1_048_576
/** Messages that may wait for whoever takes our frames; beyond it reading pauses. */
export const OWNER_MESSAGES_WAITING_MAX = 8_192
/** Wait of a paused reader before it looks again, milliseconds: shorter than a person notices. */
export const READ_PAUSE_MS = 10
/** Milliseconds of verifying frames before others get their turn: some 15 frames. */
export const READ_SLICE_MS = 2
/** Bytes decoded at once: bounds what one turn does about a chunk of many tiny frames. */
export const READ_CHUNK_BYTES = 16_384
/** Silence after which a node asks its station for a sign of life: a brain notices in 3 to 4 s. */
export const PING_INTERVAL_LAN_MS = 1_000
/** The same where every packet costs (Macula protocol, section 3, keep-alive). */
export const PING_INTERVAL_WIDE_MS = 15_000
/** The same for a station, whose clients ask by themselves: a dead one costs it memory only. */
export const PING_INTERVAL_STATION_MS = 5_000
/** Silent intervals until a peer counts as lost: one lost answer is no death. */
export const PING_MISSES_MAX = 3
/** Wait for what is queued, and for the peer to close, after our GOODBYE. */
export const GOODBYE_DRAIN_MS = 500
/** Characters of a reason a peer gives that are kept. */
export const PEER_REASON_LENGTH_MAX = 64
/** First wait before a station is dialled again, milliseconds: a restart takes about as long. */
export const BACK_OFF_LAN_FIRST_MS = 200
/** Longest wait on a local network: a person waits that long and no longer. */
export const BACK_OFF_LAN_MOST_MS = 10_000
/** First wait on the internet (Macula protocol, section 3). */
export const BACK_OFF_WIDE_FIRST_MS = 1_000
/** Longest wait on the internet (Macula protocol, section 3). */
export const BACK_OFF_WIDE_MOST_MS = 60_000
/** A connection that held so long was a good one: the next wait is the first again. */
export const BACK_OFF_RESET_MS = 5_000

// --- pubsub: events and subscriptions ---

/**
 * Bytes of a PUBLISH or EVENT: a station sends it to every subscriber; larger things are content.
 */
export const EVENT_FRAME_BYTES_MAX = 4_194_304
/** Bytes of a topic's name: five segments of some 50 characters. */
export const TOPIC_BYTES_MAX = 256
/** Topics the processes of a node may subscribe to: what a station takes from one connection. */
export const NODE_TOPICS_MAX = 4_096
/** Local subscriptions of a node: each is a monitor and a table entry, some 300 bytes. */
export const NODE_SUBSCRIPTIONS_MAX = 65_536
/** Messages that may wait for a subscriber; beyond it events for it are dropped and counted. */
export const SUBSCRIBER_MESSAGES_WAITING_MAX = 10_000
/** Topics whose latest publish is kept while no station is connected. */
export const PUBLISHES_KEPT_MAX = 256
/** Bytes of publishes kept while no station is connected. */
export const PUBLISH_BYTES_KEPT_MAX = 16_777_216
/** Milliseconds in which a client knows an event again (Macula protocol, section 8). */
export const CLIENT_SEEN_MS = 60_000
/** Events a client remembers: 60 s at 500 a second; each costs some 50 bytes. */
export const CLIENT_SEEN_MAX = 32_768

// --- station ---

/** Connections of a station: 100 KB each for QUIC alone. */
export const STATION_CONNECTIONS_MAX = 2_048
/** Unfinished handshakes of a station (Macula protocol, section 4). */
export const STATION_HANDSHAKES_MAX = 1_000
/** Wait for a node's CONNECT: shorter than the protocol's 30 s, because strangers can hold these. */
export const STATION_HANDSHAKE_TIMEOUT_MS = 10_000
/** Topics of one connection: a node's, and some in flight between SUBSCRIBE and UNSUBSCRIBE. */
export const CONNECTION_TOPICS_MAX = 4_096
/** Topics of all connections: each costs some 400 bytes. */
export const STATION_TOPICS_MAX = 262_144
/** Subscriptions of all connections: each costs some 150 bytes. */
export const STATION_SUBSCRIPTIONS_MAX = 1_048_576
/** Milliseconds in which a station knows an event again (Macula protocol, section 8). */
export const STATION_SEEN_MS = 300_000
/** Events a station remembers: 5 min at 400 a second; each costs some 50 bytes. */
export const STATION_SEEN_MAX = 131_072
/** Bytes of a frame a station takes: no other frame is larger than an event. */
export const STATION_FRAME_BYTES_MAX: number = EVENT_FRAME_BYTES_MAX
/** Publishes a second of one connection: verifying them takes a tenth of a core. */
export const PUBLISHES_PER_SECOND = 500
/** Publishes a connection may send at once after it was quiet. */
export const PUBLISHES_BURST = 2_000
/**
 * Bytes a second of one connection; its pings wait behind a full window of the stream for 1 s only.
 */
export const PUBLISH_BYTES_PER_SECOND = 16_777_216
/** Bytes a connection may send at once after it was quiet. */
export const PUBLISH_BYTES_BURST = 33_554_432
/** Other frames a second of one connection: nobody subscribes that often for long. */
export const CONTROL_FRAMES_PER_SECOND = 200
/** Other frames a connection may send at once: all its subscriptions, twice. */
export const CONTROL_FRAMES_BURST = 10_000

// --- neuron: networks as processes ---

/** Milliseconds in which a network must close a cycle: it takes microseconds; 5 s is a stall. */
export const CYCLE_TIMEOUT_MS = 5_000
/** Exoselves of a population at a time: one thread runs them all, so more only take memory. */
export const EXOSELVES_AT_ONCE = 4

// --- cli: terminal and pictures ---

/** Milliseconds between two redraws of a terminal: faster only flickers. */
export const REDRAW_MS = 200
/** Wait of `arbor doctor` for a packet to ourselves: it takes microseconds, or is dropped. */
export const LOOPBACK_PACKET_TIMEOUT_MS = 2_000

/** Bytes read at a time of a file that is read from its end: some hundred lines. */
export const FILE_CHUNK_BYTES = 65_536
/** Points of a curve kept for the fitness plot: more than a screen has columns. */
export const HISTORY_POINTS_MAX = 4_000

/** Species of one point of the species stream: 760 are one a pixel of its width. */
export const STREAM_POINTS_MAX = 760
/** Points of the behaviour scatter: more cover each other. */
export const SCATTER_POINTS_MAX = 3_000

// --- population: reports ---

/** Behaviours told of a generation: each is a point of a picture that shows some thousands. */
export const BEHAVIOUR_SAMPLES_MAX = 16

// --- population: failures ---

/** Genotypes of a generation that are told of when they cannot be scored: the first tell it all. */
export const FAILURES_TOLD_MAX = 8

/** Lines of `arbor evolve` on genotypes without a score: a screen shows what else happens, too. */
export const RUN_FAILURES_TOLD_MAX = 16

// --- population: checkpoints ---

/** Between two checkpoints of a population: what a kill costs at most, beside one generation. */
export const CHECKPOINT_INTERVAL_MS = 5_000

// --- population: evaluators and immigrants ---

/** Genotypes measured for others at a time: they go before our own, which must not starve. */
export const MEASUREMENTS_MAX = 64
/** Origins remembered of genotypes from elsewhere: more than ever live unchanged at a time. */
export const ORIGINS_MAX = 1_024

// --- service: the contract, its host and its endpoint ---

/** Characters of a service's name: those of a DNS label, because it becomes one. */
export const SERVICE_NAME_LENGTH_MAX = 63
/** Characters of any other text in a contract: a paragraph. */
export const SERVICE_TEXT_LENGTH_MAX = 1_000
/** Capabilities of a service: each is announced and asserted again on its own. */
export const CAPABILITIES_MAX = 256
/** Characters of a capability's name: half a topic's. */
export const CAPABILITY_NAME_LENGTH_MAX = 128
/** Actions, and resources, of an identity spec: more is no least privilege. */
export const IDENTITY_ITEMS_MAX = 256
/** Milliseconds a capability's handler may be given (services.md, section 2). */
export const HANDLER_TIMEOUT_MS_MAX = 600_000
/** Characters of a health reason that are kept: a sentence; a message may quote a whole request. */
export const HEALTH_REASON_LENGTH_MAX = 500
/** Milliseconds `health` has: below the 5 s in which a container's own check gives up. */
export const HEALTH_TIMEOUT_MS = 2_000
/** Milliseconds between two assertions of the capabilities (services.md, section 2). */
export const ANNOUNCE_INTERVAL_MS = 30_000
/** Milliseconds the withdrawal of the capabilities may take: others forget them by themselves. */
export const WITHDRAW_TIMEOUT_MS = 1_000
/** Milliseconds calls in flight have to end: with what follows below a container's 10 s. */
export const DRAIN_TIMEOUT_MS = 5_000
/** Milliseconds between two looks whether calls are still in flight. */
export const DRAIN_CHECK_MS = 5
/** Milliseconds a service's `start` may take: a store that opens its log needs a while. */
export const SERVICE_START_MS = 60_000
/** Milliseconds a service's `stop` has before it is killed. */
export const SERVICE_STOP_MS = 3_000
/** Restarts of a service within SERVICE_RESTART_PERIOD_MS (services.md, section 3). */
export const SERVICE_RESTART_INTENSITY = 10
/** Milliseconds in which SERVICE_RESTART_INTENSITY restarts are allowed. */
export const SERVICE_RESTART_PERIOD_MS = 10_000
/** Bytes of a request's headers: a probe sends 200, a scraper 500. */
export const HTTP_HEADER_BYTES_MAX = 8_192
/** Milliseconds until a request's headers are there, and the whole of it: a packet or two. */
export const HTTP_REQUEST_TIMEOUT_MS = 5_000
/** Milliseconds between two looks for requests that are late. */
export const HTTP_TIMEOUT_CHECK_MS = 500
/** Milliseconds a connection may rest between two requests: scrapers that come later dial anew. */
export const HTTP_KEEP_ALIVE_MS = 5_000
/** Milliseconds a socket may be silent, also one that does not read what we answer. */
export const HTTP_SOCKET_TIMEOUT_MS = 15_000
/** Requests of a connection: then it is closed, so that none is held for ever. */
export const HTTP_REQUESTS_PER_CONNECTION_MAX = 1_000
/** Connections of an endpoint: probes and scrapers are few, beyond it one is refused. */
export const HTTP_CONNECTIONS_MAX = 256
/** Milliseconds answers have to leave before an endpoint that stops cuts them off. */
export const HTTP_CLOSE_TIMEOUT_MS = 500
/** Metrics of a registry: more is no program but a leak. */
export const METRICS_MAX = 1_000
/** Combinations of label values of a metric: one beyond counts as `other`. */
export const METRIC_SERIES_MAX = 1_000
/** Characters of a label's value: beyond it the value is cut. */
export const METRIC_LABEL_LENGTH_MAX = 128
/** Milliseconds between two samples of the event loop's delay: what a scrape shows is longer. */
export const EVENT_LOOP_SAMPLE_MS = 20
/** Contexts kept for one message object on its way to many: a fan-out of a constant. */
export const SENT_CONTEXTS_MAX = 10_000
/** Processes looked at for the longest mailbox, so that a scrape stays below a millisecond. */
export const METRIC_PROCESSES_MAX = 10_000
