// The scenarios `gen_statem` recorded from Erlang/OTP 25; see otp/not-run.ts and otp/departures.ts.
import { conform } from './otp/conform.ts'

conform('gen_statem')
