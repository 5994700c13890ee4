-module(restart_error).
-export([round/1]).

round(N) -> restart:one_by_one(N, error).
