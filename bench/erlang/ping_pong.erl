-module(ping_pong).
-export([round/1]).

round(N) -> bench:cpu_ns(N, fun() -> play(N) end).

play(N) ->
    Main = self(),
    Pong = spawn(fun pong/0),
    spawn(fun() -> ping(Pong, N div 2), Main ! done end),
    receive done -> Pong ! stop end.

pong() ->
    receive
        {From, M} -> From ! M, pong();
        stop -> ok
    end.

ping(_, 0) -> ok;
ping(Pong, N) ->
    Pong ! {self(), N},
    receive N -> ping(Pong, N - 1) end.
