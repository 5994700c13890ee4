-module(casting).
-behaviour(gen_server).
-export([round/1, init/1, handle_call/3, handle_cast/2]).

round(N) -> bench:cpu_ns(N, fun() -> cast(N) end).

%% The last is a call: it is answered when all casts before it are done.
cast(N) ->
    {ok, Server} = gen_server:start(?MODULE, 0, []),
    calling:repeat(N, fun() -> gen_server:cast(Server, {add, 1}) end),
    N = gen_server:call(Server, get, infinity),
    gen_server:stop(Server).

init(State) -> {ok, State}.
handle_call(get, _From, State) -> {reply, State, State}.
handle_cast({add, By}, State) -> {noreply, State + By}.
