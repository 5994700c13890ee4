%% The questions of bench/ping-pong.ts, call.ts and spawn.ts, asked to Erlang. Each prints one figure: the
%% median of five rounds after a warm-up, CPU nanoseconds a unit.
-module(arbor_peer).
-behaviour(gen_server).
-export([ping_pong/1, call/1, spawn/1, init/1, handle_call/3, handle_cast/2]).

ping_pong(N) -> print(N, fun() -> play(N) end).

call(N) ->
    {ok, Server} = gen_server:start(?MODULE, 0, []),
    print(N, fun() -> repeat(N, fun() -> gen_server:call(Server, {add, 1}) end) end).

spawn(N) ->
    print(N, fun() ->
        Pids = [erlang:spawn(fun() -> receive stop -> ok end end) || _ <- lists:seq(1, N)],
        put(pids, Pids)
    end, fun() -> [Pid ! stop || Pid <- get(pids)], timer:sleep(200) end).

play(N) ->
    Main = self(),
    Pong = erlang:spawn(fun Loop() -> receive {From, M} -> From ! M, Loop(); stop -> ok end end),
    erlang:spawn(fun() -> ping(Pong, N div 2), Main ! done end),
    receive done -> Pong ! stop end.

ping(_, 0) -> ok;
ping(Pong, N) -> Pong ! {self(), N}, receive N -> ping(Pong, N - 1) end.

repeat(0, _) -> ok;
repeat(N, Fun) -> Fun(), repeat(N - 1, Fun).

print(N, Round) -> print(N, Round, fun() -> ok end).
print(N, Round, Clean) ->
    Round(), Clean(),
    Times = lists:sort([timed(Round, Clean) || _ <- lists:seq(1, 5)]),
    io:format("~p~n", [lists:nth(3, Times) * 1000000 / N]).

timed(Round, Clean) ->
    {Before, _} = statistics(runtime),
    Round(),
    {After, _} = statistics(runtime),
    Clean(),
    After - Before.

init(State) -> {ok, State}.
handle_call({add, By}, _From, State) -> {reply, State + By, State + By}.
handle_cast(_, State) -> {noreply, State}.
