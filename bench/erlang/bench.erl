%% Runs the rounds of one question: reads how many units the next round has, a line each, and prints
%% what Module:round/1 measured as a line of JSON. Ends when its input does.
-module(bench).
-export([main/1, cpu_ns/2]).

main(Module) ->
    logger:set_primary_config(level, none),
    loop(Module).

loop(Module) ->
    case io:get_line("") of
        eof -> halt(0);
        {error, _} -> halt(1);
        Line ->
            %% Each round has a process of its own, so that it leaves no garbage to the next.
            {Pid, Ref} = spawn_opt(fun() -> exit({measured, Module:round(units(Line))}) end,
                                   [monitor]),
            receive
                {'DOWN', Ref, process, Pid, {measured, Figures}} ->
                    io:put_chars([json(Figures), "\n"]),
                    erlang:garbage_collect(),
                    loop(Module);
                {'DOWN', Ref, process, Pid, Reason} ->
                    io:format(standard_error, "~p: ~p~n", [Module, Reason]),
                    halt(1)
            end
    end.

units(Line) -> list_to_integer(string:trim(Line)).

%% CPU nanoseconds a unit, of all threads of the virtual machine; whole milliseconds is all it tells.
cpu_ns(N, Fun) ->
    {Before, _} = statistics(runtime),
    Fun(),
    {After, _} = statistics(runtime),
    (After - Before) * 1000000 / N.

%% A figure, or a list of {Name, Figure}.
json(Figure) when is_number(Figure) -> json([{"", Figure}]);
json(Figures) ->
    Fields = [io_lib:format("\"~s\":~s", [Name, number(Value)]) || {Name, Value} <- Figures],
    ["{", lists:join(",", Fields), "}"].

number(Value) when is_integer(Value) -> integer_to_list(Value);
number(Value) -> io_lib:format("~.6f", [Value]).
