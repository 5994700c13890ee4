-module(restart_burst).
-export([round/1]).

round(N) -> restart:burst(N).
