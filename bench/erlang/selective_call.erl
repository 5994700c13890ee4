-module(selective_call).
-export([round/1]).

round(N) ->
    {ok, Server} = gen_server:start(calling, 0, []),
    Call = fun() -> gen_server:call(Server, {add, 1}) end,
    Ns = selective:with_mailbox(N, 100000, fun() -> calling:repeat(N, Call) end),
    gen_server:stop(Server),
    Ns.
