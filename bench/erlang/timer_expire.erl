-module(timer_expire).
-export([round/1]).

round(N) -> bench:cpu_ns(N, fun() -> run(N) end).

run(N) ->
    [erlang:send_after(1 + (I * 7919 rem N) * 1000 div N, self(), wake) || I <- lists:seq(1, N)],
    [receive wake -> ok end || _ <- lists:seq(1, N)].
