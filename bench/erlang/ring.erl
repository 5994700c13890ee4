-module(ring).
-export([round/1]).

-define(PROCESSES, 1000).

round(N) -> bench:cpu_ns(N, fun() -> run(N) end).

run(N) ->
    Main = self(),
    First = spawn(fun() -> receive {next, Next} -> member(Next, Main) end end),
    {Last, All} = lists:foldl(
        fun(_, {Next, Pids}) ->
            Pid = spawn(fun() -> member(Next, Main) end),
            {Pid, [Pid | Pids]}
        end,
        {First, [First]},
        lists:seq(2, ?PROCESSES)
    ),
    First ! {next, Last},
    First ! N,
    receive done -> ok end,
    [exit(Pid, kill) || Pid <- All],
    ok.

member(Next, Main) ->
    receive
        0 -> Main ! done, member(Next, Main);
        Left -> Next ! Left - 1, member(Next, Main)
    end.
