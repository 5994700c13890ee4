%% Bytes of an idle process, a gen_server, and one under a supervisor: what the virtual machine has
%% for all its processes, before and after.
-module(memory).
-behaviour(gen_server).
-export([round/1, start_server/0, init/1, handle_call/3, handle_cast/2]).

round(N) ->
    [
        {"process", weigh(N, fun() -> spawn(fun spawning:idle/0) end)},
        {"GenServer", weigh(N, fun() -> {ok, Pid} = gen_server:start(?MODULE, server, []), Pid end)},
        {"supervised GenServer", supervised(N)}
    ].

weigh(N, Make) ->
    Before = bytes(),
    Pids = [Make() || _ <- lists:seq(1, N)],
    Bytes = (bytes() - Before) / N,
    spawning:stop(Pids),
    Bytes.

supervised(N) ->
    process_flag(trap_exit, true),
    {ok, Sup} = supervisor:start_link(?MODULE, supervisor),
    Before = bytes(),
    [{ok, _} = supervisor:start_child(Sup, []) || _ <- lists:seq(1, N)],
    erlang:garbage_collect(Sup),
    Bytes = (bytes() - Before) / N,
    exit(Sup, kill),
    receive {'EXIT', Sup, _} -> ok end,
    Bytes.

%% The garbage of who measures is not the weight of what it made.
bytes() ->
    erlang:garbage_collect(),
    erlang:memory(processes).

start_server() -> gen_server:start_link(?MODULE, server, []).

init(server) -> {ok, 0};
init(supervisor) ->
    Child = #{id => child, start => {?MODULE, start_server, []}, restart => permanent},
    {ok, {#{strategy => simple_one_for_one}, [Child]}}.

handle_call(_, _From, State) -> {reply, State, State}.
handle_cast(_, State) -> {noreply, State}.
