%% Calls to a server on another scheduler, one at a time or by a thousand callers: microseconds.
-module(cross_thread_call).
-behaviour(gen_server).
-export([round/1]).
-export([init/1, handle_call/3, handle_cast/2]).

round(N) ->
    {ok, Server} = gen_server:start(?MODULE, [], [{spawn_opt, [{scheduler, 2}]}]),
    One = timed(N, 1, Server),
    Many = timed(N, 1000, Server),
    gen_server:stop(Server),
    [{"one caller", One}, {"1,000 callers", Many}].

timed(N, Callers, Server) ->
    Main = self(),
    Each = max(1, N div Callers),
    Start = erlang:monotonic_time(nanosecond),
    [spawn_opt(fun() -> calls(Each, Server), Main ! done end, [{scheduler, 1}])
     || _ <- lists:seq(1, Callers)],
    [receive done -> ok end || _ <- lists:seq(1, Callers)],
    (erlang:monotonic_time(nanosecond) - Start) / 1000 / (Each * Callers).

calls(0, _) -> ok;
calls(N, Server) ->
    _ = gen_server:call(Server, {double, N}),
    calls(N - 1, Server).

init([]) -> {ok, null}.
handle_call({double, N}, _From, State) -> {reply, N * 2, State}.
handle_cast(_, State) -> {noreply, State}.
