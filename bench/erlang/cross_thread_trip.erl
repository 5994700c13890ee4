%% A message to another scheduler and back, one at a time: microseconds.
-module(cross_thread_trip).
-export([round/1]).

round(N) ->
    Main = self(),
    Mirror = spawn_opt(fun mirror/0, [{scheduler, 2}]),
    Start = erlang:monotonic_time(nanosecond),
    spawn_opt(fun() -> play(N, Mirror), Main ! all end, [{scheduler, 1}]),
    receive all -> ok end,
    Mirror ! stop,
    (erlang:monotonic_time(nanosecond) - Start) / 1000 / N.

mirror() ->
    receive
        {From, N} -> From ! N, mirror();
        stop -> ok
    end.

play(0, _) -> ok;
play(N, Mirror) ->
    Mirror ! {self(), N},
    receive N -> play(N - 1, Mirror) end.
