-module(spawning_server).
-behaviour(gen_server).
-export([round/1, init/1, handle_call/3, handle_cast/2]).

round(N) ->
    Ns = bench:cpu_ns(N, fun() -> put(pids, [begin_one() || _ <- lists:seq(1, N)]) end),
    spawning:stop(get(pids)),
    Ns.

begin_one() ->
    {ok, Pid} = gen_server:start(?MODULE, 0, []),
    Pid.

init(State) -> {ok, State}.
handle_call(_, _From, State) -> {reply, State, State}.
handle_cast(_, State) -> {noreply, State}.
