%% Seconds by the clock, for a million.
-module(spawning_clock).
-export([round/1]).

round(N) ->
    {Us, Pids} = timer:tc(fun() -> [spawn(fun spawning:idle/0) || _ <- lists:seq(1, N)] end),
    spawning:stop(Pids),
    Us / N.
