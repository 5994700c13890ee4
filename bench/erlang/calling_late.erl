%% A server that answers when a thousand wait.
-module(calling_late).
-behaviour(gen_server).
-export([round/1, init/1, handle_call/3, handle_cast/2, handle_info/2]).

round(N) ->
    {ok, Server} = gen_server:start(?MODULE, {0, []}, []),
    Fun = fun() -> gen_server:call(Server, {add, 1}) end,
    Ns = bench:cpu_ns(N, fun() -> calling:callers(N, 1000, Fun) end),
    gen_server:stop(Server),
    Ns.

init(Waiting) -> {ok, Waiting}.
handle_call(_, From, {Count, Waiting}) when Count < 999 ->
    {noreply, {Count + 1, [From | Waiting]}};
handle_call(_, From, {_, Waiting}) ->
    self() ! {answer, [From | Waiting]},
    {noreply, {0, []}}.
handle_cast(_, State) -> {noreply, State}.
handle_info({answer, All}, State) ->
    [gen_server:reply(From, 1) || From <- All],
    {noreply, State}.
