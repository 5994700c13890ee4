%% A supervisor of a thousand servers, of which each tells the tester when it is up.
-module(restart).
-behaviour(gen_server).
-export([one_by_one/2, burst/1, start_server/2, init/1, handle_call/3, handle_cast/2]).

-define(CHILDREN, 1000).

%% Microseconds of a crash and its restart, one after the other.
one_by_one(N, How) ->
    {Sup, Pids} = plant(),
    Ns = bench:cpu_ns(N, fun() -> one_by_one(0, N, How, Pids) end),
    uproot(Sup),
    Ns / 1000.

one_by_one(N, N, _, _) -> ok;
one_by_one(I, N, How, Pids) ->
    Number = I rem ?CHILDREN,
    gen_server:cast(maps:get(Number, Pids), How),
    receive {up, Number, Pid} -> one_by_one(I + 1, N, How, Pids#{Number := Pid}) end.

%% All of them at once, so often that N have crashed.
burst(N) ->
    {Sup, Pids} = plant(),
    Bursts = max(1, round(N / ?CHILDREN)),
    Ns = bench:cpu_ns(Bursts * ?CHILDREN, fun() -> bursts(Bursts, Pids) end),
    uproot(Sup),
    Ns / 1000.

bursts(0, _) -> ok;
bursts(Left, Pids) ->
    [gen_server:cast(Pid, exit) || Pid <- maps:values(Pids)],
    bursts(Left - 1, maps:from_list(up())).

plant() ->
    process_flag(trap_exit, true),
    {ok, Sup} = supervisor:start_link(?MODULE, {supervisor, self()}),
    {Sup, maps:from_list(up())}.

up() -> [receive {up, Number, Pid} -> {Number, Pid} end || _ <- lists:seq(1, ?CHILDREN)].

uproot(Sup) ->
    exit(Sup, kill),
    receive {'EXIT', Sup, _} -> ok end.

start_server(Number, Tester) -> gen_server:start_link(?MODULE, {server, Number, Tester}, []).

init({supervisor, Tester}) ->
    Children = [
        #{id => Number, start => {?MODULE, start_server, [Number, Tester]}}
     || Number <- lists:seq(0, ?CHILDREN - 1)
    ],
    {ok, {#{intensity => 1000000, period => 3600}, Children}};
init({server, Number, Tester}) ->
    Tester ! {up, Number, self()},
    {ok, 0}.

handle_call(_, _From, State) -> {reply, State, State}.
handle_cast(exit, _) -> exit(broken);
handle_cast(error, _) -> error(broken).
