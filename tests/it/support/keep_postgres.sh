# Keeps one PostgreSQL for as long as a test process holds the lease, and ten seconds more; then takes everything away.
# Arguments: the lease file, the address file (removed at the end), the folder of the binaries, a free port, the first user.
set -eu
lease=$1 address=$2 bin=$3 port=$4 user=$5
trap '' HUP INT
umask 077
# Not /tmp, which is memory on some machines: a database takes 7 MB.
data=$(mktemp -d "${TMPDIR:-/var/tmp}/salama-postgres.XXXXXX")
cd "$data"
server=
end() {
    [ -z "$server" ] || { kill -QUIT "$server" && wait "$server"; } || :
    cd /
    rm -rf "$data" "$address"
}
trap end EXIT
trap 'exit 1' TERM

# PostgreSQL refuses to run as root.
as="setpriv --pdeathsig QUIT"
if [ "$(id -u)" = 0 ]; then
    chown nobody "$data"
    as="$as --reuid=nobody --regid=$(id -g nobody) --clear-groups"
fi
$as "$bin/initdb" -D "$data/cluster" -U "$user" --auth=trust --no-sync --encoding=UTF8 --locale=C >/dev/null
$as "$bin/postgres" -D "$data/cluster" -p "$port" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c jit=off \
    -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=96MB -c log_min_messages=fatal &
server=$!

# Opened only now, so that the server does not inherit it. Whoever comes while it is held waits for the end, and starts anew.
exec 9>>"$lease"
while :; do
    flock 9
    flock --unlock 9
    sleep 10
    if flock --nonblock 9; then break; fi
done
