-module(spawning_end).
-export([round/1]).

round(N) -> bench:cpu_ns(N, fun() -> [begin_one() || _ <- lists:seq(1, min(N, 1000))], loop(N) end).

begin_one() -> spawn_monitor(fun() -> ok end).

loop(0) -> ok;
loop(Left) ->
    receive
        {'DOWN', _, process, _, _} ->
            if Left > 1000 -> begin_one(); true -> ok end,
            loop(Left - 1)
    end.
