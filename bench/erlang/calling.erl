%% gen_server:call/2: a monitor, an alias, a timeout of 5 s.
-module(calling).
-behaviour(gen_server).
-export([round/1, repeat/2, callers/3, init/1, handle_call/3, handle_cast/2]).

round(N) ->
    {ok, Server} = gen_server:start(?MODULE, 0, []),
    Ns = bench:cpu_ns(N, fun() -> repeat(N, fun() -> gen_server:call(Server, {add, 1}) end) end),
    gen_server:stop(Server),
    Ns.

repeat(0, _) -> ok;
repeat(N, Fun) -> Fun(), repeat(N - 1, Fun).

%% So many processes, each with its part of the calls; at least one.
callers(N, Callers, Fun) ->
    Each = max(1, N div Callers),
    Refs = [
        element(2, spawn_monitor(fun() -> repeat(Each, Fun) end))
     || _ <- lists:seq(1, Callers)
    ],
    [receive {'DOWN', Ref, process, _, normal} -> ok end || Ref <- Refs].

init(State) -> {ok, State}.
handle_call({add, By}, _From, State) -> {reply, State + By, State + By}.
handle_cast(_, State) -> {noreply, State}.
