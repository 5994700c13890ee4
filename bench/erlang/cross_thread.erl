%% Messages from one scheduler to another, as fast as they may.
-module(cross_thread).
-export([round/1]).

round(N) ->
    Main = self(),
    Sink = spawn_opt(fun() -> sink(N, Main) end, [{scheduler, 2}]),
    Start = erlang:monotonic_time(nanosecond),
    spawn_opt(fun() -> source(N, Sink) end, [{scheduler, 1}]),
    receive all -> ok end,
    N * 1.0e9 / (erlang:monotonic_time(nanosecond) - Start).

source(0, _) -> ok;
source(N, Sink) -> Sink ! {add, N, <<"abc">>}, source(N - 1, Sink).

sink(0, Main) -> Main ! all;
sink(N, Main) -> receive {add, _, _} -> sink(N - 1, Main) end.
