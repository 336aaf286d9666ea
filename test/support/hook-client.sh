#!/bin/bash
# What git starts as a hook in the tests: hands everything to hook.mjs, says what it says and ends as it ends.
# usage: hook-client.sh PORT VERB ROOT MODE
exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
{ printf '%s\0' "$2" "$3" "$4" "$(pwd -P)"; /usr/bin/env -0; printf '\0'; } >&3
IFS= read -r code <&3
while IFS= read -r line <&3; do printf '%s\n' "$line" >&2; done
exit "$code"
