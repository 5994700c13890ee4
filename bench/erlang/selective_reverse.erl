-module(selective_reverse).
-export([round/1]).

round(N) -> selective:with_mailbox(N, N, fun() -> take(N - 1) end).

take(-1) -> ok;
take(I) -> receive {junk, I} -> take(I - 1) end.
