// What a supervisor can be told, and whether it can be meant.
import { DYNAMIC_CHILDREN_MAX, RESTART_INTENSITY, RESTART_PERIOD_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import { BackOff, type BackOffOptions } from './back-off.ts'
import {
  type AnyChildSpec,
  type AnySpec,
  type AutoShutdown,
  type ChildSpec,
  checkChildSpecs,
  checkSpec,
  type Ignore,
  type StartResult,
} from './child-spec.ts'
import { RestartIntensity } from './restart-intensity.ts'

/**
 * Who is restarted with a child: only it; all its siblings; or those started after it, which may
 * depend on it.
 */
export type Strategy = 'one_for_one' | 'one_for_all' | 'rest_for_one'

/** When a supervisor restarts its children, and when it gives up; of every kind of supervisor. */
export interface RestartOptions {
  /** Restarts allowed within `periodMs`; default 3. One more, and the supervisor gives up. */
  readonly intensity?: number
  /** Default 5000. */
  readonly periodMs?: number
  /** Waits before a restart; default none, as in OTP. */
  readonly backOff?: BackOffOptions
  /** Default `never`. Then it stops its children, and itself with `shutdown`. */
  readonly autoShutdown?: AutoShutdown
}

export interface SupervisorOptions extends RestartOptions {
  /** Default `one_for_one`. */
  readonly strategy?: Strategy
  /** Started left to right, stopped right to left. */
  readonly children?: readonly AnyChildSpec[]
}

/**
 * What a supervisor is made of: options, checked by the constructor; or a function that makes them
 * in the new process, at each start and at each code change (OTP's `Module:init/1`).
 */
export type OptionsSource<Options> = Options | (() => Options | Ignore | Promise<Options | Ignore>)

/** Options of every kind of supervisor, checked. */
export interface RestartSettings {
  readonly intensity: RestartIntensity
  readonly backOff: BackOff | null
  readonly autoShutdown: AutoShutdown
}

export interface SupervisorSettings extends RestartSettings {
  readonly strategy: Strategy
  readonly children: readonly AnyChildSpec[]
}

/**
 * `Args` are what `startWith` adds to the template, behind `extraArguments`; `R` is what the
 * template's start brings.
 */
export interface DynamicSupervisorOptions<
  Args extends unknown[] = never,
  R extends StartResult = StartResult,
> extends RestartOptions {
  /** Children that may exist at a time; one more is refused with code `max_children`. */
  readonly maxChildren?: number
  /** Of what `startWith` makes children. */
  readonly template?: ChildSpec<R, Args>
  /** Given to the start of every child, behind the supervisor (Elixir's extra_arguments). */
  readonly extraArguments?: readonly unknown[]
}

/** Like `OptionsSource`; without awaiting, so that a dynamic supervisor starts at once. */
export type DynamicSource<Args extends unknown[], R extends StartResult> =
  | DynamicSupervisorOptions<Args, R>
  | (() => DynamicSupervisorOptions<Args, R> | Ignore)

export interface DynamicSettings extends RestartSettings {
  readonly maxChildren: number
  readonly template: AnySpec | undefined
  readonly extraArguments: readonly unknown[]
}

const strategies = ['one_for_one', 'one_for_all', 'rest_for_one'] as const
const autoShutdowns = ['never', 'any_significant', 'all_significant'] as const

/** Checks options; throws an `ArborError` that names the bad one in `attempt.request`. */
export function supervisorSettings(options: SupervisorOptions): SupervisorSettings {
  checkObject(options)
  const strategy = checkWord('strategy', strategies, options.strategy)
  const settings = restartSettings(options)
  const { children = [] } = options
  checkChildSpecs(children, settings.autoShutdown)
  return { ...settings, strategy, children }
}

export function restartSettings(options: RestartOptions): RestartSettings {
  const { intensity = RESTART_INTENSITY, periodMs = RESTART_PERIOD_MS, backOff } = options
  return {
    intensity: new RestartIntensity(intensity, periodMs),
    backOff: backOff === undefined ? null : new BackOff(backOff),
    autoShutdown: checkWord('autoShutdown', autoShutdowns, options.autoShutdown),
  }
}

export function dynamicSettings<Args extends unknown[]>(
  options: DynamicSupervisorOptions<Args>,
): DynamicSettings {
  const { maxChildren = DYNAMIC_CHILDREN_MAX, template, extraArguments = [] } = options
  const settings = restartSettings(options)
  if (template !== undefined) checkSpec(template, settings.autoShutdown)
  return { ...settings, maxChildren, template, extraArguments }
}

/** What a function brought may be anything. */
export function checkObject(options: unknown): void {
  if (typeof options === 'object' && options !== null) return
  const attempt = { operation: 'supervisor options', request: options }
  const advice = 'return options such as { strategy, children }, or { ignore: true }'
  const message = `a supervisor was given ${String(options)}`
  throw new ArborError('bad_options', message, advice, attempt, options)
}

/** The options of a new version of a supervisor; a code change happens between two messages. */
export function optionsNow(source: OptionsSource<SupervisorOptions>): SupervisorOptions | Ignore {
  if (typeof source !== 'function') return source
  const options = source()
  if (!(options instanceof Promise)) return options
  const attempt = { operation: 'codeChange', target: 'supervisor' }
  const advice = 'let the function of its options return without awaiting'
  throw new ArborError('bad_options', 'a code change cannot wait', advice, attempt)
}

/** A word out of a few; the first is the default. */
function checkWord<T extends string>(
  option: string,
  words: readonly [T, ...T[]],
  word: T = words[0],
): T {
  if (words.includes(word)) return word
  const attempt = { operation: 'supervisor', request: { [option]: word } }
  const advice = `give one of ${words.join(', ')}`
  throw new ArborError('bad_option', `${option} ${word}`, advice, attempt)
}
