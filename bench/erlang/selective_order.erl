-module(selective_order).
-export([round/1]).

round(N) -> selective:with_mailbox(N, N, fun() -> drain(N) end).

drain(0) -> ok;
drain(N) -> receive _ -> drain(N - 1) end.
