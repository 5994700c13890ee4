%% How late timers of a millisecond are, while two pairs of processes play as fast as they can. The
%% virtual machine rounds a timer up to its next tick, idle or not.
-module(fairness).
-export([round/1]).

round(Timers) ->
    Players = [spawn(fun play/0) || _ <- lists:seq(1, 4)],
    [A, B, C, D] = Players,
    A ! {ball, B}, C ! {ball, D},
    Lags = lists:sort([lag() || _ <- lists:seq(1, Timers)]),
    [exit(Player, kill) || Player <- Players],
    [{"p50", at(Lags, 0.5)}, {"p99", at(Lags, 0.99)}, {"max", lists:last(Lags)}].

play() -> receive {ball, Other} -> Other ! {ball, self()}, play() end.

lag() ->
    Before = erlang:monotonic_time(),
    erlang:send_after(1, self(), wake),
    receive wake -> ok end,
    erlang:convert_time_unit(erlang:monotonic_time() - Before, native, microsecond) / 1000 - 1.

at(Sorted, Share) -> lists:nth(min(length(Sorted), 1 + trunc(length(Sorted) * Share)), Sorted).
