// The public door of Arbor: what the author of a service needs, and nothing else. `arbor/evolution`
// is the engine without any process, `arbor/mesh` the wire for people who bring their own process
// model, `arbor/open-telemetry` makes spans.

// --- Nodes, stations and brains: see node.ts ---
export type { Brain } from './actors/brain/brain.ts'
export type { BrainEvent, Origin } from './actors/brain/brain-event.ts'
export type { SubscriptionPid } from './actors/brain/subscription.ts'
export {
  type FlatlandServerOptions,
  type LivingBody,
  type LivingFlatland,
  startFlatland,
} from './actors/ecology/flatland-server.ts'
export {
  type InspectionOptions,
  InspectionServer,
} from './actors/inspection/inspection-server.ts'
export type { NeuronChange } from './actors/neuron/change.ts'
export {
  Exoself,
  type ExoselfOptions,
  type ExoselfPid,
  startExoself,
  type Tuned,
} from './actors/neuron/exoself.ts'
export type { NeuronSnapshot } from './actors/neuron/neuron.ts'
export type {
  CheckpointSavedEvent,
  PopulationEvent,
} from './actors/population/audience.ts'
export {
  CheckpointFile,
  type CheckpointReason,
  type CheckpointStore,
  checkpointReasons,
  type SavedCheckpoint,
} from './actors/population/checkpoint-file.ts'
export type { CheckpointOptions } from './actors/population/checkpointer.ts'
export type {
  KeptCheckpoints,
  RunningPopulation,
  SpawnPopulationOptions,
} from './actors/population/population-handle.ts'
export {
  type Best,
  saveCheckpoint,
  subscribeEvents,
} from './actors/population/population-protocol.ts'
export type {
  DoneReport,
  GenerationReport,
} from './actors/population/population-report.ts'
export type {
  Individual,
  PopulationPid,
  PopulationReport,
} from './actors/population/population-server.ts'
export type {
  EvaluatorOptions,
  PopulationTreeOptions,
} from './actors/population/population-supervisor.ts'
export type { ResourceOptions } from './actors/population/resource-guard.ts'
export type { Announcer } from './actors/service/announcer.ts'
export type { Phase, ServiceStatus } from './actors/service/health-monitor.ts'
export {
  type RunningService,
  type ServiceOptions,
  type ServiceSource,
  serviceSpec,
  startService,
} from './actors/service/service-host.ts'
export type {
  Station,
  StationInfo,
  StationOptions,
} from './actors/station/station.ts'
// --- Behaviours: see behaviours/gen-server.ts ---
export {
  Agent,
  type AgentCall,
  type AgentCast,
  type AgentOptions,
  type AgentPid,
  type AgentRef,
} from './behaviours/agent.ts'
export {
  Application,
  type ApplicationContext,
  type ApplicationEnded,
  type ApplicationInfo,
  type ApplicationSpec,
  type ApplicationStart,
  type ApplicationType,
  type StartPhase,
  type StartType,
} from './behaviours/application.ts'
export { type CallHandler, type CallHandlers, dispatchCall } from './behaviours/call-handlers.ts'
export type { ServerStatus } from './behaviours/callbacks.ts'
export {
  CODE_SERVER,
  CodeServer,
  type CodeServerCall,
  type CodeServerOptions,
  type CodeServerPid,
  type CodeServerRef,
  type ModuleInfo,
  type UpgradeReport,
  type UpgradeRequest,
} from './behaviours/code-server.ts'
export {
  DEAD_LETTERS,
  type DeadLetterMessage,
  type DeadLetterPid,
  type DeadLetterRef,
  DeadLetterServer,
} from './behaviours/dead-letter-server.ts'
export {
  type AnyGenEventRef,
  EventHandler,
  GenEvent,
  GenEventExit,
  type GenEventPid,
  type GenEventRef,
  type HandlerCallResult,
  type HandlerClass,
  type HandlerEnd,
  HandlerError,
  type HandlerExit,
  type HandlerFailure,
  type HandlerId,
  type HandlerInit,
  type HandlerName,
  type HandlerResult,
  type HandlerState,
  type HandlerStatus,
  type Successor,
  type Swap,
  type Swapped,
} from './behaviours/gen-event.ts'
export {
  type AnyCall,
  type Call,
  type CallResult,
  call,
  cast,
  changeCode,
  type From,
  GenServer,
  type InitResult,
  type MaybePromise,
  type Monitored,
  type NextOptions,
  type ReplyOf,
  type RequestOf,
  type Result,
  reply,
  type ServerPid,
  type ServerRef,
  type Startable,
  StartError,
  type Started,
  type StartMonitorOptions,
  type StartOptions,
  type Stop,
  start,
  startLink,
  startMonitor,
  stop,
  waitForReply,
} from './behaviours/gen-server.ts'
export {
  type Action,
  type Actions,
  changeCallbackModule,
  eventTimeout,
  GenStatem,
  type Handled,
  nextEvent,
  pushCallbackModule,
  type ReplyAction,
  replyTo,
  type StateHandlers,
  type StatemEvent,
  type StatemInit,
  type StatemStatus,
  type States,
  stateTimeout,
  type TimeoutAction,
  type TimeoutOptions,
  type TimeoutTime,
  type Transition,
  timeout,
} from './behaviours/gen-statem.ts'
export {
  abcast,
  LOCAL_NODE,
  type MultiCallOptions,
  type MultiReplies,
  multiCall,
  type NodeReply,
} from './behaviours/multi-call.ts'
export {
  checkResponse,
  type LabelledResponse,
  type RequestId,
  RequestIds,
  type Response,
  ResponseMessage,
  type ResponseOptions,
  receiveResponse,
  sendRequest,
  waitResponse,
} from './behaviours/request.ts'
// --- Services: see behaviours/service.ts ---
export {
  type AnyService,
  type Capability,
  type CapabilityAuth,
  degraded,
  down,
  type Health,
  type IdentitySpec,
  type Info,
  ok,
  Service,
  type ServiceChild,
  type ServiceContext,
  type ServiceLogger,
} from './behaviours/service.ts'
export { type Contract, contractOf } from './behaviours/service-contract.ts'
export * as sys from './behaviours/sys.ts'
export {
  Task,
  type TaskContext,
  TaskError,
  type TaskFunction,
  TaskReply,
  type TaskResult,
  type TaskSpec,
  type TaskStreamOptions,
  type TaskSupervisor,
} from './behaviours/task.ts'
export { UpgradeError } from './behaviours/upgrade.ts'
export { type XstateCall, XstateMachine, type XstateOptions } from './behaviours/xstate-machine.ts'
// --- Identity: see identity/key-file.ts ---
export { KeyFileError, openKeyFile } from './identity/key-file.ts'
export type { KeyPair, NodeId } from './identity/key-pair.ts'
export { nodeIdFromText, nodeIdToText } from './identity/node-id.ts'
export { generateKeyPair } from './identity/puzzle.ts'
export type { StationAddress } from './mesh/peer-manager.ts'
export type {
  ArborNode,
  NodeBrainOptions,
  NodeOptions,
  NodeService,
} from './node.ts'
export {
  populationSpec,
  startNode,
  startPopulation,
  startStation,
  stationInfo,
  subscribeReports,
} from './on-first-use.ts'
// --- Processes: see runtime/process.ts for the smallest example ---
export { type Alias, type AliasOptions, alias, unalias } from './runtime/alias.ts'
export { ArborError, type Attempt } from './runtime/arbor-error.ts'
export { type AsyncSelf, spawnAsync } from './runtime/async-process.ts'
export { CallError, type CallFailure, type CallOptions } from './runtime/call.ts'
export { type Cancel, type Clock, systemClock, VirtualClock } from './runtime/clock.ts'
export { type Codec, registerCodec, registerError } from './runtime/codec.ts'
export type { Connection, ConnectionEvents } from './runtime/connection.ts'
export type { CodecClasses, Copyable, RemotePid } from './runtime/copyable.ts'
export {
  type DeadLetter,
  type DeadLetterCounts,
  type DeadLetterKind,
  deadLetters,
  recentDeadLetters,
} from './runtime/dead-letter.ts'
export { boundMailbox, type MailboxOptions } from './runtime/delivery.ts'
export * as dictionary from './runtime/dictionary.ts'
export * as dirty from './runtime/dirty.ts'
export {
  DirtyPool,
  type DirtyPoolOptions,
  JobError,
  type JobFailure,
  type JobOptions,
  transferred,
} from './runtime/dirty-pool.ts'
export {
  type AttemptedCall,
  type CrashReason,
  type ExitReason,
  formatReason,
  isOrderly,
  type ShutdownReason,
} from './runtime/exit-reason.ts'
export { type Body, promised, sleep, spawnGenerator } from './runtime/generator-process.ts'
export {
  Registry,
  type RegistryEntry,
  type RegistryOptions,
  type ViaKey,
  via,
} from './runtime/keyed-registry.ts'
export {
  formatReport,
  type Level,
  type Logger,
  type LoggerOptions,
  type Report,
  setLogger,
  stderrLogger,
} from './runtime/logger.ts'
export type { Overflow } from './runtime/mailbox-bound.ts'

export type {
  Counter,
  Gauge,
  Histogram,
  HistogramOptions,
  LabelsOf,
  MetricOptions,
  MetricRegistry,
} from './runtime/metrics.ts'

export type { AliasedMonitorRef, MonitorAlias, MonitorOptions } from './runtime/monitor.ts'
export * as namedTimers from './runtime/named-timer.ts'
export * as persistentTerms from './runtime/persistent-term.ts'
export { type Destination, isPid, type Name, type Pid, type Priority } from './runtime/pid.ts'
export {
  openPort,
  osPid,
  type PortCommand,
  type PortExitStatus,
  type PortLine,
  type PortMessage,
  type PortOptions,
  type PortPid,
} from './runtime/port.ts'
export {
  isAlive,
  type ProcessInfo,
  type ProcessStatus,
  processInfo,
  type SpawnOptions,
  send,
  sendEach,
  spawn,
  spawnLink,
  spawnMonitor,
} from './runtime/process.ts'
export { groupLeader, hibernate, processFlag, setGroupLeader } from './runtime/process-flag.ts'
export * as groups from './runtime/process-group.ts'
export { secureRandomBytes } from './runtime/random.ts'
export {
  type Clause,
  type ReceiveOptions,
  type ReceiveWait,
  receive,
  type Tag,
  type Tagged,
  TIMEOUT,
  type Wait,
} from './runtime/receive.ts'
export { nameOf, register, registered, unregister, whereis } from './runtime/registry.ts'
export { askIsAlive, askProcessInfo } from './runtime/remote-info.ts'
export type { ArgumentsOf, PidOf, Placement, SpawnSpec } from './runtime/remote-spec.ts'
export { runUntilIdle } from './runtime/scheduler.ts'
export {
  Down,
  demonitor,
  Exit,
  exit,
  link,
  type MonitorRef,
  monitor,
  onExit,
  processCount,
  self,
  trapExit,
  unlink,
  waitForExit,
} from './runtime/signal.ts'
export {
  ANY,
  type AnyTable,
  findTable,
  type Heir,
  type Match,
  type Pattern,
  Table,
  type TableAccess,
  type TableCounter,
  type TableInfo,
  type TableName,
  type TableOptions,
  TableTransfer,
  type TableType,
} from './runtime/table.ts'
export {
  cancelTimer,
  readTimer,
  sendAfter,
  sendInterval,
  type TimerRef,
  useClock,
} from './runtime/timer.ts'
export {
  attachTracer,
  type CallEndEvent,
  type CallStartEvent,
  type ExitEvent,
  type LinkEvent,
  type ReceiveEvent,
  type RegisterEvent,
  type SendEvent,
  type SliceEvent,
  type SpawnEvent,
  type TraceEvent,
  type TraceEventType,
  type TraceOptions,
  type TraceSink,
} from './runtime/tracer.ts'
export { type RegisteredOptions, whenRegistered } from './runtime/when-registered.ts'
export { ApplicationController } from './supervisors/application-controller.ts'
export { ApplicationError } from './supervisors/application-error.ts'
export { applicationOf } from './supervisors/application-master.ts'
export type {
  ApplicationControllerCall,
  ApplicationControllerOptions,
  ApplicationControllerPid,
  ApplicationControllerRef,
} from './supervisors/application-protocol.ts'
// --- Supervisors: see supervisors/supervisor.ts ---
export { applicationsSpec } from './supervisors/applications.ts'
export type { BackOffOptions } from './supervisors/back-off.ts'
export {
  type AutoShutdown,
  type ChildCounts,
  type ChildInfo,
  type ChildSpec,
  type ChildStatus,
  checkChildSpecs,
  type Ignore,
  type Restart,
  type Shutdown,
  type StartResult,
} from './supervisors/child-spec.ts'
export { codeServerPreload, upgradeEverywhere } from './supervisors/code-servers.ts'
export {
  DynamicSupervisor,
  type DynamicSupervisorCall,
  type DynamicSupervisorPid,
  type DynamicSupervisorRef,
} from './supervisors/dynamic-supervisor.ts'
export {
  type PartitionKey,
  PartitionSupervisor,
  type PartitionSupervisorOptions,
  type PartitionSupervisorPid,
  type PartitionSupervisorRef,
} from './supervisors/partition-supervisor.ts'
export { type RemoteChild, remoteChild } from './supervisors/remote-child.ts'
export {
  drainScheduler,
  type SchedulerInfo,
  type SchedulersOptions,
  schedulers,
  schedulersChild,
  startSchedulers,
} from './supervisors/scheduler-supervisor.ts'
export type { ThreadOptions } from './supervisors/scheduler-threads.ts'
export {
  Supervisor,
  type SupervisorCall,
  type SupervisorPid,
  type SupervisorRef,
} from './supervisors/supervisor.ts'
export type {
  DynamicSupervisorOptions,
  OptionsSource,
  RestartOptions,
  Strategy,
  SupervisorOptions,
} from './supervisors/supervisor-options.ts'
