-module(calling_many).
-export([round/1]).

round(N) ->
    {ok, Server} = gen_server:start(calling, 0, []),
    Fun = fun() -> gen_server:call(Server, {add, 1}) end,
    Ns = bench:cpu_ns(N, fun() -> calling:callers(N, 1000, Fun) end),
    gen_server:stop(Server),
    Ns.
