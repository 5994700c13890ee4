%% What a release handler does to each process of a module: suspend, change_code, resume.
-module(upgrading).
-behaviour(gen_server).
-export([round/1, init/1, handle_call/3, handle_cast/2, code_change/3]).

round(N) ->
    Servers = [begin_one() || _ <- lists:seq(1, N)],
    Before = calls(N, Servers, 0),
    Ns = bench:cpu_ns(N, fun() -> [upgrade(Server) || Server <- Servers] end),
    After = calls(N, Servers, 1),
    spawning:stop(Servers),
    [{"a server", Ns}, {"a call before", Before}, {"a call afterwards", After}].

begin_one() ->
    {ok, Server} = gen_server:start(?MODULE, 0, []),
    Server.

calls(N, Servers, State) ->
    bench:cpu_ns(N, fun() -> [State = gen_server:call(Server, get) || Server <- Servers] end).

upgrade(Server) ->
    ok = sys:suspend(Server),
    ok = sys:change_code(Server, ?MODULE, 1, extra),
    ok = sys:resume(Server).

init(State) -> {ok, State}.
handle_call(get, _From, State) -> {reply, State, State}.
handle_cast(_, State) -> {noreply, State}.
code_change(_, State, _) -> {ok, State + 1}.
