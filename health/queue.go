package health

import (
	"bytes"
	"io/fs"
	"strings"
	"time"
)

// maxThreads bounds how many threads are asked: a look at each costs some ten
// microseconds. The first ones are those that Go has had longest and uses most, and
// beyond that number the delay is that of a part.
const maxThreads = 128

// A runQueue adds up for how long threads were ready to run and no CPU was free for
// them. Threads come and go, so that each one's counter is remembered.
type runQueue struct {
	waited, spare map[string]time.Duration // by thread
}

// since returns the delay since the call before, nil if the system does not tell. Of
// a new thread all its time counts, of one that has ended its last part is lost.
func (q *runQueue) since(r *reader) *time.Duration {
	if r.fsys == nil {
		return nil
	}
	const tasks = "proc/self/task"
	threads := entries(r.fsys, tasks, maxThreads)
	now := q.spare
	if now == nil {
		now = make(map[string]time.Duration, len(threads))
	}
	clear(now)
	var sum time.Duration
	for _, thread := range threads {
		waited, ok := parseSchedstat(r.read(tasks + "/" + thread + "/schedstat"))
		if !ok {
			continue // it has just ended
		}
		now[thread] = waited
		sum += max(waited-q.waited[thread], 0)
	}
	known := len(now) > 0
	q.waited, q.spare = now, q.waited
	if !known {
		return nil
	}
	return &sum
}

// entries returns up to limit names of a directory.
func entries(fsys fs.FS, name string, limit int) []string {
	dir, err := fsys.Open(name)
	if err != nil {
		return nil
	}
	defer dir.Close() //nolint:errcheck // only read
	if names, ok := dir.(interface{ Readdirnames(n int) ([]string, error) }); ok {
		found, _ := names.Readdirnames(limit) // what was read before an error is good
		return found
	}
	list, ok := dir.(fs.ReadDirFile)
	if !ok {
		return nil
	}
	var out []string
	found, _ := list.ReadDir(limit)
	for _, entry := range found {
		out = append(out, strings.Clone(entry.Name()))
	}
	return out
}

// parseSchedstat returns the time that a thread waited for a CPU: the second of three
// numbers, in nanoseconds.
func parseSchedstat(text []byte) (time.Duration, bool) {
	fields := bytes.Fields(text)
	if len(fields) != 3 {
		return 0, false
	}
	n := number(fields[1])
	return time.Duration(n), n >= 0
}
