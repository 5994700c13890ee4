%% A process whose mailbox is filled before it is measured.
-module(selective).
-export([with_mailbox/3]).

%% CPU nanoseconds a unit of Fun, which runs with so many messages {junk, I} waiting.
with_mailbox(Units, Junk, Fun) ->
    Main = self(),
    Pid = spawn(fun() ->
        receive go -> ok end,
        Main ! {measured, bench:cpu_ns(Units, Fun)}
    end),
    [Pid ! {junk, I} || I <- lists:seq(0, Junk - 1)],
    Pid ! go,
    receive {measured, Ns} -> Ns end.
