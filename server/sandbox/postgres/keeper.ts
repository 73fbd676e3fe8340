/**
 * A shell script that keeps one server for as long as its own standard input is open. The system closes
 * that pipe whichever way the owner ends, SIGKILL included, so that no server outlives its owner; and
 * because the script is the server's parent there is no moment at which a server is unwatched.
 *
 * Arguments: `keep` or `remove` (the data folder, after a proper end), the data folder, the server's
 * command. Says the server's pid; after a bad end also the last of its log. SIGINT is PostgreSQL's fast
 * shutdown.
 */
export const keeper = `
after=$1 data=$2
shift 2
exec 3<&0
"$@" </dev/null >"$data/server.log" 2>&1 3<&- &
server=$!
{ read -r _ <&3; kill -INT "$server"; } >/dev/null &
reader=$!
exec 3<&-
echo "$server"
wait "$server"
code=$?
kill "$reader"
if [ "$code" -ne 0 ]; then tail -n 20 "$data/server.log"
elif [ "$after" = remove ]; then rm -rf "$data"
fi
exit "$code"
`
