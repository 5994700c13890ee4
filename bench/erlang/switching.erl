%% gen_statem:cast/2 to a machine that goes from one of three states to the next.
-module(switching).
-behaviour(gen_statem).
-export([round/1, init/1, callback_mode/0, red/3, green/3, amber/3]).

round(N) -> bench:cpu_ns(N, fun() -> cast(N) end).

%% The last is a call: it is answered when all casts before it are done.
cast(N) ->
    {ok, Light} = gen_statem:start(?MODULE, [], []),
    calling:repeat(N, fun() -> gen_statem:cast(Light, next) end),
    N = gen_statem:call(Light, count, infinity),
    gen_statem:stop(Light).

callback_mode() -> state_functions.
init(_) -> {ok, red, 0}.

red(Type, Event, Count) -> handle(Type, Event, green, Count).
green(Type, Event, Count) -> handle(Type, Event, amber, Count).
amber(Type, Event, Count) -> handle(Type, Event, red, Count).

handle(cast, next, Next, Count) -> {next_state, Next, Count + 1};
handle({call, From}, next, Next, Count) ->
    {next_state, Next, Count + 1, [{reply, From, Count}]};
handle({call, From}, count, _, Count) -> {keep_state_and_data, [{reply, From, Count}]}.
