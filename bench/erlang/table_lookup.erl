%% ets:lookup/2 of every row of a table of type set.
-module(table_lookup).
-export([round/1]).

round(N) ->
    Table = ets:new(rows, [set, public]),
    table_insert:fill(Table, N),
    Mask = (1 bsl ceil(math:log2(N))) - 1,
    Sum = N * (N - 1) div 2,
    Ns = bench:cpu_ns(N, fun() -> Sum = look_up(Table, N, Mask, 0, 0) end),
    ets:delete(Table),
    Ns.

look_up(_, 0, _, _, Sum) -> Sum;
look_up(Table, N, Mask, Last, Sum) ->
    Key = (Last * 1664525 + 1013904223) band Mask,
    [{_, Count}] = ets:lookup(Table, Key),
    look_up(Table, N - 1, Mask, Key, Sum + Count).
