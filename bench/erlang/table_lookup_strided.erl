%% ets:lookup/2 of every row of a table of type ordered_set, keys a constant stride apart.
-module(table_lookup_strided).
-export([round/1]).

round(N) ->
    Table = ets:new(rows, [ordered_set, public]),
    table_insert_strided:fill(Table, N),
    Ns = bench:cpu_ns(N, fun() -> true = N * (N - 1) div 2 =:= look_up(Table, N, 0, 0) end),
    ets:delete(Table),
    Ns.

look_up(_, N, N, Sum) -> Sum;
look_up(Table, N, I, Sum) ->
    [{_, Count}] = ets:lookup(Table, I * 611953 rem N),
    look_up(Table, N, I + 1, Sum + Count).
