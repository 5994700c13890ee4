-module(timer_cancel).
-export([round/1]).

round(N) ->
    Sleeper = spawn(fun spawning:idle/0),
    Ns = bench:cpu_ns(N, fun() -> run(N, Sleeper) end),
    exit(Sleeper, kill),
    Ns.

run(0, _) -> ok;
run(N, Sleeper) ->
    Left = erlang:cancel_timer(erlang:send_after(60000 + N band 1023, Sleeper, wake)),
    true = is_integer(Left),
    run(N - 1, Sleeper).
