-module(restart_first).
-export([round/1]).

%% The first 200 of as many supervisors as it takes.
round(N) ->
    Trees = max(1, N div 200),
    lists:sum([restart:one_by_one(200, exit) || _ <- lists:seq(1, Trees)]) / Trees.
