// Preloaded in a scheduler thread: gives it a code server, which also takes along servers whose
// module was loaded by `spawn`. Never imported; see code-servers.ts.
import { CodeServer } from '../behaviours/code-server.ts'
import { start } from '../behaviours/gen-server.ts'
import { currentScheduler } from '../runtime/remote-node.ts'
import { onExit } from '../runtime/signal.ts'
import { codeServerName } from './code-servers.ts'

const name = codeServerName(currentScheduler())
// Without it the thread would miss upgrades: better a new one, which has the newest code.
onExit(start(new CodeServer({ remembersAll: true }), { name }), () => process.exit(1))
