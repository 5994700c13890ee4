%% ets:lookup/2 of every row of a table of type ordered_set, keys ascending.
-module(table_lookup_ascending).
-export([round/1]).

round(N) ->
    Table = ets:new(rows, [ordered_set, public]),
    table_insert_ascending:fill(Table, N),
    Ns = bench:cpu_ns(N, fun() -> true = N * (N - 1) div 2 =:= look_up(Table, N, 0, 0) end),
    ets:delete(Table),
    Ns.

look_up(_, N, N, Sum) -> Sum;
look_up(Table, N, I, Sum) ->
    [{_, Count}] = ets:lookup(Table, I),
    look_up(Table, N, I + 1, Sum + Count).
