// A service in one file: it greets, counts its greetings, and says how it does.
//
//   node examples/greeter-service.ts            # then: curl http://127.0.0.1:8470/health
//
// Ctrl-C stops it in order: calls in flight end first.
import {
  type Call,
  call,
  type Counter,
  degraded,
  type From,
  formatReport,
  ok,
  Service,
  type ServiceContext,
  setLogger,
  startService,
} from 'arbor'

type GreeterCall = Call<'greet', { name: string }, string>

interface Greetings {
  readonly greeted: number
  readonly counter: Counter
}

class Greeter extends Service<Greetings, GreeterCall> {
  info() {
    return { name: 'greeter', version: '1.0.0', description: 'says hello' }
  }

  capabilities() {
    return [{ name: 'greeter.greet', version: 1 }]
  }

  identitySpec() {
    return { scope: 'greeter', actions: ['rpc/serve'], resources: ['greeter/*'], ttlDays: 30 }
  }

  start({ metrics, logger }: ServiceContext) {
    logger.info('greeter_started')
    const counter = metrics.counter({ name: 'greetings_total', help: 'Greetings said' })
    return { greeted: 0, counter }
  }

  stop() {}

  health({ greeted }: Greetings) {
    return greeted < 1e6 ? ok() : degraded('tired')
  }

  override handleCall({ name }: GreeterCall, _from: From<string>, state: Greetings) {
    state.counter.inc()
    return { reply: `hello ${name}`, state: { ...state, greeted: state.greeted + 1 } }
  }
}

if (import.meta.main) {
  setLogger((report) => console.error(formatReport(report)))
  const port = Number(process.env['PORT'] ?? 8470)
  const greeter = await startService(new Greeter(), { port })
  console.log(await call(greeter.server, { type: 'greet', name: 'Ada' }))
  console.log(`http://127.0.0.1:${greeter.port}/health`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void greeter.stop())
  }
}
