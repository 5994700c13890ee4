%% gen_statem:call/2 to the machine of switching.erl.
-module(switching_call).
-export([round/1]).

round(N) ->
    {ok, Light} = gen_statem:start(switching, [], []),
    Ns = bench:cpu_ns(N, fun() ->
        calling:repeat(N, fun() -> gen_statem:call(Light, next) end)
    end),
    gen_statem:stop(Light),
    Ns.
