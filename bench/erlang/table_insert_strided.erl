%% ets:insert/2 into a table of type ordered_set, keys a constant stride apart (bench/table.ts).
-module(table_insert_strided).
-export([round/1, fill/2]).

round(N) ->
    Table = ets:new(rows, [ordered_set, public]),
    Ns = bench:cpu_ns(N, fun() -> fill(Table, N) end),
    N = ets:info(Table, size),
    ets:delete(Table),
    Ns.

fill(Table, N) -> fill(Table, N, 0).

fill(_, N, N) -> ok;
fill(Table, N, I) ->
    ets:insert(Table, {I * 611953 rem N, I}),
    fill(Table, N, I + 1).
