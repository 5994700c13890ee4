%% ets:insert/2 into a table of type ordered_set; the keys are those of bench/table.ts.
-module(table_insert_ordered).
-export([round/1, fill/2]).

round(N) ->
    Table = ets:new(rows, [ordered_set, public]),
    Ns = bench:cpu_ns(N, fun() -> fill(Table, N) end),
    N = ets:info(Table, size),
    ets:delete(Table),
    Ns.

fill(Table, N) -> fill(Table, N, (1 bsl ceil(math:log2(N))) - 1, 0, 0).

fill(_, N, _, _, N) -> ok;
fill(Table, N, Mask, Last, I) ->
    Key = (Last * 1664525 + 1013904223) band Mask,
    ets:insert(Table, {Key, I}),
    fill(Table, N, Mask, Key, I + 1).
