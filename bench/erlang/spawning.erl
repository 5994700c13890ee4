-module(spawning).
-export([round/1, idle/0, stop/1]).

round(N) ->
    Ns = bench:cpu_ns(N, fun() -> put(pids, [spawn(fun idle/0) || _ <- lists:seq(1, N)]) end),
    stop(get(pids)),
    Ns.

idle() -> receive stop -> ok end.

%% Ends processes, and waits until the last of them has.
stop(Pids) ->
    [exit(Pid, kill) || Pid <- Pids],
    Ref = monitor(process, lists:last(Pids)),
    receive {'DOWN', Ref, process, _, _} -> ok end.
