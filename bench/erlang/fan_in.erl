-module(fan_in).
-export([round/1]).

-define(SENDERS, 100).

round(N) -> bench:cpu_ns(N, fun() -> run(N) end).

run(N) ->
    Each = N div ?SENDERS,
    Sink = self(),
    [spawn(fun() -> send(Sink, Each) end) || _ <- lists:seq(1, ?SENDERS)],
    drain(Each * ?SENDERS).

send(_, 0) -> ok;
send(Sink, N) -> Sink ! {add, 1}, send(Sink, N - 1).

drain(0) -> ok;
drain(N) -> receive {add, By} -> drain(N - By) end.
