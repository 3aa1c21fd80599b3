#!/bin/sh
# Writes docs/dashboard.svg, the README's picture: a real run of the demo in a real
# terminal, taken while its alert fires.
#
# It needs Go, tmux, half a minute, and a machine that is otherwise idle: on a busy one
# the picture says that the generator was the limit, and is not written.
set -eu
cd "$(dirname "$0")/../.."
out=docs/dashboard.svg
dir=$(mktemp -d)
terminal() { tmux -L "picture$$" -f /dev/null "$@"; }
trap 'terminal kill-server 2>/dev/null || true; rm -rf "$dir"' EXIT

go build -o "$dir/floodmark" ./cmd/floodmark
go build -o "$dir/svg" ./dashboard/svg
terminal new-session -d -x 100 -y 30 \
	"cd $dir && env -u CI -u NO_COLOR TERM=xterm-256color COLORTERM=truecolor LANG=C.UTF-8 ./floodmark demo run -d 30s --ui tui --no-save --no-control"

tries=0
until terminal capture-pane -p | grep -q '00:23 / 00:30'; do
	tries=$((tries + 1))
	[ "$tries" -lt 400 ] || { echo "the run did not get to 00:23" >&2; exit 1; }
	sleep 0.1
done
terminal capture-pane -ep >"$dir/screen"
for word in FIRING FAIL 'generator OK'; do
	grep -q "$word" "$dir/screen" || { echo "the picture does not show $word: try again" >&2; exit 1; }
done
"$dir/svg" <"$dir/screen" >"$out"
echo "$out: $(wc -c <"$out") bytes"
