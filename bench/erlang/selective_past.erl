-module(selective_past).
-export([round/1]).

round(N) -> selective:with_mailbox(N, 100000, fun() -> take(N) end) / 1000.

take(0) -> ok;
take(N) ->
    self() ! wanted,
    receive wanted -> take(N - 1) end.
