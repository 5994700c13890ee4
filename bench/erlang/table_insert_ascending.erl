%% ets:insert/2 into a table of type ordered_set, keys ascending.
-module(table_insert_ascending).
-export([round/1, fill/2]).

round(N) ->
    Table = ets:new(rows, [ordered_set, public]),
    Ns = bench:cpu_ns(N, fun() -> fill(Table, N) end),
    N = ets:info(Table, size),
    ets:delete(Table),
    Ns.

fill(Table, N) -> fill(Table, N, 0).

fill(_, N, N) -> ok;
fill(Table, N, I) -> ets:insert(Table, {I, I}), fill(Table, N, I + 1).
